"""Which tests are run again to confirm what they left, in which order, and for how long."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, zip_longest

from leakwatch.integration import monotonic
from pytest_leakwatch.attribution.owners import Owners
from pytest_leakwatch.verdict.findings import Findings

Rerun = Callable[[str], None]
"""Runs a test again, by its node id."""
CONFIRMATIONS = 2
"""How often a suspect is run again: a variable that is set anew survives the last run only."""
LEAST = 2.0
"""Seconds that there are in any case: to run a small suite again takes less than to start it."""

UNCONFIRMED = "unconfirmed: it could not be run again, or did not pass then; it fails no test"
NO_TIME = "unconfirmed: there was no time to run it again; it fails no test"
SEEN_LATER = "unconfirmed: seen only when other tests had been run again; it fails no test"
STOPPED = "unconfirmed: the run was stopped before it could be run again; it fails no test"


class Reruns:
    """Runs suspects again, as long as there is time for it.

    Args:
        rerun: runs one test.
        seconds: that all reruns may take together.
        took: seconds that each test took in its first run.

    Attributes:
        number: of the tests that were run again.
    """

    def __init__(self, rerun: Rerun, seconds: float, took: Mapping[str, float]) -> None:
        self._rerun = rerun
        self._took = took
        self._end = monotonic() + seconds
        self._done: set[str] = set()

    @property
    def number(self) -> int:
        return len(self._done)

    def run(self, nodeids: Iterable[str]) -> list[str]:
        """Run tests again, in this order; gives those for which there was no time."""
        left_out = []
        for nodeid in nodeids:
            if monotonic() + self._took.get(nodeid, 0.0) > self._end:
                left_out.append(nodeid)
            else:
                self._done.add(nodeid)
                self._rerun(nodeid)
        return left_out


def suspects(owners: Owners, findings: Findings) -> list[str]:
    """Node ids of the tests to run again, each once, in the order in which to do it.

    Of each leak comes the test that left most of it, of the largest leak first; then of each the
    next one. What was repeated already is not run again.

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
    ordered = chain.from_iterable(zip_longest(*ranks))
    tests = chain.from_iterable(leaking[nodeid] for nodeid in ordered if nodeid is not None)
    return list(dict.fromkeys(test for test in tests if test not in repeated))


def most_first(made: Mapping[str, int]) -> list[str]:
    """Node ids by the number of their objects."""
    return sorted(made, key=lambda nodeid: (-made[nodeid], nodeid))
