"""Two reports beside each other: leak by leak, what became of it.

Leaks are the same if their signatures are. What repeated work left behind is compared by its
growth per run, all else by its count.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from leakwatch.model import Leak
from leakwatch.report import Report


class Change(StrEnum):
    """What became of a leak."""

    NEW = "new"
    GROWN = "grown"
    MOVED = "moved"
    UNCHANGED = "unchanged"
    SHRUNK = "shrunk"
    ACCEPTED = "accepted"
    GONE = "gone"
    FIXED = "fixed"


WORSE = frozenset({Change.NEW, Change.GROWN})


@dataclass(frozen=True, slots=True)
class Difference:
    """One leak in two reports.

    Attributes:
        change: what became of it.
        before: the leak in the older report, or None.
        after: the leak in the newer one, or None.
    """

    change: Change
    before: Leak | None
    after: Leak | None

    @property
    def leak(self) -> Leak:
        """The leak as it is now, or was at last."""
        found = self.after or self.before
        assert found is not None
        return found


@dataclass(frozen=True, slots=True)
class Differences:
    """What two reports differ in.

    Attributes:
        question: `diff` or `verify`.
        old: name of the older report.
        new: name of the newer one, or the command that was run again.
        entries: leak by leak, the bad news first.
        ok: whether there is no bad news.
        notes: what else the reader should know.
        not_judged: why a leak may be missing from a report that counts, or None.
    """

    question: str
    old: str
    new: str
    entries: tuple[Difference, ...]
    ok: bool
    notes: tuple[str, ...] = ()
    not_judged: str | None = None

    def counts(self) -> dict[Change, int]:
        """How many leaks there are of each change, in the order of `Change`."""
        found = [entry.change for entry in self.entries]
        return {change: found.count(change) for change in Change if change in found}


def compared(old: Report, new: Report) -> tuple[Difference, ...]:
    """What is new, grown, unchanged, shrunk, accepted meanwhile or gone."""
    before, after = by_signature(old.leaks, old.known), by_signature(new.leaks)
    accepted = by_signature(new.known)
    found = [grown_or_shrunk(before.get(it.signature), it) for it in new.leaks]
    for leak in old.leaks:
        if leak.signature in accepted:
            found.append(Difference(Change.ACCEPTED, leak, accepted[leak.signature]))
        elif leak.signature not in after:
            found.append(Difference(Change.GONE, leak, None))
    return ordered(found)


def verified(old: Report, new: Report) -> tuple[Difference, ...]:
    """What became of the leaks of a report, accepted ones too, after an attempt to fix them.

    One that is gone while another of the same type and pattern appeared has moved: it was only
    the path to it that was cut.
    """
    before = by_signature(old.leaks, old.known)
    after = by_signature(new.leaks, new.known)
    appeared = [leak for signature, leak in after.items() if signature not in before]
    found = []
    for signature, leak in before.items():
        if signature in after:
            found.append(grown_or_shrunk(leak, after[signature]))
        elif (other := next(alike(leak, appeared), None)) is not None:
            appeared.remove(other)
            found.append(Difference(Change.MOVED, leak, other))
        else:
            found.append(Difference(Change.FIXED, leak, None))
    return ordered(found)


def appeared_besides(old: Report, entries: Iterable[Difference], new: Report) -> list[Leak]:
    """The leaks of the newer report that the older has not, without those that moved."""
    found = {entry.after.signature for entry in entries if entry.after is not None}
    known = by_signature(old.leaks, old.known).keys() | found
    return [leak for leak in new.leaks if leak.signature not in known]


def alike(leak: Leak, candidates: Iterable[Leak]) -> Iterator[Leak]:
    """The candidates of the same type and pattern."""
    return (it for it in candidates if (it.type_name, code(it)) == (leak.type_name, code(leak)))


def code(leak: Leak) -> str:
    """The code of a leak's pattern, or nothing."""
    return leak.pattern.code if leak.pattern is not None else ""


def grown_or_shrunk(before: Leak | None, after: Leak) -> Difference:
    """What became of a leak that is there."""
    if before is None:
        return Difference(Change.NEW, None, after)
    was, now = amounts(before, after)
    change = Change.UNCHANGED if was == now else Change.GROWN if now > was else Change.SHRUNK
    return Difference(change, before, after)


def amounts(before: Leak, after: Leak) -> tuple[float, float]:
    """How much there was and is, in the same unit; a share of a run is rounded."""
    if before.growth is not None and after.growth is not None:
        return round(before.growth, 2), round(after.growth, 2)
    return before.count, after.count


def by_signature(*groups: Iterable[Leak]) -> dict[str, Leak]:
    """Leaks by signature; the first of two stands."""
    found: dict[str, Leak] = {}
    for leak in (leak for group in groups for leak in group):
        found.setdefault(leak.signature, leak)
    return found


def ordered(found: Iterable[Difference]) -> tuple[Difference, ...]:
    """The bad news first, then the largest."""
    order = list(Change)
    return tuple(
        sorted(
            found,
            key=lambda it: (order.index(it.change), -it.leak.retained_bytes, it.leak.signature),
        )
    )
