"""A fault of ours is told, keeps what was judged, and is an error of the session."""

import json

import pytest

from pytest_leakwatch.ending import by_halves
from tests.plugins.pytest.conftest import leaked

CONFTEST = """
    import pytest
    from pytest_leakwatch.attribution.ledger import Ledger
    from pytest_leakwatch.verdict.judge import Judge

    turn, look = Ledger.turn, Judge.look
    RUNNING = []
    def pytest_runtest_logstart(nodeid):
        RUNNING[:] = [nodeid]
    def pytest_runtest_logfinish():  # what is run again at the end starts without being logged
        RUNNING.clear()
    def broken_turn(self, *args, **options):
        if "breaks" in RUNNING[0] if RUNNING else "":
            raise RuntimeError("broken ledger")
        return turn(self, *args, **options)
    def broken_look(self, owners, *args, **options):
        if any("unjudgeable" in owner.nodeid for owner in owners.values()):
            raise ValueError("broken judge")
        return look(self, owners, *args, **options)
    Ledger.turn, Judge.look = broken_turn, broken_look
"""
SUITE = """
    import gc, pytest
    class Cart: ...
    OPEN = []
    @pytest.fixture(scope="module")
    def shelf():
        yield Cart()
    def test_leaks(shelf): OPEN.append(Cart())
    def test_breaks(shelf): OPEN.append(Cart())
    def test_unjudgeable(): OPEN.append(Cart())
    def test_leaks_too(): OPEN.append(Cart())
    def test_clean():
        assert gc.isenabled()
"""
CLEAN = """
    class Cart: ...
    OPEN = []
    def test_breaks(): OPEN.append(Cart())
    def test_clean(): Cart()
"""


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_the_other_tests_are_judged(suite, pytester, workers):
    pytester.makeconftest(CONFTEST)
    result = suite(SUITE, "--leakwatch", "-q", "--leakwatch-report=leaks.json", *workers)
    assert result.ret == 1
    assert leaked(result) == ["test_leaks", "test_leaks_too"]
    result.assert_outcomes(passed=5, errors=2)
    result.stdout.fnmatch_lines(
        [
            "1 leak, *; 3 tests judged, 2 not judged (2 by a fault of leakwatch)",
            "not judged: *leakwatch itself failed *",
            "this is a fault of leakwatch, not of your tests: *",
        ]
    )
    text = result.stdout.str()
    assert "before test_shop.py::test_breaks: RuntimeError: broken ledger at conftest.py:" in text
    assert "left of test_shop.py::test_unjudgeable: ValueError: broken judge at" in text
    assert "RuntimeWarning" not in text
    report = json.loads((pytester.path / "leaks.json").read_text())
    assert "broken ledger" in report["not_judged"]
    assert "broken judge" in report["not_judged"]


@pytest.mark.parametrize(
    "arguments",
    [("--leakwatch", "-q"), ("--leakwatch=report", "-p", "no:terminal"), ("--leakwatch", "-n2")],
    ids=["quiet", "no terminal", "xdist"],
)
def test_it_is_an_error_of_a_session_without_failures(suite, pytester, arguments):
    pytester.makeconftest(CONFTEST)
    result = suite(CLEAN, *arguments)
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    told = result.stderr if "no:terminal" in arguments else result.stdout
    told.fnmatch_lines(["not judged: leakwatch itself failed *broken ledger*", "this is a fault *"])


def test_after_three_in_a_row_nothing_more_is_judged(suite, pytester):
    pytester.makeconftest(CONFTEST)
    source = """
    import pytest
    class Cart: ...
    OPEN = []
    def test_leaks(): OPEN.append(Cart())
    @pytest.mark.parametrize("number", range(3))
    def test_breaks(number): ...
    def test_comes_later(): OPEN.append(Cart())
    """
    result = suite(source, "--leakwatch", "--no-leakwatch-confirm")
    assert leaked(result) == ["test_leaks"]
    result.stdout.fnmatch_lines(
        [
            "*1 test judged, 4 not judged (4 by a fault of leakwatch)",
            "not judged: *; after 3 faults in a row nothing more was judged",
        ]
    )


def test_a_fault_while_telling_is_told(suite, pytester):
    pytester.makeconftest(
        """
        from pytest_leakwatch import reporter
        class Unreadable(Exception):
            def __str__(self): raise ValueError
        def block(*args, **options):
            raise Unreadable
        reporter.block = block
        """
    )
    result = suite(CLEAN, "--leakwatch=report")
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    result.stdout.fnmatch_lines(
        ["not judged: *to tell what was found: Unreadable (its message cannot be read*"]
    )


def test_a_worker_that_dies_is_said(suite):
    source = """
    import os
    def test_dies(): os._exit(1)
    def test_lives(): ...
    """
    result = suite(source, "--leakwatch", "-n", "1", "--max-worker-restart=1")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["not judged: gw0 ended without telling what it found*"])


@pytest.mark.parametrize(("bad", "tries"), [({3}, 10), ({0, 7}, 12), (set(range(9)), 12)])
def test_halves_find_who_is_to_blame(bad, tries):
    asked, blamed = [], []

    def judge(some):
        asked.append(some)
        if bad & set(some):
            raise ValueError
        return some

    found = by_halves(judge, list(range(9)), lambda some, fault: blamed.extend(some))
    assert sorted(blamed + [it for part in found for it in part]) == list(range(9))
    assert bad <= set(blamed)
    assert len(asked) <= 2 * tries


def test_what_could_be_judged_in_the_end_is_a_fault_all_the_same():
    faults = iter([ValueError("once")])
    blamed = []

    def judge(some):
        for fault in faults:
            raise fault
        return some

    assert by_halves(judge, [1, 2], lambda *it: blamed.append(it)) == [[1], [2]]
    assert [some for some, _ in blamed] == [()]
