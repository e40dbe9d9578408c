"""Objects that should be gone soon, outside of any scope; judged when somebody asks."""

from dataclasses import replace

from leakwatch.case import Case, Host
from leakwatch.heap.asking import asking_frame
from leakwatch.interpreter import monotonic
from leakwatch.model import Settling
from leakwatch.report import Report, count_objects
from leakwatch.settling import settle
from leakwatch.tracking import Handle, Tracker, living

NAME = "watched objects"

watched = Tracker()
"""What `leakwatch.watch` registered in this process."""


def due(now: float) -> list[Handle]:
    """Handles of living objects that should be gone by now."""
    return [handle for handle in watched.alive() if handle.due <= now]


def check(host: Host, analyse: str = "here") -> Report:
    """Judge what should be gone by now; what is not due yet is counted."""
    figures = host.open(NAME)
    now = monotonic()
    # Collecting would stop the program for longer than the fork does.
    settling = settle(lambda: bool(due(now))) if analyse == "here" else Settling()
    late = due(now)
    case = Case(
        name=NAME,
        kind="check",
        survivors=(lambda: living(due(now))) if late else None,
        doom="should be gone by now",
        births={id(handle()): handle.site.birth(NAME) for handle in late},
        asking=asking_frame() if late else None,
        settling=settling,
        memory=host.figures(figures),
        not_judged=waiting(now),
        analyse=analyse,
    )
    report = host.conclude(case)
    return report if settling.collections or not late else without_garbage(report)


def waiting(now: float) -> str | None:
    """What is not due yet, in words, or None."""
    later = [handle.due for handle in watched.alive() if handle.due > now]
    if not later:
        return None
    objects = "1 object is" if len(later) == 1 else f"{len(later)} objects are"
    return f"{objects} not due yet, the next in {min(later) - now:.1f} s"


def without_garbage(report: Report) -> Report:
    """The report without what only waits for the collector, which has not run."""
    from leakwatch.heap.garbage import CYCLIC_GARBAGE

    leaks = tuple(leak for leak in report.leaks if leak.path.root.kind != CYCLIC_GARBAGE)
    count = count_objects(report.leaks) - count_objects(leaks)
    if not count:
        return report
    note = f"{count} objects are garbage in cycles that the collector has not freed yet"
    return replace(report, leaks=leaks, notes=(*report.notes, note))
