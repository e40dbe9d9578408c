"""The judgement at the end: of everything that is still there, and of what a rerun leaves.

Tests that leak may be run again to confirm it. Where one object of one test breaks the judgement,
all others are judged.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from leakwatch.integration import collect, counted
from pytest_leakwatch.attribution.fixtures import FixturePages
from pytest_leakwatch.attribution.ledger import Pages
from pytest_leakwatch.attribution.owners import Owner
from pytest_leakwatch.attribution.survivors import Survivors
from pytest_leakwatch.verdict.confirm import CONFIRMATIONS, NO_TIME, UNCONFIRMED, Reruns
from pytest_leakwatch.verdict.findings import Findings
from pytest_leakwatch.verdict.judge import Judge
from pytest_leakwatch.verdict.judgement import Judgement, added

T = TypeVar("T")
Found = TypeVar("Found")
FAULT = "by a fault of leakwatch"
Look = Callable[[Sequence[int]], tuple[Judgement, int]]
"""What some owners have left, by their numbers, and how many objects there were."""
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
        self._judgement = Judgement()
        self._look_again: Look = lambda _: (Judgement(), 0)
        self._let_go: Callable[[], None] = lambda: None
        self._came_again: set[str] = set()
        self._kept: tuple[str, ...] = ()

    def close_last_page(self) -> None:
        """Close the last page, which is nobody's, also at addresses that tests had."""
        self._pages.close()
        left = self._fixtures.left()
        self._owners.update(left)
        for owner in left.values():
            if owner.run is not None:
                self._judge.note_runs(owner.nodeid, owner.run + 1)

    def judge(
        self, grace: float, let_go: Callable[[], None], blame: Blame, *, everything: bool
    ) -> Findings:
        """Judge all owners, in one walk unless a fault is in the way.

        Args:
            grace: seconds to wait at the most.
            let_go: drops the instances of test classes.
            blame: takes those that could not be judged.
            everything: whether all that was born is judged.
        """
        if not self._owners:
            return Findings()
        collect()
        before = self._survivors.forget_the_dead(self._owners)
        let_go()
        self._let_go = let_go
        look = partial(self._look, grace, blame, everything=everything)
        self._judgement, after = look(list(self._owners))
        self._look_again = partial(look, collected=True)
        if after < before:
            subject = counted(before - after, "object was", "objects were")
            kept = "kept by pytest, on the instances of test classes; they fail no test"
            self._kept = (f"{subject} {kept}",)
        return self._findings()

    def _look(
        self,
        grace: float,
        blame: Blame,
        numbers: Sequence[int],
        *,
        everything: bool,
        collected: bool = False,
    ) -> tuple[Judgement, int]:
        """What these owners have left, and how many objects there were."""
        alive = 0

        def look_at(numbers: Sequence[int]) -> Judgement:
            nonlocal alive
            owners = {number: self._owners[number] for number in numbers}
            found, there = self._judge.look(
                owners, grace, None, everything=everything, collected=collected
            )
            alive += there
            return found

        def leave_out(numbers: Sequence[int], fault: Exception) -> None:
            owners = [self._owners.pop(number) for number in numbers]
            tests = list(dict.fromkeys(owner.nodeid for owner in owners if not owner.fixture))
            self._tally.take_back(tests, FAULT)
            blame(list(dict.fromkeys(owner.nodeid for owner in owners)), fault)

        return added(by_halves(look_at, numbers, leave_out)), alive

    def _findings(self) -> Findings:
        found = self._judge.sorted(self._judgement, self._owners)
        notes = (*found.report.notes, *self._kept)
        return replace(found, report=replace(found.report, notes=notes))

    def judge_again(self) -> Findings:
        """Judge once more who left something each time, and keep what is known of the others.

        What only one run of a test has left, the first or another one, has not come again.
        """
        again = [it for it, owner in self._owners.items() if owner.nodeid in self._came_again]
        if again:
            judgement, _ = self._look_again(again)
            self._judgement = added([self._judgement.without(frozenset(again)), judgement])
        return self._findings()

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
            nodeids: of the tests, the most important first.
            reruns: runs them, as long as there is time.
            begin: takes the number of the run that is about to begin, at the end None.
        """
        self._note_first_runs(nodeids)
        for attempt in range(1, CONFIRMATIONS + 1):
            if not nodeids:
                break
            self._pages.open(collected=True)  # by the judgement, or after the attempt before
            begin(attempt)
            left_out = reruns.run(nodeids, attempt)
            begin(None)
            self.close_last_page()
            if attempt == 1:
                self._note_no_time(left_out)
            late = self._came_again & self._nodeids_of(left_out)
            self._came_again = self._recurring(attempt) | late
            tests = {it.test for it in self._owners.values() if it.nodeid in self._came_again}
            nodeids = [it for it in nodeids if it in tests]

    def _note_first_runs(self, nodeids: Sequence[str]) -> None:
        for number, owner in self._owners.items():
            if owner.test in nodeids and owner.run is None:
                self._owners[number] = replace(owner, run=0)
                self._judge.confirmed[owner.nodeid] = UNCONFIRMED

    def _note_no_time(self, nodeids: Sequence[str]) -> None:
        for owner in self._owners.values():
            if owner.test in nodeids:
                self._judge.confirmed[owner.nodeid] = NO_TIME

    def _nodeids_of(self, tests: Sequence[str]) -> set[str]:
        """Node ids of tests and of the fixtures that they have set up."""
        return {it.nodeid for it in self._owners.values() if it.test in tests}

    def _recurring(self, attempt: int) -> set[str]:
        """Node ids of whom the first run and this one have left something."""
        self._let_go()
        collect()
        self._survivors.forget_the_dead(self._owners)
        seen: dict[str, set[int | None]] = {}
        for number in set(map(abs, self._survivors.owners(self._owners).values())):
            seen.setdefault(self._owners[number].nodeid, set()).add(self._owners[number].run)
        return {nodeid for nodeid, runs in seen.items() if {0, attempt} <= runs}


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
