"""The interpreter keeps the filters that it compared the last warning with: one list at a time."""

from tests.heaps import run_python


def test_the_filters_of_the_last_warning_are_no_leak_of_the_scope_that_warned():
    lines = """
import leakwatch, warnings
def work():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.warn("old")
work()
with leakwatch.scope("work", discover=True) as scope:
    work()
print(scope.report.ok)
"""
    assert run_python("-c", lines).strip() == "True"
