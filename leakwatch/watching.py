"""Objects that should be gone soon, outside of any scope; judged when somebody asks."""

from leakwatch.case import Case, Host
from leakwatch.heap.frame_roots import asking_frame
from leakwatch.interpreter import monotonic
from leakwatch.report import Report
from leakwatch.settling import settle
from leakwatch.tracking import Handle, Tracker, living

NAME = "watched objects"

watched = Tracker()
"""What `leakwatch.watch` registered in this process."""


def due(now: float) -> list[Handle]:
    """Handles of living objects that should be gone by now."""
    return [handle for handle in watched.alive() if handle.due <= now]


def check(host: Host) -> Report:
    """Judge what should be gone by now; what is not due yet is counted."""
    figures = host.open(NAME)
    now = monotonic()
    settling = settle(lambda: bool(due(now)))
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
    )
    return host.conclude(case)


def waiting(now: float) -> str | None:
    """What is not due yet, in words, or None."""
    later = [handle.due for handle in watched.alive() if handle.due > now]
    if not later:
        return None
    objects = "1 object is" if len(later) == 1 else f"{len(later)} objects are"
    return f"{objects} not due yet, the next in {min(later) - now:.1f} s"
