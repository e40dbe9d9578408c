"""The pytest plugin; while nothing asks for leakwatch, it loads its options and no more.

PYTEST_DONT_REWRITE: imported before pytest or after, this module is the same.
"""

import sys
from copy import copy
from typing import TYPE_CHECKING

import pytest

from pytest_leakwatch.options import MARKERS, add_options, spell_out
from pytest_leakwatch.settings import SETTINGS, Settings, idle_options, settings_of

if TYPE_CHECKING:
    from pytest_leakwatch.attribution.suite import Suite
    from pytest_leakwatch.fixture import LeakwatchFixture
    from pytest_leakwatch.verdict.findings import Deliver, Findings

SUITE: "pytest.StashKey[Suite]" = pytest.StashKey()


NAMES = ("leakwatch", "pytest_leakwatch.plugin")
"""Of the entry point and of the module: pluggy refuses a plugin that comes under both."""


def pytest_plugin_registered(plugin: object, manager: pytest.PytestPluginManager) -> None:
    """Come once, though given by hand (`-p`, `PYTEST_PLUGINS`, conftest) and announced as well."""
    if plugin is not sys.modules[__name__]:
        return
    for name in NAMES:
        if not manager.has_plugin(name):
            manager.set_blocked(name)


def pytest_addoption(parser: pytest.Parser) -> None:
    add_options(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(
    early_config: pytest.Config, parser: pytest.Parser, args: list[str]
) -> None:
    """Keep a bare `--leakwatch` from taking the path behind it for its mode."""
    if spell_out(args):
        known = parser.parse_known_args(args, namespace=copy(early_config.option))
        early_config.known_args_namespace.file_or_dir = known.file_or_dir


def pytest_configure(config: pytest.Config) -> None:
    for marker in MARKERS:
        config.addinivalue_line("markers", marker)
    settings = config.stash[SETTINGS] = settings_of(config)
    if is_controller(config):
        report(config, settings)
    elif settings.mode != "off":
        watch(config, settings, everything=True)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    """Watch single tests that ask for it, and refuse markers that are not understood."""
    config = session.config
    if config.option.collectonly or is_controller(config):
        return
    if SUITE not in config.stash and any(asks(item) for item in session.items):
        watch(config, config.stash[SETTINGS], everything=False)
    if SUITE in config.stash:
        from pytest_leakwatch.verdict.markers import check_markers

        check_markers(session.items)
    elif not is_worker(config) and (said := idle_options(config)):
        raise pytest.UsageError(said)


def asks(item: pytest.Item) -> bool:
    """Whether a test itself asks to be judged, by the fixture or the marker."""
    named = "leakwatch" in getattr(item, "fixturenames", ())
    if not named and item.get_closest_marker("leakwatch") is None:
        return False
    from pytest_leakwatch.verdict.markers import asked_of, marks_of

    return asked_of(item, marks_of(item)) is not None


def is_controller(config: pytest.Config) -> bool:
    """Whether the tests run in the workers of pytest-xdist and not in this process."""
    return config.getoption("dist", "no") != "no" and not is_worker(config)


def is_worker(config: pytest.Config) -> bool:
    """Whether this is a process of pytest-xdist that runs tests for a controller."""
    return hasattr(config, "workerinput")


def watch(config: pytest.Config, settings: Settings, *, everything: bool) -> None:
    """Watch the tests of this process."""
    from pytest_leakwatch.attribution.suite import Suite
    from pytest_leakwatch.watcher import Watcher

    suite = config.stash[SUITE] = Suite(config.rootpath, settings, everything=everything)
    deliver = to_controller(config) if is_worker(config) else report(config, settings)
    watcher = Watcher(suite, settings, deliver, everything=everything)
    config.pluginmanager.register(watcher, "leakwatch-watcher")
    config.add_cleanup(suite.close)


def to_controller(config: pytest.Config) -> "Deliver":
    """The function that hands what a worker of pytest-xdist found to its controller."""

    def deliver(findings: "Findings") -> None:
        output: dict[str, object] = config.workeroutput  # type: ignore[attr-defined]
        output["leakwatch"] = findings.to_json()

    return deliver


def report(config: pytest.Config, settings: Settings) -> "Deliver":
    """Report in this process what is found; gives the function that takes it."""
    from pytest_leakwatch.reporter import Reporter

    reporter = Reporter(config, settings)
    config.pluginmanager.register(reporter, "leakwatch-reporter")
    return reporter.take


@pytest.fixture
def leakwatch(request: pytest.FixtureRequest) -> "LeakwatchFixture":
    """Watches the objects of this test, which is judged as soon as it ends.

    It has `track(obj)`, `scope(name)`, `hunt(work)`, `why(target)` and `assert_clean()`.
    """
    from pytest_leakwatch.fixture import LeakwatchFixture

    return LeakwatchFixture(request.config.stash[SUITE], request.node.nodeid)
