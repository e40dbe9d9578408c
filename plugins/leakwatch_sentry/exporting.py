"""The event of a cause, and the hook that sends it."""

from typing import Any

import sentry_sdk
from sentry_sdk.types import Event

from leakwatch import Report, hookimpl
from leakwatch.extending import Find, Tally, is_news, summary
from leakwatch.integration import Outbox, take_part
from leakwatch.model import Leak

MOST_TYPES = 10
"""Types of one cause that an event names."""
MORE = ["leakwatch", "more causes"]
"""Fingerprint of the event that there are more causes than have events."""


def event_of(find: Find) -> Event:
    """The event of a cause, without values of the program."""
    leak = find.leak
    tags = {"leakwatch.signature": find.signature, "leakwatch.type": find.type_name}
    if leak.pattern is not None:
        tags["leakwatch.pattern"] = leak.pattern.code
    return plain_event(summary(leak), [find.signature]) | {
        "transaction": find.cause,
        "tags": tags,
        "contexts": {"leak": facts_of(leak, find.cause)},
    }


def plain_event(message: str, fingerprint: list[str]) -> Event:
    """What all events have."""
    return {
        "message": message,
        "level": "warning",
        "logger": "leakwatch",
        "fingerprint": fingerprint,
        # With `attach_stacktrace` the SDK would add our own frames, and the variables in them.
        "threads": {"values": []},
    }


def facts_of(leak: Leak, cause: str) -> dict[str, Any]:
    """What an issue shows of a leak; sizes in bytes."""
    types = {it.type_name: it.count for it in leak.types[:MOST_TYPES]}
    known = {"type": "leak", "cause": cause, "objects": leak.count, "types": types}
    known |= {"retained_bytes": leak.retained_bytes, "signature": leak.signature}
    if leak.growth is not None:
        known["growth"] = f"{leak.growth:g} per {leak.growth_per}"
    if leak.pattern is not None:
        known |= {"mistake": leak.pattern.title, "fix": leak.pattern.fix}
    if leak.born is not None:
        known["born"] = str(leak.born)
    return known


def send(event: Event) -> None:
    """Send it with what the whole process has for tags, and nothing of the request at hand."""
    sentry_sdk.get_client().capture_event(event, scope=sentry_sdk.get_global_scope())


class Exporter:
    """The hook; events are sent on a thread of its own, for the SDK takes locks.

    Args:
        most_causes: how many causes have an event.
    """

    def __init__(self, most_causes: int) -> None:
        self._most, self._tally = most_causes, Tally(most_causes)
        self._outbox = Outbox("sentry", self._send)

    @hookimpl
    def leakwatch_scope_closed(self, report: Report) -> None:
        """See `leakwatch.hookspecs`."""
        if is_news(report):
            self._outbox.put(report)

    def flush(self) -> None:
        """See `leakwatch_sentry.flush`."""
        self._outbox.flush()

    def _send(self, report: Report) -> None:
        for find in self._tally.add(report):
            if find.is_new:
                send(event_of(find))
            elif find.is_other and find.times == 1:
                send(plain_event(f"more than {self._most} causes: no event of any other", MORE))


_exporters: list[Exporter] = []


def start(most_causes: int) -> None:
    """See `leakwatch_sentry.export`."""
    Tally(most_causes)  # refuses a wrong number, in a second call too
    if not _exporters:
        _exporters.append(Exporter(most_causes))
    take_part(_exporters[0], "sentry")


def flush() -> None:
    """See `leakwatch_sentry.flush`."""
    for exporter in _exporters:
        exporter.flush()
