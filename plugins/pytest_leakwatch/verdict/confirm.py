"""Which tests are run again to confirm what they left, in which order, and for how long."""

import os
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from math import inf
from time import process_time

from leakwatch.integration import monotonic
from pytest_leakwatch.attribution.owners import Owners
from pytest_leakwatch.verdict.findings import Findings

Rerun = Callable[[str], None]
"""Runs a test again, by its node id."""
CONFIRMATIONS = 2
"""How often a suspect is run again: a variable that is set anew survives the last run only."""
ASKED = 2
"""So many tests of each leak are run again before the other ones that left it: they tell most."""
SHARE = 0.5
"""Of the time that the suite took, what there is to run tests again."""
ENDS = (2 / 3, 1.0)
"""When the first and the second rerun of all has to end: the second is of those only that left
something."""
NO_TIME = "unconfirmed: there was no time to run it again; it fails no test"
UNCONFIRMED = "unconfirmed: it could not be run again, or did not pass then; it fails no test"
SEEN_LATER = "unconfirmed: seen only when other tests had been run again; it fails no test"
STOPPED = "unconfirmed: the run was stopped before it could be run again; it fails no test"


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds, on the wall and of the processor: tests that wait have much of the one only.

    Those of child processes that have ended count too.
    """

    wall: float
    processor: float

    @classmethod
    def now(cls) -> "Clocks":
        """What both show."""
        return cls(monotonic(), process_time() + sum(os.times()[2:4]))

    def since(self, earlier: "Clocks") -> "Clocks":
        """The time between."""
        return Clocks(self.wall - earlier.wall, self.processor - earlier.processor)

    def after(self, seconds: "Clocks") -> "Clocks":
        """What both show so much later."""
        return Clocks(self.wall + seconds.wall, self.processor + seconds.processor)

    def times(self, share: float) -> "Clocks":
        """A share of both."""
        return Clocks(self.wall * share, self.processor * share)

    def are_over(self, end: "Clocks") -> bool:
        """Whether one of them shows more than another pair."""
        return self.wall > end.wall or self.processor > end.processor

    def at_least(self, least: "Clocks") -> "Clocks":
        """Both, or what is the least of each."""
        return Clocks(max(self.wall, least.wall), max(self.processor, least.processor))


LEAST = Clocks(4.0, 2.0)
"""What there is in any case: to run a small suite again takes less than to start it. A machine at
work makes a test wait, and a test that judges by itself takes a third of a second each time."""
NO_LIMIT = Clocks(inf, inf)


class Reruns:
    """Runs suspects again, as long as there is time for it.

    Args:
        rerun: runs one test.
        seconds: that all reruns may take together.
        took: what each test took in its first run, in their order.

    Attributes:
        number: of the tests that were run again.
    """

    def __init__(self, rerun: Rerun, seconds: Clocks, took: Mapping[str, Clocks]) -> None:
        self._rerun = rerun
        self._took = took
        began = Clocks.now()
        self._ends = [began.after(seconds.times(share)) for share in ENDS]
        self._done: set[str] = set()

    @property
    def number(self) -> int:
        return len(self._done)

    def run(self, nodeids: Sequence[str], attempt: int) -> list[str]:
        """Run tests again; gives those for which there was no time.

        They run in the order of the suite, each with all its fixtures: who shares those of a class
        would leave less than with its own, and a bounded cache that is not filled seems to grow.

        Args:
            nodeids: the most important first.
            attempt: for which time, from 1 on.
        """
        end = self._ends[attempt - 1]
        chosen = self._in_time(nodeids, end)
        waiting = [it for it in self._took if it in chosen]
        while waiting and not self._after(Clocks.now(), waiting[0]).are_over(end):
            self._done.add(waiting[0])
            self._rerun(waiting.pop(0))
        late = {*waiting, *nodeids} - (chosen - {*waiting})
        return [it for it in nodeids if it in late]

    def _in_time(self, nodeids: Sequence[str], end: Clocks) -> set[str]:
        """Those that end in time if they take as long as they did."""
        chosen: set[str] = set()
        until = Clocks.now()
        for nodeid in nodeids:
            if nodeid in self._took and not (later := self._after(until, nodeid)).are_over(end):
                chosen.add(nodeid)
                until = later
        return chosen

    def _after(self, until: Clocks, nodeid: str) -> Clocks:
        return until.after(self._took[nodeid])


def suspects(owners: Owners, findings: Findings) -> list[str]:
    """Node ids of the tests to run again, each once, the most important first.

    Of each leak comes the test that left most of it, of the largest leak first; then of each the
    next one; then who is left. What was repeated already is not run again.

    Args:
        owners: of what is still there.
        findings: what they left.
    """
    leaking = {nodeid: dict[str, None]() for nodeid in findings.leaking_tests()}
    repeated: set[str] = set()
    for owner in owners.values():
        if owner.nodeid in leaking:
            leaking[owner.nodeid][owner.test] = None
            repeated.update({owner.test} if owner.run is not None else ())
    ranks = [most_first(findings.tests_of(leak)) for leak in findings.report.leaks]
    tests = chain.from_iterable(leaking[nodeid] for nodeid in by_weight(ranks))
    return list(dict.fromkeys(test for test in tests if test not in repeated))


def by_weight(ranks: Sequence[Sequence[str]]) -> list[str]:
    """Whom to ask about some leaks: of each the first two, and then those who tell less.

    Args:
        ranks: for each leak, the node ids of those that left it.
    """
    leaks_of = by_test(ranks)
    answers: Counter[int] = Counter()
    first: dict[str, None] = {}
    rest: dict[str, None] = {}
    for turn in zip_longest(*ranks):
        for number, nodeid in enumerate(turn):
            if nodeid is None or nodeid in first:
                continue
            if answers[number] < ASKED:
                first[nodeid] = None
                answers.update(leaks_of[nodeid])
            else:
                rest[nodeid] = None
    return list(dict.fromkeys([*first, *rest]))


def by_test(ranks: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    """The numbers of the leaks that a test left, by its node id."""
    found: dict[str, list[int]] = {}
    for number, rank in enumerate(ranks):
        for nodeid in rank:
            found.setdefault(nodeid, []).append(number)
    return found


def most_first(made: Mapping[str, int]) -> list[str]:
    """Node ids by the number of their objects."""
    return sorted(made, key=lambda nodeid: (-made[nodeid], nodeid))
