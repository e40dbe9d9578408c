"""What counts as born in a scope."""

import contextvars
import sys

import leakwatch

KEPT = []


def test_setting_a_context_variable_leaves_nothing_behind():
    variable = contextvars.ContextVar("variable", default=0)
    variable.set(1)
    with leakwatch.scope("setting", discover=True) as scope:
        variable.set(2)
    assert scope.report is not None
    assert scope.report.ok, str(scope.report)


def test_a_class_whose_module_is_replaced_by_an_object_is_judged(monkeypatch):
    lazy = object()
    monkeypatch.setitem(sys.modules, "lazy_shop", lazy)
    with leakwatch.scope("importing", discover=True) as scope:
        KEPT.append(type("Cart", (), {"__module__": "lazy_shop"}))
    KEPT.clear()
    assert scope.report is not None
    assert scope.report.not_judged is None
    assert scope.report.leaks
