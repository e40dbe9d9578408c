"""What all tests share: one option, and a repeatable Hypothesis."""

import importlib.util
import signal

import pytest
from hypothesis import settings

# No deadline: a slow machine is not a bug. Derandomised: the same examples in every run.
settings.register_profile("leakwatch", deadline=None, derandomize=True)
settings.load_profile("leakwatch")

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
