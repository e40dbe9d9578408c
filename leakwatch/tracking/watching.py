"""Objects that should be gone soon, outside of any scope; judged when somebody asks."""

from leakwatch.guest.importing import held_signals
from leakwatch.heap.provenance import asking_frame
from leakwatch.interpreter import monotonic
from leakwatch.model import Settling
from leakwatch.report import Report
from leakwatch.tracking.case import Case, Host
from leakwatch.tracking.handles import Handle, Tracker, living
from leakwatch.tracking.open_scopes import open_stretches
from leakwatch.tracking.settling import settle

NAME = "watched objects"

watched = Tracker()
"""What `leakwatch.watch` registered in this process."""


def due(now: float) -> list[Handle]:
    """Handles of living objects that should be gone by now."""
    return [handle for handle in watched.alive() if handle.due <= now]


def check(host: Host, analyse: str = "here") -> Report:
    """Judge what should be gone by now, and what scopes had to leave to a judgement in quiet.

    What is not due yet is counted, and so is what other work that is open may still use.
    """
    # What is postponed brings half of the heap package along, which a judgement needs anyhow.
    with held_signals():
        from leakwatch.tracking import postponed

    figures = host.open(NAME)
    now, own = monotonic(), open_stretches()

    def late() -> list[Handle | postponed.Candidate]:
        return [*due(now), *postponed.ready(own)]

    # Collecting would stop the program for longer than the fork does.
    settling = settle(lambda: bool(late())) if analyse == "here" else Settling()
    found = late()
    births = {id(it()): it.site.birth(NAME) for it in found if type(it) is Handle}
    case = Case(
        name=NAME,
        kind="check",
        survivors=(lambda: living(late())) if found else None,
        doom="should be gone by now",
        imported=frozenset(postponed.imported),
        births=births | postponed.births(it for it in found if type(it) is postponed.Candidate),
        asking=asking_frame() if found else None,
        settling=settling,
        memory=host.figures(figures),
        notes=postponed.notes(),
        not_judged="; ".join(filter(None, (waiting(now), postponed.waiting(own)))) or None,
        collected=bool(settling.collections),
        analyse=analyse,
    )
    return host.conclude(case)


def waiting(now: float) -> str | None:
    """What is not due yet, in words, or None."""
    later = [handle.due for handle in watched.alive() if handle.due > now]
    if not later:
        return None
    objects = "1 object is" if len(later) == 1 else f"{len(later)} objects are"
    return f"{objects} not due yet, the next in {min(later) - now:.1f} s"
