"""What walks of the heap have found of some owners, before anything is excused or told.

Judgements add up, and the part of some owners can be taken out of one: then only those need another
walk.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from leakwatch.integration import merged_reports, scaled, scaled_type
from leakwatch.model import Leak, LeakedType, Root
from leakwatch.report import Report
from pytest_leakwatch.verdict.excuses import prefixes
from pytest_leakwatch.verdict.findings import NAME

Left = Mapping[int, Counter[str]]
"""The survivors of a leak: their number by type, by owner."""


def counter(numbers: Iterable[tuple[int, int]]) -> Counter[int]:
    """A counter of the owners whose number is above 0.

    `Counter(numbers)` asks whether they are a `Mapping`, and so classes of the program.
    """
    found = Counter[int]()
    dict.update(found, ((owner, number) for owner, number in numbers if number > 0))
    return found


@dataclass(frozen=True, slots=True)
class Judgement:
    """The leaks of some owners, with what each has left.

    Attributes:
        report: of the walk.
        left: what each owner has left, by signature.
        registered: signatures of leaks of which a survivor was registered.
    """

    report: Report = field(default_factory=lambda: Report(NAME))
    left: Mapping[str, Left] = field(default_factory=dict)
    registered: frozenset[str] = frozenset()

    def makers(self, leak: Leak) -> Counter[int]:
        """The survivors of a leak by owner; what came with those that lead it counts with them."""
        left = self.left[leak.signature]
        return counter((number, kinds[led_by(leak, kinds)]) for number, kinds in left.items())

    def part(self, leak: Leak, numbers: Container[int]) -> Leak:
        """What some owners have left of a leak; without its lead type the next one leads."""
        everything, left = Counter[str](), Counter[str]()
        for number, kinds in self.left[leak.signature].items():
            everything += kinds
            if number in numbers:
                left += kinds
        name, share = led_by(leak, left), left.total() / everything.total()
        # Of the survivors it is known who left them.
        kept = (it for it in leak.types if left[it.type_name] or it.type_name not in everything)
        types = [part_of_type(it, left, share) for it in kept]
        types.sort(key=lambda it: it.type_name != name)
        return replace(
            scaled(leak, max(1, round(leak.count * share))),
            type_name=name,
            count=left[name],
            types=tuple(types),
            survivors=left.total(),
        )

    def without(self, numbers: Container[int]) -> Judgement:
        """The judgement of the other owners."""
        left = {
            signature: {number: kinds for number, kinds in of.items() if number not in numbers}
            for signature, of in self.left.items()
        }
        left = {signature: of for signature, of in left.items() if of}
        report = replace(
            self.report,
            leaks=self._those(self.report.leaks, left),
            known=self._those(self.report.known, left),
        )
        return Judgement(report, left, self.registered & left.keys())

    def _those(self, leaks: Iterable[Leak], left: Mapping[str, Left]) -> tuple[Leak, ...]:
        there = (it for it in leaks if it.signature in left)
        return tuple(self.part(leak, left[leak.signature]) for leak in there)


def added(parts: Iterable[Judgement]) -> Judgement:
    """The judgements of different owners as one."""
    whole = Judgement()
    for number, part in enumerate(parts):
        both = whole.left.keys() | part.left.keys()
        whole = Judgement(
            merged_reports(whole.report, part.report) if number else part.report,
            {it: {**whole.left.get(it, {}), **part.left.get(it, {})} for it in both},
            whole.registered | part.registered,
        )
    return whole


class Review:
    """Notes whose the survivors of each leak are, without what an import in a test defined.

    Args:
        imported: for each module imported in a page, the owners of such pages.
    """

    def __init__(self, imported: Mapping[str, Container[int]]) -> None:
        self._imported = imported
        self._left: dict[str, Left] = {}
        self._registered: set[str] = set()

    def __call__(self, leak: Leak, ages: Mapping[str, Sequence[int]]) -> Leak | None:
        """The leak without what an import in the same test defined.

        Args:
            leak: as it was found.
            ages: by type, for each survivor the number of its owner, below 0 if that registered it.
        """
        homes = self._importers(leak.path.root)
        left: dict[int, Counter[str]] = {}
        for name, numbers in ages.items():
            for number in numbers:
                if number and number not in homes:
                    left.setdefault(abs(number), Counter())[name] += 1
        if not left:
            return None
        self._left[leak.signature] = left
        if any(number < 0 for numbers in ages.values() for number in numbers):
            self._registered.add(leak.signature)
        return Judgement(left=self._left).part(leak, left)

    def _importers(self, root: Root) -> Container[int]:
        """Numbers of the tests that executed the module of a root."""
        if not root.facts.made_by_import:
            return ()
        names = (name for name in prefixes(root.label) if name in self._imported)
        return self._imported[name] if (name := next(names, "")) else ()

    def judgement(self, report: Report) -> Judgement:
        """What was reviewed, with the report that came of it."""
        return Judgement(report, self._left, frozenset(self._registered))


def led_by(leak: Leak, left: Counter[str]) -> str:
    """The lead type of a part of a leak: the first of its types of which something is left."""
    names = (leak.type_name, *(it.type_name for it in leak.types))
    return next((name for name in names if left[name]), "") or left.most_common(1)[0][0]


def part_of_type(kind: LeakedType, left: Counter[str], share: float) -> LeakedType:
    """One type of a part of a leak: the survivors that are known, or a share of what they keep."""
    return scaled_type(kind, left[kind.type_name] or max(1, round(kind.count * share)))
