"""What happens when a scope has found leaks, and what never happens to its body."""

import asyncio
import logging
import warnings

import pytest

import leakwatch
from leakwatch import session
from leakwatch.errors import ConfigurationError
from leakwatch.tracking import on_leak as policies
from tests.leakwatch.guest.hostile import ASKED, arm, disarm
from tests.leakwatch.holders import HostileDict, HostileStr

KEPT: list[object] = []
REPORTS: list[leakwatch.Report] = []


class Session:
    pass


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()
    REPORTS.clear()


def counts(report) -> list[int]:
    return [leak.count for leak in report.leaks]


def keep() -> None:
    KEPT.append(leakwatch.track(Session()))


def keep_and_fail() -> None:
    keep()
    raise KeyError("body")


def test_on_leak_raise():
    with (
        pytest.raises(leakwatch.LeakError, match=r"test_on_leak\.KEPT") as raised,
        leakwatch.scope("policy", on_leak="raise"),
    ):
        keep()
    assert isinstance(raised.value, AssertionError)
    assert counts(raised.value.report) == [1]


def test_on_leak_warn_names_the_line_of_the_program():
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with leakwatch.scope("policy", on_leak="warn"):
            keep()
    (warning,) = caught
    assert warning.category is leakwatch.LeakWarning
    assert issubclass(warning.category, ResourceWarning)
    assert "test_on_leak.KEPT" in str(warning.message)
    assert warning.filename == __file__


def test_on_leak_log(caplog, monkeypatch):
    if "logging" not in session.plugins().names():
        # Another test imported the module; without its entry point it is no plugin here.
        monkeypatch.setattr(policies, "_logged_by_plugin", False)
    with caplog.at_level(logging.WARNING, "leakwatch"), leakwatch.scope("policy", on_leak="log"):
        keep()
    assert "test_on_leak.KEPT" in caplog.text


def test_on_leak_calls_what_it_is_given():
    with leakwatch.scope("policy", on_leak=REPORTS.append):
        keep()
    with leakwatch.scope("clean", on_leak=REPORTS.append):
        pass
    assert [report.scope for report in REPORTS] == ["policy"]


def test_an_unknown_policy_is_refused_at_once():
    with pytest.raises(ConfigurationError, match="'raise', 'warn', 'log'"):
        leakwatch.scope("policy", on_leak="shout")


@pytest.mark.parametrize("policy", ["raise", "warn", "log"])
def test_an_exception_of_the_body_gets_the_findings_as_a_note(policy):
    with pytest.raises(KeyError) as raised, leakwatch.scope("failing", on_leak=policy):
        keep_and_fail()
    assert "test_on_leak.KEPT" in "\n".join(raised.value.__notes__)


def test_a_policy_that_raises_does_not_mask_the_body():
    def shout(report):
        raise RuntimeError("policy")

    with pytest.raises(KeyError) as raised, leakwatch.scope("failing", on_leak=shout):
        keep_and_fail()
    assert "RuntimeError: policy" in "\n".join(raised.value.__notes__)
    with pytest.raises(RuntimeError, match="policy"), leakwatch.scope("failing", on_leak=shout):
        keep()


class OddNotes(Exception):
    __notes__ = "text"


def test_findings_that_no_note_can_take_are_logged(monkeypatch, caplog):
    monkeypatch.setattr(policies, "_logged_by_plugin", False)

    @leakwatch.scope("failing", on_leak="raise")
    def fail():
        keep()
        raise OddNotes

    with caplog.at_level(logging.WARNING, "leakwatch"), pytest.raises(OddNotes):
        fail()
    assert "test_on_leak.KEPT" in caplog.text


@pytest.mark.parametrize("ending", [SystemExit(1), GeneratorExit(), asyncio.CancelledError()])
def test_a_policy_that_ends_the_program_does_not_mask_the_body(ending):
    def end(report):
        raise ending

    with pytest.raises(KeyError) as raised, leakwatch.scope("failing", on_leak=end):
        keep_and_fail()
    assert f"on_leak failed: {type(ending).__name__}" in "\n".join(raised.value.__notes__)


def test_ctrl_c_in_a_policy_is_the_users_with_the_body_as_its_context():
    def interrupted(report):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as raised:  # noqa: SIM117 - what comes out of the scope
        with leakwatch.scope("failing", on_leak=interrupted):
            keep_and_fail()
    assert isinstance(raised.value.__context__, KeyError)


def test_what_only_the_exception_of_the_body_holds_is_in_use():
    def fail():
        session = leakwatch.track(Session())
        raise KeyError("body")

    scope = leakwatch.scope("failing", on_leak="raise")
    with pytest.raises(KeyError) as raised, scope:
        fail()
    assert not hasattr(raised.value, "__notes__")
    assert [leak.count for leak in scope.report.in_use] == [1]


def test_a_decorated_function_that_raises_gets_the_note_once():
    @leakwatch.scope("failing", on_leak="raise")
    def work():
        keep()
        raise KeyError("body")

    with pytest.raises(KeyError) as raised:
        work()
    assert len(raised.value.__notes__) == 1


def test_a_warning_asks_the_globals_of_an_executed_text_nothing():
    globals_of_text = HostileDict({"leakwatch": leakwatch, "KEPT": KEPT, "Session": Session})
    dict.update(globals_of_text, __name__=HostileStr("shop"), arm=arm)
    lines = ["with leakwatch.scope('shop', on_leak='warn') as scope:"]
    lines += ["    KEPT.append(scope.track(Session()))", "    arm()"]
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        exec(compile("\n".join(lines), "shop.py", "exec"), globals_of_text)
    disarm()
    assert ASKED == []
    assert [(it.category, it.filename) for it in shown] == [(leakwatch.LeakWarning, "shop.py")]
