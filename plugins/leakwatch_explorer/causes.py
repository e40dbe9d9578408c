"""Causes of a report as pages show them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leakwatch import Report
from leakwatch.extending import holder_of, reference_to_cut, sentence
from leakwatch.model import Leak

MOST_SHOWN = 20
LEAST = 2
"""Objects; a single one is no growth."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A cause.

    Attributes:
        leak: the cause with all that it holds.
        sentence: the same in words.
        cut: the reference to cut and what to cut it in; empty texts where there is none.
        holder: what to cut it in.
    """

    leak: Leak
    sentence: str
    cut: str
    holder: str


def shown(report: Report, least: int = 1) -> tuple[Shown, ...]:
    """The first causes of a report, those that retain most.

    Args:
        report: any.
        least: objects that a cause must hold.
    """
    found = [it for it in (*report.leaks, *report.known, *report.in_use) if it.count >= least]
    found.sort(key=lambda it: (-it.retained_bytes, it.signature))
    return tuple(map(one, found[:MOST_SHOWN]))


def one(leak: Leak) -> Shown:
    """One cause."""
    suspect = reference_to_cut(leak.path)
    if suspect is None:
        return Shown(leak, sentence(leak), "", "")
    return Shown(leak, sentence(leak), suspect.name, holder_of(leak.path, suspect))


@dataclass(frozen=True, slots=True)
class Grown:
    """A cause that holds more objects than before.

    Attributes:
        shown: as it is now.
        more: objects.
        bytes: that it retains more.
    """

    shown: Shown
    more: int
    bytes: int


def grown(older: Report, newer: Report) -> Sequence[Grown]:
    """The causes of a report that hold more than those of an older one, most first."""
    found = sorted(changes(older, newer), key=lambda it: (-it.bytes, it.shown.leak.signature))
    return found[:MOST_SHOWN]


def changes(older: Report, newer: Report) -> Iterator[Grown]:
    """Each cause that holds more than before, or was not there."""
    before = {it.signature: it for it in older.leaks}
    for leak in newer.leaks:
        old = before.get(leak.signature)
        more = leak.count - (old.count if old else 0)
        if more > 0 and leak.count >= LEAST:
            size = leak.retained_bytes - (old.retained_bytes if old else 0)
            yield Grown(one(leak), more, size)
