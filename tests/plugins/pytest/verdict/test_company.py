"""Together with what else runs in a test session."""

import xml.etree.ElementTree as ET

import pytest

from pytest_leakwatch.pytest_state import STORED
from tests.plugins.pytest.conftest import leaked

LEAKY = """
    import pytest
    class Cart: ...
    OPEN = []
    @pytest.mark.parametrize("number", range(4))
    def test_leaks(number):
        OPEN.append(Cart())
    def test_clean():
        Cart()
    @pytest.mark.leakwatch
    def test_marked():
        OPEN.append(Cart())
"""
NAMES = ["test_leaks[0]", "test_leaks[1]", "test_leaks[2]", "test_leaks[3]", "test_marked"]


@pytest.mark.parametrize("distribution", ["load", "loadscope", "worksteal"])
def test_workers_hand_their_findings_to_the_controller(suite, distribution):
    result = suite(LEAKY, "--leakwatch", "-n", "2", "--dist", distribution)
    assert result.ret == 1
    assert leaked(result) == NAMES
    result.stdout.fnmatch_lines(["1 leak, 5 objects, * retained; 6 tests judged"])


def test_a_marked_test_is_judged_in_a_worker_without_the_flag(suite):
    result = suite(LEAKY, "-n", "2")
    assert leaked(result) == ["test_marked"]


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_junit_has_the_path(suite, pytester, workers):
    suite(LEAKY, "--leakwatch", "--junitxml=junit.xml", *workers)
    document = ET.parse(pytester.path / "junit.xml")
    messages = [error.get("message") for error in document.iter("error")]
    assert len(messages) == len(NAMES)
    assert all("held by test_shop.OPEN[" in message for message in messages)


def test_stopping_at_the_first_failure_still_judges_what_ran(suite):
    source = LEAKY + "    def test_fails():\n        assert 0"
    result = suite(source, "--leakwatch", "--no-leakwatch-confirm", "-x")
    assert result.ret == 1
    # The marked test is judged at once, which stops the run; the others at the end of it.
    result.assert_outcomes(passed=6, errors=5)
    assert leaked(result) == NAMES


def test_after_a_stop_nothing_is_run_again_and_what_was_found_is_told(suite):
    result = suite(LEAKY + "    def test_fails():\n        assert 0", "--leakwatch", "-x")
    result.assert_outcomes(passed=6, errors=1)
    result.stdout.fnmatch_lines(["known: *: unconfirmed: the run was stopped before it could be*"])


def test_every_attempt_of_a_rerun_is_judged_afresh(suite, pytester):
    pytester.makeconftest(
        """
        import pytest
        from _pytest.runner import runtestprotocol

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(item, nextitem):
            reports = runtestprotocol(item, nextitem=nextitem, log=False)
            if any(report.failed for report in reports):
                reports = runtestprotocol(item, nextitem=nextitem, log=False)
            for report in reports:
                item.ihook.pytest_runtest_logreport(report=report)
            return True
        """
    )
    source = """
    import pytest
    class Cart: ...
    OPEN, RUNS = [], []
    @pytest.mark.leakwatch
    def test_flaky():
        RUNS.append(1)
        OPEN.append(Cart())
        if len(RUNS) == 2:
            OPEN.pop()
        assert len(RUNS) == 2
    @pytest.mark.leakwatch
    def test_leaks_once():
        RUNS.append(1)
        if len(RUNS) == 3:
            OPEN.append(Cart())
    """
    result = suite(source, "--leakwatch")
    result.assert_outcomes(passed=2)


def test_a_test_case_of_unittest_is_judged(suite):
    source = """
    import unittest
    class Cart: ...
    OPEN = []
    class TestShop(unittest.TestCase):
        def setUp(self):
            self.cart = Cart()
        def test_clean(self):
            self.other = Cart()
        def test_leaks(self):
            OPEN.append(self.cart)
    """
    assert leaked(suite(source, "--leakwatch")) == ["test_leaks"]


def test_asynchronous_tests_are_judged_after_their_loop(suite):
    source = """
    import asyncio, pytest
    class Cart: ...
    OPEN = []
    async def hold(cart):
        await asyncio.sleep(3600)
    @pytest.mark.asyncio
    async def test_clean():
        cart = Cart()
        await asyncio.sleep(0)
    @pytest.mark.asyncio
    async def test_pending():
        asyncio.create_task(hold(Cart()))
        await asyncio.sleep(0)
    @pytest.mark.asyncio
    async def test_leaks():
        OPEN.append(Cart())
        await asyncio.sleep(0)
    """
    pytest.importorskip("pytest_asyncio")
    assert leaked(suite(source, "--leakwatch")) == ["test_leaks"]


def test_a_pending_task_is_told_from_an_object_that_survived(suite):
    source = """
    import asyncio, pytest
    class Cart: ...
    OPEN = []
    pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.leakwatch]
    async def hold(cart):
        await asyncio.sleep(3600)
    async def test_pending():
        asyncio.create_task(hold(Cart()))
        await asyncio.sleep(0)
    async def test_leaks():
        OPEN.append(Cart())
    """
    result = suite(source)
    assert leaked(result) == ["test_leaks", "test_pending"]
    result.stdout.fnmatch_lines(
        [
            "leakwatch: 1 test_shop.Cart outlived the test in a task that is still pending, *",
            "leakwatch: 1 test_shop.Cart outlived the test, held by test_shop.OPEN?0?",
        ]
    )


def test_doctests_are_judged(suite, pytester):
    pytester.makepyfile(
        shop='''
        class Cart: ...
        OPEN = []
        def add():
            """
            >>> OPEN.append(Cart())
            """
        '''
    )
    arguments = ("--leakwatch", "--doctest-modules")
    assert leaked(suite("", *arguments, "--no-leakwatch-confirm")) == ["shop.add"]
    # pytest clears the names of a doctest when it has run.
    result = suite("", *arguments)
    result.stdout.fnmatch_lines(["known: 1 shop.Cart, *: unconfirmed: it could not be run again*"])


@pytest.mark.skipif(not STORED, reason="before 8.4, pytest hears of this only within its own steps")
def test_what_collected_garbage_complains_of_is_told_of_the_test_that_made_it(suite):
    source = """
    import socket
    def leave(fails=False):
        knot = [socket.socket()]
        knot.append(knot)
        assert not fails
    def test_before(): pass
    def test_leaves_a_socket_open(): leave()
    def test_between(): pass
    def test_fails_and_leaves_one(): leave(fails=True)
    def test_after(): pass
    """
    result = suite(source, "--leakwatch", "-Werror")
    result.assert_outcomes(passed=4, failed=1, errors=2)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_leaves_a_socket_open*"])
    assert "_collect()" not in str(result.stdout)
    result.stdout.fnmatch_lines(["*ERROR at teardown of test_fails_and_leaves_one*"])
