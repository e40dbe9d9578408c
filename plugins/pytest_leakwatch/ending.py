"""The judgement at the end: of everything that is still there, and of what a rerun leaves."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from leakwatch.integration import collect
from pytest_leakwatch.attribution.fixtures import FixturePages
from pytest_leakwatch.attribution.ledger import Pages
from pytest_leakwatch.attribution.owners import Owner
from pytest_leakwatch.attribution.survivors import Survivors
from pytest_leakwatch.halves import by_halves
from pytest_leakwatch.verdict.confirm import CONFIRMATIONS, first_runs, kept
from pytest_leakwatch.verdict.findings import Findings, merged
from pytest_leakwatch.verdict.settle_and_judge import Judgement

FAULT = "by a fault of leakwatch"
Blame = Callable[[Sequence[str], Exception], None]
"""Told of tests and fixtures that could not be judged, by node id, and of the fault."""


@dataclass(slots=True, eq=False, repr=False)
class Tally:
    """How many tests were judged, and which were not.

    Attributes:
        judged: number of those that were.
        unfrozen: how many of them ran without a window.
        left_out: for each of the others, by node id, why.
    """

    judged: int = 0
    unfrozen: int = 0
    left_out: dict[str, str] = field(default_factory=dict)

    def count(self, nodeid: str, *, unfrozen: bool) -> None:
        """A test is judged, now or at the end."""
        self.judged += 1
        self.unfrozen += unfrozen
        self.left_out.pop(nodeid, None)  # it may be a rerun

    def leave_out(self, nodeids: Sequence[str], reason: str) -> None:
        """Some tests are not judged."""
        self.left_out.update(dict.fromkeys(nodeids, reason))

    def take_back(self, nodeids: Sequence[str], reason: str) -> None:
        """Some tests that were counted could not be judged after all."""
        self.judged -= len(set(nodeids) - self.left_out.keys())
        self.leave_out(nodeids, reason)

    def added_to(self, findings: Findings) -> Findings:
        """The findings with these figures."""
        return replace(
            findings,
            judged=self.judged,
            unfrozen=self.unfrozen,
            not_judged=dict(Counter(self.left_out.values())),
        )


class Ending:
    """Judges what all owners of a suite have left behind.

    Args:
        pages: of the run.
        survivors: what is still there.
        judgement: judges it.
        fixtures: may have left something too.
        owners: of what is to be judged; those of fixtures are added.
        tally: of the tests; whom a fault keeps from being judged is taken back from it.
    """

    def __init__(
        self,
        *,
        pages: Pages,
        survivors: Survivors,
        judgement: Judgement,
        fixtures: FixturePages,
        owners: dict[int, Owner],
        tally: Tally,
    ) -> None:
        self._pages = pages
        self._survivors = survivors
        self._judgement = judgement
        self._fixtures = fixtures
        self._owners = owners
        self._tally = tally

    def close_last_page(self) -> None:
        """What was born since is nobody's, though it may have the address of what a test made."""
        self._pages.close()
        left = self._fixtures.left()
        self._owners.update(left)
        for owner in left.values():
            if owner.run is not None:
                self._judgement.note_runs(owner.nodeid, owner.run + 1)

    def judge(
        self, grace: float, let_go: Callable[[], None], blame: Blame, *, everything: bool
    ) -> Findings:
        """Judge all owners, in one walk unless a fault is in the way.

        Args:
            grace: seconds to wait at the most.
            let_go: drops the instances of test classes.
            blame: told of whom could not be judged.
            everything: whether all that was born is judged.
        """
        if not self._owners:
            return Findings()
        collect()
        before = self._survivors.forget_the_dead(self._owners)
        let_go()
        after = 0

        def judge_some(numbers: Sequence[int]) -> Findings:
            nonlocal after
            owners = {number: self._owners[number] for number in numbers}
            found, alive = self._judgement.counted(owners, grace, None, everything=everything)
            after += alive
            return found

        def leave_out(numbers: Sequence[int], fault: Exception) -> None:
            owners = [self._owners.pop(number) for number in numbers]
            tests = list(dict.fromkeys(owner.nodeid for owner in owners if not owner.fixture))
            self._tally.take_back(tests, FAULT)
            blame(list(dict.fromkeys(owner.nodeid for owner in owners)), fault)

        late = merged(by_halves(judge_some, list(self._owners), leave_out))
        notes = (*late.report.notes, *kept(before - after))
        return replace(late, report=replace(late.report, notes=notes))

    def attempts(self, nodeids: Sequence[str]) -> Iterator[int]:
        """Numbers of the further runs of some suspects; what they leave is told apart by them."""
        first = first_runs(self._owners, nodeids)
        self._owners.update(first)
        self._judgement.confirmed.update(owner.nodeid for owner in first.values())
        self._pages.open()
        yield from range(1, CONFIRMATIONS + 1)
