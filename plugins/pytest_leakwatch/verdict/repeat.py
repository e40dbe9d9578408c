"""Calling a test's function again in place, with the fixture values that it has already."""

from collections.abc import Iterator

import pytest

from leakwatch.integration import class_name
from pytest_leakwatch.attribution.owners import is_of_project, name_of
from pytest_leakwatch.attribution.suite import Suite

ONE_RUN = ("_xunit_setup_method_fixture", "_xunit_setup_function_fixture")
"""What pytest makes of `setup_method` and `setup_function`, which would not be called again."""
REPORTING = "subtests"


def why_not(item: pytest.Item) -> str:
    """Why a test cannot be called again in place, or nothing."""
    if not isinstance(item, pytest.Function):
        return f"a {type(item).__name__} cannot be called again"
    if REPORTING in item.fixturenames:
        return "its subtests would be reported again"
    name = next(one_run_fixtures(item), "")
    return f"{name!r} has function scope: it prepares for one run" if name else ""


def one_run_fixtures(item: pytest.Function) -> Iterator[str]:
    """Yield the project's own fixtures of function scope; those of libraries serve many runs."""
    definitions = item._fixtureinfo.name2fixturedefs
    for name in item.fixturenames:
        if name.startswith(ONE_RUN):
            yield name_of(name)
        elif name in definitions:
            definition = definitions[name][-1]
            if definition.scope == "function" and is_of_project(definition.func):
                yield name


class Repetition:
    """The further runs of one test.

    Args:
        suite: takes what each run leaves.
        item: the test.
        warmup: runs that do not count.
        runs: runs that do.
    """

    def __init__(self, suite: Suite, item: pytest.Item, warmup: int, runs: int) -> None:
        self._suite = suite
        self._item = item
        self._warmup = warmup
        self._total = warmup + runs
        self._excuse = why_not(item)
        self._done = 0

    def begin(self) -> None:
        """Start the page of the first run: pytest's own call."""
        if not self._excuse:
            self._suite.begin_run(-self._warmup, self._item)

    def go_on(self) -> None:
        """Make the other runs, once the first has passed; one that fails ends them."""
        if self._excuse:
            return
        for number in range(1, self._total):
            self._suite.begin_run(number - self._warmup, self._item)
            try:
                self._item.runtest()
            except (KeyboardInterrupt, pytest.exit.Exception):
                raise
            except BaseException as error:  # noqa: BLE001 - skipping is no Exception
                self._excuse = f"run {number + 1} raised {class_name(type(error))}"
                return
            self._done = number + 1

    def end(self) -> None:
        """Give the pages to the test as a whole again."""
        counted = 0 if self._excuse else max(0, self._done - self._warmup)
        self._suite.end_runs(counted, self._excuse, self._item)
