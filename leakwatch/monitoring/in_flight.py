"""What becomes more for a while only: work in flight, which ends by itself.

A server that has just been given load sets a timer for each connection. They rise until the first
are due, however often one looks in that time.
"""

from leakwatch.heap.fields import loaded, own_field
from leakwatch.heap.listing import listed_of
from leakwatch.heap.provenance import is_standard_module
from leakwatch.interpreter import monotonic
from leakwatch.model import Leak
from leakwatch.monitoring.census import Addresses, Look
from leakwatch.reports.wording import counted

SOON = 60.0
"""Seconds within which requests end, and the timers that servers set for a connection."""
MOST_LATE = 0.25
"""The share of the new timers that may be due later where they are taken for such ones."""


def in_flight(leak: Leak, first: Look) -> str:
    """What is said of such objects; empty where they are no work in flight.

    Nothing is where the first look was a minute ago: by now as much has ended as has begun.

    Args:
        leak: objects that became more since the first look.
        first: that look.
    """
    root, some = leak.path.root, counted(leak.count, f"{leak.type_name} object")
    if monotonic() - first.at > SOON:
        return ""
    if root.facts.is_event_loop and timers_end_soon(first):
        return f"{some} more wait in {leak.cause}, where each timer ends within a minute"
    if is_of_nobody(leak):
        return f"{some} more are held by native code, as by work that runs: no holder is known"
    return ""


def timers_end_soon(first: Look) -> bool:
    """Whether nearly all timers that event loops got since a look are due within a minute."""
    events = loaded("asyncio.events")
    if events is None:
        return False
    timers, before = frozenset({id(events.TimerHandle)}), Addresses(first.there)
    due = [own_field(it, "_when") for it in listed_of(timers) if id(it) not in before]
    # The clock of a loop is `time.monotonic`, as ours.
    soon = monotonic() + SOON
    late = [it for it in due if type(it) is not float or it > soon]
    return len(late) < len(due) * MOST_LATE


def is_of_nobody(leak: Leak) -> bool:
    """Whether neither an object nor a holder tells whose they are.

    An argument on its way into a function in C is such a one.
    """
    path = leak.path
    met = [leak.type_name, *(it.holder_type for it in path.references)]
    # A holder of a builtin type is called `list` on a path, without its module.
    return path.root.facts.is_unseen and all("." not in it or is_standard_module(it) for it in met)
