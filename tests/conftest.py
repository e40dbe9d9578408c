"""What all tests share: one option, what depends on a test's folder, a repeatable Hypothesis."""

import importlib.util
import signal
import sys
from pathlib import Path

import pytest

from tests.apart import Apart

# A shell starts what stands behind `&` with these ignored, as `nohup` does: the programs that tests
# start would inherit that, and be ended by no signal.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-gold",
        action="store_true",
        help="write what the programs print now into the README and the gold files, instead of "
        "comparing it; then read the difference before you commit it",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Apart(judges_itself))
    if config.pluginmanager.hasplugin("hypothesispytest"):
        repeat_examples()


def repeat_examples() -> None:
    """No deadline: a slow machine is not a bug. Derandomised: the same examples in every run."""
    from hypothesis import HealthCheck, settings

    slow = [HealthCheck.too_slow]
    settings.register_profile(
        "leakwatch", deadline=None, derandomize=True, suppress_health_check=slow
    )
    settings.load_profile("leakwatch")


def pytest_collection_finish() -> None:
    """A small process has no plugin of Hypothesis, and its tests may use it nevertheless."""
    if "hypothesis" in sys.modules:
        repeat_examples()


# What depends on the interpreter: how it keeps objects, frames, threads and processes, and what it
# and its standard library print. `.ci/run` runs these on the other versions too.
ON_EACH_INTERPRETER = (
    "conformance",
    "leakwatch",
    "plugins",
    "test_examples.py",
    "test_native_sources.py",
    "test_nursery.py",
    "test_user_code.py",
    "weakrefs",
)
# What compares and writes reports and baselines, and the plugin's options, is text and arithmetic;
# the frameworks are installed with the extra `dev` only.
ON_ONE_INTERPRETER = (
    "leakwatch/cli/commands/test_baseline.py",
    "leakwatch/cli/commands/test_diff_and_verify.py",
    "leakwatch/compare",
    "leakwatch/model",
    "leakwatch/reports",
    "leakwatch/snapshots/test_devtools.py",
    "leakwatch/snapshots/test_memlab.py",
    "leakwatch/test_explaining.py",
    "plugins/asgi",
    "plugins/dask",
    "plugins/explorer",
    "plugins/html",
    "plugins/jupyter",
    "plugins/mcp",
    "plugins/otel",
    "plugins/parquet",
    "plugins/prometheus",
    "plugins/sentry",
    "plugins/pytest/output/test_baseline.py",
    "plugins/pytest/test_options.py",
    "plugins/tasks",
    "plugins/workers",
    "plugins/wsgi",
    "weakrefs/test_typing.py",
)
TESTS = Path(__file__).parent


# What judges its own process more than a few times; no plugin is there but those of `tests.apart`.
IN_A_SMALL_PROCESS = (
    "leakwatch/diagnosis/test_causes.py",
    "leakwatch/diagnosis/test_generated_names.py",
    "leakwatch/diagnosis/test_joining.py",
    "leakwatch/diagnosis/test_lead_type.py",
    "leakwatch/diagnosis/test_notes.py",
    "leakwatch/diagnosis/test_repeated_work.py",
    "leakwatch/diagnosis/test_weak_keys.py",
    "leakwatch/diagnosis/test_by_products.py",
    "leakwatch/growth",
    "leakwatch/guest/test_collector.py",
    "leakwatch/guest/test_guest.py",
    "leakwatch/guest/test_hostile.py",
    "leakwatch/heap/test_masking.py",
    "leakwatch/heap/test_objects.py",
    "leakwatch/paths/test_analysis.py",
    "leakwatch/paths/test_by_products.py",
    "leakwatch/paths/test_every_root.py",
    "leakwatch/paths/test_outermost.py",
    "leakwatch/paths/test_routes.py",
    "leakwatch/paths/test_sizes.py",
    "leakwatch/paths/test_unreached.py",
    "leakwatch/snapshots/test_asking.py",
    "leakwatch/snapshots/test_cause_changes.py",
    "leakwatch/snapshots/test_devtools.py",
    "leakwatch/snapshots/test_heapsnapshot.py",
    "leakwatch/snapshots/test_index.py",
    "leakwatch/snapshots/test_memlab.py",
    "leakwatch/snapshots/test_neighbourhood.py",
    "leakwatch/snapshots/test_unreached.py",
    "leakwatch/snapshots/test_waste.py",
    "leakwatch/snapshots/test_writing.py",
    "leakwatch/tracking",
    "plugins/numpy",
)

PAGES_IN_A_SMALL_PROCESS = {
    TESTS.parent / "docs" / page
    for page in (
        "explanation/signatures.md",
        "how-to/explore.md",
        "how-to/find-a-leak.md",
        "how-to/snapshot.md",
        "reference/api.md",
    )
}


def lies_in(path: Path, places: tuple[str, ...]) -> bool:
    return any(path.is_relative_to(TESTS / place) for place in places)


def depends_on_interpreter(path: Path) -> bool:
    """Whether the tests of a file may end differently on another version of Python."""
    return lies_in(path, ON_EACH_INTERPRETER) and not lies_in(path, ON_ONE_INTERPRETER)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With `-m interpreter` no other file is imported, nor what it needs."""
    asked = config.option.markexpr == "interpreter" and collection_path.suffix == ".py"
    return True if asked and not depends_on_interpreter(collection_path) else None


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if depends_on_interpreter(item.path):
            item.add_marker("interpreter")


def judges_itself(path: Path) -> bool:
    """Whether the tests of a file are to run in a small process."""
    return path in PAGES_IN_A_SMALL_PROCESS or lies_in(path, IN_A_SMALL_PROCESS)


@pytest.fixture(autouse=True)
def _as_at_a_desk(monkeypatch: pytest.MonkeyPatch) -> None:
    """What tests start prints what it prints at a desk, not what a CI service or a terminal of
    another width asks of it: with `CI` set, pytest shortens no line of its summary."""
    for name in ("CI", "BUILD_NUMBER", "GITHUB_WORKSPACE", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    # Each process that starts would compile all of leakwatch again.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    # A crash of a child says where; without this it is an exit code alone.
    monkeypatch.setenv("PYTHONFAULTHANDLER", "1")


@pytest.fixture(autouse=True)
def _short_hunts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hunts in this process end early; a test of what takes many runs says so."""
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 200)


@pytest.fixture(autouse=True)
def _short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of pytest-xdist has a thread of its own, for which each judgement would wait."""
    monkeypatch.setattr("leakwatch.tracking.settling.OTHERS_WAIT", 0.01)


@pytest.fixture(params=["native", "pure"])
def each_walk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Which of the two walks the processes that this test starts will take."""
    if request.param == "native" and not importlib.util.find_spec("leakwatch.heap._walk_native"):
        pytest.skip("the native walk was not compiled at installation")
    monkeypatch.setenv("LEAKWATCH_PURE", str(int(request.param == "pure")))
    return request.param
