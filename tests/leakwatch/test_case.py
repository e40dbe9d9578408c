"""A fault of leakwatch itself is told and masks nothing."""

import pytest

import leakwatch
from leakwatch.errors import FaultWarning
from leakwatch.scopes import Scope
from leakwatch.session import Session


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
