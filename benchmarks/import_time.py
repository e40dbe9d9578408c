"""Milliseconds that an import adds to a bare interpreter, in fresh processes."""

import os
import subprocess
import sys
import tempfile

ROUNDS = 10
STATEMENTS = {
    "weakrefs": ("", "import weakrefs"),
    "leakwatch": ("", "import leakwatch"),
    "leakwatch, its functions": ("", "import leakwatch; leakwatch.scope"),
    "leakwatch, a first scope with all plugins": (
        "import leakwatch; leakwatch.scope",
        "with leakwatch.scope('first'): pass",
    ),
    "the pytest plugin, off": ("import pytest", "import pytest_leakwatch.plugin"),
}
"""What is measured, and what is there before: pytest imports its plugins."""
PROGRAM = """
import time
{before}
start = time.perf_counter()
{measured}
print(time.perf_counter() - start)
"""


def run() -> list[dict[str, object]]:
    """The fastest of several imports of each module."""
    with tempfile.TemporaryDirectory() as cache:
        environment = compiling_into(cache)
        return [
            {"what": what, "ms": round(fastest(*statements, environment) * 1e3, 1)}
            for what, statements in STATEMENTS.items()
        ]


def compiling_into(cache: str) -> dict[str, str]:
    """An environment in which modules are compiled once, as an installer compiles them."""
    environment = {**os.environ, "PYTHONPYCACHEPREFIX": cache}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return environment


def fastest(before: str, measured: str, environment: dict[str, str]) -> float:
    """Seconds of the fastest of several processes."""
    program = PROGRAM.format(before=before, measured=measured)
    command = [sys.executable, "-c", program]
    results = [
        subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
        for _ in range(ROUNDS)
    ]
    return min(float(result.stdout) for result in results)
