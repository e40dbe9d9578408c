"""A fault of leakwatch itself is told and masks nothing."""

import warnings

import pytest

import leakwatch
from leakwatch import api
from leakwatch.errors import ConfigurationError, FaultWarning
from leakwatch.session import Session
from leakwatch.tracking.scopes import Scope


class Failing(Session):
    def conclude(self, case):
        raise ZeroDivisionError("in the walk")

    def acquit(self, name, settling, memory, notes):
        raise ZeroDivisionError("in the walk")


class Survivor:
    pass


def failing_scope():
    return Scope("work", discover=False, types=None, on_leak="raise", grace=0.0, host=Failing())


def test_a_fault_of_the_analysis_is_a_report_that_judges_nothing():
    with pytest.warns(FaultWarning, match="work"), failing_scope() as scope:
        pass
    assert scope.report == leakwatch.Report(
        "work",
        memory=scope.report.memory,
        not_judged="leakwatch itself failed: ZeroDivisionError: in the walk",
    )


def test_a_fault_where_something_is_alive_is_told_as_well():
    session = Survivor()
    with pytest.warns(FaultWarning, match="work"), failing_scope() as scope:
        scope.track(session)
    assert scope.report.not_judged == "leakwatch itself failed: ZeroDivisionError: in the walk"


def test_a_fault_of_the_analysis_does_not_mask_the_body():
    with pytest.warns(FaultWarning), pytest.raises(KeyError), failing_scope():
        raise KeyError("body")


def work():
    return Survivor()


class Short(Session):
    """A session in a process without memory."""

    def open(self, name, *, thorough=False):
        raise MemoryError

    conclude = Failing.conclude


QUESTIONS = {
    "why": lambda: leakwatch.why(Survivor),
    "check": leakwatch.check,
    "hunt": lambda: leakwatch.hunt(work, runs=2, warmup=0),
}


@pytest.mark.parametrize("kind", QUESTIONS)
@pytest.mark.parametrize(
    ("host", "fault"), [(Failing, "ZeroDivisionError: in the walk"), (Short, "MemoryError")]
)
def test_a_fault_of_ours_answers_every_question_with_a_report(monkeypatch, kind, host, fault):
    monkeypatch.setattr(api, "session", host)
    with pytest.warns(FaultWarning, match=f"^{kind} "):
        report = QUESTIONS[kind]()
    assert (report.kind, report.leaks) == (kind, ())
    assert report.not_judged == f"leakwatch itself failed: {fault}"
    assert fault in str(report)
    assert "nothing holds" not in str(report)


def test_a_fault_of_ours_is_a_report_where_warnings_are_errors(monkeypatch):
    monkeypatch.setattr(api, "session", Failing)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert leakwatch.check().not_judged
        with pytest.raises(KeyError), failing_scope():
            raise KeyError("body")


def test_what_the_work_raises_is_its_own_want_of_memory_included(monkeypatch):
    def wanting():
        raise MemoryError("of the work")

    async def wanting_too():
        wanting()

    for work in (wanting, wanting_too):
        with pytest.raises(MemoryError, match="of the work"):
            leakwatch.hunt(work, runs=2, warmup=0)


def test_bad_arguments_are_errors_all_the_same():
    with pytest.raises(ConfigurationError, match="runs=1"):
        leakwatch.hunt(work, runs=1)
    with pytest.raises(ConfigurationError, match="analyse"):
        leakwatch.check(analyse="there")
    with pytest.raises(ConfigurationError, match="analyse"):
        leakwatch.why(work, analyse="there")
