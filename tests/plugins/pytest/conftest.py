"""Each suite runs in a process of its own: the collector and its windows are process-wide."""

import os
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from tests import nursery

ROOT = Path(__file__).parents[3]
INSTALLED = any(point.name == "leakwatch" for point in entry_points(group="pytest11"))
PLUGIN = "leakwatch" if INSTALLED else "pytest_leakwatch.plugin"

SLOW = {"hypothesispytest": "hypothesis", "asyncio": "asyncio", "rerunfailures": "reruns"}
"""Plugins that take half of a start-up together, and the word that a suite for them has."""


@pytest.fixture
def suite(pytester, monkeypatch):
    """Writes a test file and runs pytest over the folder, with the plugin but not switched on."""
    if not INSTALLED:
        paths = [str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
        monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        monkeypatch.setenv("PYTEST_PLUGINS", PLUGIN)
    # The workers of the outer run are none of the inner one's business.
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "200")

    def run(source, *arguments, order=("-p", "no:randomly"), anew=False):
        if source:
            pytester.makepyfile(test_shop=source)
        left_out = [f"-pno:{plugin}" for plugin in unused(pytester.path, arguments)]
        with monkeypatch.context() as patch:
            if not anew:
                patch.setattr(pytester, "popen", forked)
            return pytester.runpytest_subprocess(
                *order, "-p", "no:cacheprovider", *left_out, *arguments
            )

    return run


def forked(command, *, stdout, stderr, stdin):
    """What `Pytester.popen` does, without the imports: see `tests.nursery`."""
    _, module, *arguments = command
    assert module == "-mpytest"
    here, path = os.getcwd(), os.environ.get("PYTHONPATH", "")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, [here, path]))}
    return nursery.start(
        "pytest", arguments, environment=environment, cwd=here, stdout=stdout, stderr=stderr
    )


def unused(folder, arguments):
    """The slow plugins that nothing in the folder, or on the command line, mentions."""
    kinds = ("*.py", "*.ini", "*.toml")
    texts = [path.read_text("utf-8") for kind in kinds for path in folder.rglob(kind)]
    return [name for name, word in SLOW.items() if word not in "\n".join([*texts, *arguments])]


def leaked(result):
    """Names of the tests that the short summary calls leaked."""
    lines = [line for line in result.outlines if line.startswith("LEAKED ")]
    return sorted(line.split(" - ")[0].rpartition("::")[2] for line in lines)
