"""What counts as born in a scope."""

import contextvars

import leakwatch


def test_setting_a_context_variable_leaves_nothing_behind():
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(1)
    with leakwatch.scope("setting", discover=True) as scope:
        variable.set(2)
    assert scope.report is not None
    assert scope.report.ok, str(scope.report)
