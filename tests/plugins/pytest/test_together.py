"""Asked to do everything at once, a run still ends as pytest's own, with readable output."""

import json
import sys
import xml.etree.ElementTree as ET

import pytest

from leakwatch.extending import Place
from leakwatch.reports.github import message
from pytest_leakwatch.output.text import place
from tests.plugins.pytest.conftest import leaked

SOURCE = """
    import asyncio, threading, time, unittest
    import pytest
    class Cart: ...
    class Item: ...
    class Row: ...
    OPEN, ITEMS, ROWS = [], [], []

    @pytest.fixture(scope="module")
    def shelf():
        OPEN.append(Cart())

    @pytest.mark.leakwatch(repeat="1:3")
    def test_repeats():
        ITEMS.append(Item())

    def test_shelf(shelf): ...

    @pytest.mark.leakwatch_allow(type=Row, count=1, reason="one row is kept")
    def test_allowed():
        ROWS.append(Row())

    @pytest.mark.leakwatch_allow(type="*.Row", count=1, reason="one row is kept")
    def test_too_many():
        ROWS.extend([Row(), Row()])

    @pytest.mark.leakwatch_allow(type="*.Gone", reason="long fixed")
    def test_stale():
        pass

    def test_thread():
        def late():
            time.sleep(0.02)
            OPEN.append(Cart())
        threading.Thread(target=late).start()

    def test_after_the_thread():
        Cart()

    class TestUnit(unittest.TestCase):
        def test_unit(self):
            OPEN.append(Cart())

    @pytest.mark.asyncio
    async def test_async():
        OPEN.append(Cart())
        await asyncio.sleep(0)
"""
LEAKING = """
    class Cart: ...
    OPEN = []
    def test_leaks(): OPEN.append(Cart())
"""
LEAKS = ["shelf", "test_async", "test_repeats", "test_thread", "test_too_many", "test_unit"]


@pytest.mark.parametrize(
    "workers", [(), ("-n", "2", "--dist", "loadscope")], ids=["plain", "xdist"]
)
def test_everything_at_once(suite, pytester, workers, monkeypatch):
    monkeypatch.setenv("GITHUB_WORKSPACE", str(pytester.path.parent))
    result = suite(
        SOURCE + "    def test_fails():\n        assert 0",
        "--leakwatch",
        "--leakwatch-repeat=1:2",
        "--leakwatch-report=leaks.json",
        "--leakwatch-baseline=none.toml",
        "--leakwatch-write-baseline",
        "--junitxml=junit.xml",
        *workers,
    )
    assert result.ret == 1
    result.assert_outcomes(passed=9, failed=1)
    assert (pytester.path / "none.toml").read_text().count("[[leak]]") >= 3
    (pytester.path / "none.toml").unlink()

    result = suite(
        "",
        "--leakwatch",
        "--leakwatch-repeat=1:2",
        "--leakwatch-report=leaks.json",
        "--leakwatch-report=leaks.html",
        "--leakwatch-report=leaks.xml",
        "--leakwatch-github",
        "--junitxml=junit.xml",
        "-o",
        "verbosity_leakwatch=2",
        *workers,
    )
    assert result.ret == 1
    assert leaked(result) == LEAKS
    assert "INTERNALERROR" not in result.stdout.str()
    folder = pytester.path.name
    result.stdout.fnmatch_lines_random(
        [
            "3 leaks, *; 9 tests judged, 1 not judged (1 failed)",
            "leakwatch itself took * s: * s beside the tests, * s at the end",
            "known: * test_shop.Row, *: allowed in test_shop.py::test_allowed: one row is kept",
            "note: no leak needs leakwatch_allow of '[*].Gone' (long fixed) any more; take it out",
            f"::error file={folder}/test_shop.py,line=*,title=leak in test_shop.py%3A%3Ashelf::1 *",
        ]
    )
    leaks = json.loads((pytester.path / "leaks.json").read_text())["leaks"]
    assert {leak["type_name"] for leak in leaks} == {
        "test_shop.Cart",
        "test_shop.Item",
        "test_shop.Row",
    }
    page = (pytester.path / "leaks.html").read_text()
    assert all(leak["signature"] in page for leak in leaks)
    assert len(list(ET.parse(pytester.path / "leaks.xml").iter("failure"))) == len(leaks)
    errors = list(ET.parse(pytester.path / "junit.xml").iter("error"))
    assert len(errors) == len(LEAKS)
    assert all("held by test_shop." in error.get("message") for error in errors)
    properties = {
        fact["held_by"].partition("[")[0]
        for prop in ET.parse(pytester.path / "junit.xml").iter("property")
        if prop.get("name") == "leakwatch"
        for fact in json.loads(prop.get("value"))
    }
    assert properties == {"test_shop.OPEN", "test_shop.ITEMS", "test_shop.ROWS"}


def test_a_tracer_is_said(suite):
    source = """
    import sys, pytest
    @pytest.fixture(scope="session", autouse=True)
    def tracer():
        sys.settrace(lambda *args: None)
        yield
        sys.settrace(None)
    class Cart: ...
    OPEN = []
    def test_first(): ...
    def test_leaks(): OPEN.append(Cart())
    """
    result = suite(source, "--leakwatch")
    result.stdout.fnmatch_lines(["note: test_shop traced the tests: it may keep objects, *"])


@pytest.mark.parametrize("core", ["ctrace", "pytrace", "sysmon"])
def test_coverage_is_said_however_it_listens(suite, monkeypatch, core):
    if core == "sysmon" and sys.version_info < (3, 12):
        pytest.skip("sys.monitoring came with CPython 3.12")
    monkeypatch.setenv("COVERAGE_CORE", core)
    result = suite(LEAKING, "--leakwatch", "--cov=.", "--cov-report=")
    assert leaked(result) == ["test_leaks"]
    result.stdout.fnmatch_lines(["note: coverage* traced the tests: it may keep objects, *"])


def test_a_thread_that_goes_on_is_said_where_something_leaks(suite):
    source = """
    import threading
    class Cart: ...
    OPEN, STOP = [], threading.Event()
    def test_starts():
        threading.Thread(target=STOP.wait, daemon=True, name="poller").start()
    def test_leaks():
        OPEN.append(Cart())
    """
    result = suite(source, "--leakwatch")
    assert leaked(result) == ["test_leaks"]
    result.stdout.fnmatch_lines(["note: threads outlived their test: *::test_starts (poller); *"])


def test_a_list_of_survivors_is_compared_by_its_paths(suite):
    source = """
    class Cart: ...
    OPEN = []
    def test_leaks(leakwatch):
        OPEN.append(Cart())
        assert leakwatch.survivors() == []
    def test_clean(leakwatch):
        cart = Cart()
        assert leakwatch.survivors() == []
    """
    result = suite(source)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(
        ["E *assert <1 leak> == []", "E *1 test_shop.Cart", "E *.OPEN -> *"]
    )


def test_commands_for_github_cannot_be_broken_out_of(monkeypatch):
    assert message("a%b\n::error::") == "a%25b%0A::error::"
    monkeypatch.setenv("GITHUB_WORKSPACE", "/repository")
    assert place(("tests/test_shop.py", 3, "test_it"), "/repository/shop") == Place(
        "shop/tests/test_shop.py", 4
    )
