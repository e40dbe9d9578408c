"""The judgement at the end: of everything that is still there, and of what a rerun leaves.

Tests that leak may be run again to confirm it. Where one object of one test breaks the judgement,
all others are judged.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from leakwatch.integration import collect, counted
from pytest_leakwatch.attribution.fixtures import FixturePages
from pytest_leakwatch.attribution.ledger import Pages
from pytest_leakwatch.attribution.owners import Owner
from pytest_leakwatch.attribution.survivors import Survivors
from pytest_leakwatch.verdict.confirm import CONFIRMATIONS, NO_TIME, UNCONFIRMED, Reruns
from pytest_leakwatch.verdict.findings import Findings, merged
from pytest_leakwatch.verdict.judge import Judge

T = TypeVar("T")
Found = TypeVar("Found")
FAULT = "by a fault of leakwatch"
Blame = Callable[[Sequence[str], Exception], None]
"""Takes the node ids of tests and fixtures that could not be judged, and the fault."""


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
        """Count a test that is judged, now or at the end."""
        self.judged += 1
        self.unfrozen += unfrozen
        self.left_out.pop(nodeid, None)  # it may be a rerun

    def leave_out(self, nodeids: Sequence[str], reason: str) -> None:
        """Count tests as not judged, for a reason."""
        self.left_out.update(dict.fromkeys(nodeids, reason))

    def take_back(self, nodeids: Sequence[str], reason: str) -> None:
        """Count tests as not judged that were counted as judged before."""
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
        judge: of the run.
        fixtures: may have left something too.
        owners: of what is to be judged; those of fixtures are added.
        tally: of the tests; whom a fault keeps from being judged is taken back from it.
    """

    def __init__(
        self,
        *,
        pages: Pages,
        survivors: Survivors,
        judge: Judge,
        fixtures: FixturePages,
        owners: dict[int, Owner],
        tally: Tally,
    ) -> None:
        self._pages = pages
        self._survivors = survivors
        self._judge = judge
        self._fixtures = fixtures
        self._owners = owners
        self._tally = tally

    def close_last_page(self) -> None:
        """Close the last page, which is nobody's, also at addresses that tests had."""
        self._pages.close()
        left = self._fixtures.left()
        self._owners.update(left)
        for owner in left.values():
            if owner.run is not None:
                self._judge.note_runs(owner.nodeid, owner.run + 1)

    def judge(
        self,
        grace: float,
        let_go: Callable[[], None],
        blame: Blame,
        *,
        everything: bool,
        collected: bool = False,
    ) -> Findings:
        """Judge all owners, in one walk unless a fault is in the way.

        Args:
            grace: seconds to wait at the most.
            let_go: drops the instances of test classes.
            blame: takes those that could not be judged.
            everything: whether all that was born is judged.
            collected: whether everything was collected just now.
        """
        if not self._owners:
            return Findings()
        if not collected:
            collect()
        before = self._survivors.forget_the_dead(self._owners)
        let_go()
        after = 0

        def judge_some(numbers: Sequence[int]) -> Findings:
            nonlocal after
            owners = {number: self._owners[number] for number in numbers}
            found, alive = self._judge.judge(owners, grace, None, everything=everything)
            after += alive
            return found

        def leave_out(numbers: Sequence[int], fault: Exception) -> None:
            owners = [self._owners.pop(number) for number in numbers]
            tests = list(dict.fromkeys(owner.nodeid for owner in owners if not owner.fixture))
            self._tally.take_back(tests, FAULT)
            blame(list(dict.fromkeys(owner.nodeid for owner in owners)), fault)

        late = merged(by_halves(judge_some, list(self._owners), leave_out))
        notes = late.report.notes
        if after < before:
            subject = counted(before - after, "object was", "objects were")
            kept = "kept by pytest, on the instances of test classes; they fail no test"
            notes = (*notes, f"{subject} {kept}")
        return replace(late, report=replace(late.report, notes=notes))

    def leave_unconfirmed(self, reason: str) -> None:
        """Fail nobody who has run once and is not run again, for a reason."""
        repeated = {owner.nodeid for owner in self._owners.values() if owner.run is not None}
        for owner in self._owners.values():
            if owner.nodeid not in repeated:
                self._judge.confirmed.setdefault(owner.nodeid, reason)

    def confirm(
        self, nodeids: Sequence[str], reruns: Reruns, begin: Callable[[int | None], None]
    ) -> None:
        """Run suspects again, and once more those that left something each time.

        Args:
            nodeids: of the tests, in the order in which to run them.
            reruns: runs them, as long as there is time.
            begin: takes the number of the run that is about to begin, at the end None.
        """
        self._note_first_runs(nodeids)
        for attempt in range(1, CONFIRMATIONS + 1):
            self._pages.open(collected=True)  # by the judgement, or after the attempt before
            begin(attempt)
            left_out = reruns.run(nodeids)
            begin(None)
            self.close_last_page()
            if attempt == 1:
                late = [it for it in self._owners.values() if it.test in left_out]
                self._judge.confirmed.update((owner.nodeid, NO_TIME) for owner in late)
            recurring = self._recurring(attempt)
            nodeids = [it for it in nodeids if it in recurring]

    def _note_first_runs(self, nodeids: Sequence[str]) -> None:
        first = {
            number: replace(owner, run=0)
            for number, owner in self._owners.items()
            if owner.test in nodeids and owner.run is None
        }
        self._owners.update(first)
        self._judge.confirmed.update((owner.nodeid, UNCONFIRMED) for owner in first.values())

    def _recurring(self, attempt: int) -> set[str]:
        """Node ids of the tests of which the first run and this one have left something."""
        collect()
        self._survivors.forget_the_dead(self._owners)
        seen: dict[str, set[int | None]] = {}
        for number in map(abs, self._survivors.owners(self._owners).values()):
            seen.setdefault(self._owners[number].nodeid, set()).add(self._owners[number].run)
        return {
            it.test for it in self._owners.values() if {0, attempt} <= seen.get(it.nodeid, set())
        }


def by_halves(
    judge: Callable[[Sequence[T]], Found],
    everyone: Sequence[T],
    blame: Callable[[Sequence[T], Exception], None],
) -> list[Found]:
    """Judge all together; if that fails, each half by itself, down to the ones to blame.

    To find one takes as many failures as the number has bits. It gives up after twice as many:
    then the fault is not theirs, and every attempt is a walk of the heap.

    Args:
        judge: judges some of them.
        everyone: whom to judge.
        blame: takes those that could not be judged, with the fault; nobody where all could
            be judged in the end.

    Returns:
        what was found, part by part.
    """
    patience = 2 * (len(everyone).bit_length() + 1)
    waiting, found, blamed = [everyone], [], False
    fault: Exception | None = None
    while waiting:
        some = waiting.pop()
        if fault is None or patience > 0:
            try:
                found.append(judge(some))
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, the others are judged
                fault, patience = error, patience - 1
        if len(some) > 1 and patience > 0:
            half = len(some) // 2
            waiting += [some[half:], some[:half]]
        else:
            blame(some, fault)
            blamed = True
    if fault is not None and not blamed:
        blame((), fault)
    return found
