"""What pytest keeps of a test: dropped early, or reported early, as that test's own.

pytest drops values a step later, or at the end of the session. And it stores what a finalizer or a
thread raised, the warning of an unclosed socket say, until its next step; where warnings are
errors that step fails. Without us the collector comes at some time, and any test may be hit. What
we collect at the end of a test was made by that test, so it is reported before the next one begins.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import pytest
from _pytest.warnings import catch_warnings_for_item  # what surrounds a test; no public name

from leakwatch.integration import add_note, described, module_namespace

LAST = ("last_exc", "last_value", "last_type", "last_traceback")
Warn = Callable[[pytest.Config], None]
STORED: dict[str, Warn] = {}
"""How pytest is asked to report what it has stored, by the name of its plugin; before 8.4 it stores
nothing beyond a step and prints what happens between two."""

REPORTS: "pytest.StashKey[list[Warn]]" = pytest.StashKey()
"""Those of the plugins that a run has."""

with suppress(ImportError):
    from _pytest.unraisableexception import collect_unraisable

    STORED["unraisableexception"] = collect_unraisable
with suppress(ImportError):
    from _pytest.threadexception import collect_thread_exception

    STORED["threadexception"] = collect_thread_exception


def let_go_of(item: pytest.Item) -> None:
    """Drop what pytest itself would drop one step later."""
    values = item.__dict__.get("funcargs")
    if type(values) is dict:
        values.clear()
    forget_last_exception()


def let_go_of_instances(items: Iterable[pytest.Item]) -> None:
    """Drop the instances of test classes, which a suite may have by the thousand.

    pytest keeps them for the session, and makes a new one should anybody ask again. For the
    test cases of unittest it drops them itself.
    """
    for item in items:
        item.__dict__.pop("_instance", None)
        item.__dict__.pop("_obj", None)


def forget_last_exception() -> None:
    """Drop the frames of a failed test, which are kept for a debugger until the next call."""
    namespace = module_namespace(sys)
    for name in LAST:
        namespace.pop(name, None)


def warn_of_stored(config: pytest.Config) -> None:
    """Let pytest warn of what it has stored, or raise it where such warnings are errors."""
    __tracebackhide__ = True
    reports = config.stash.get(REPORTS, None)
    if reports is None:
        has = config.pluginmanager.has_plugin
        reports = [report for plugin, report in STORED.items() if has(plugin)]
        config.stash[REPORTS] = reports
    for report in reports:
        report(config)


class Unheard:
    """Stands for the hooks of an item, and tells nobody of the warnings that were caught."""

    def __init__(self) -> None:
        self.pytest_warning_recorded = self

    def call_historic(self, kwargs: object) -> None: ...


@contextmanager
def warnings_unheard(item: pytest.Item) -> Iterator[None]:
    """Run an item under the filters of its own for warnings, and tell of none."""
    if not item.config.pluginmanager.has_plugin("warnings"):
        yield
        return
    with catch_warnings_for_item(item.config, Unheard(), "runtest", item):
        yield


def note_stored(item: pytest.Item, error: BaseException) -> None:
    """Add what pytest has stored to the error of a test that fails anyhow."""
    try:
        warn_of_stored(item.config)
    except Exception as complaint:  # noqa: BLE001 - a warning of any class, or a group of them
        said = described(complaint)
        if not add_note(error, said):
            item.add_report_section("teardown", "complaints", said)
