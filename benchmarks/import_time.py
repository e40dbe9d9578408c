"""Milliseconds that an import adds to a bare interpreter, in fresh processes."""

import subprocess
import sys

ROUNDS = 10
MODULES = ("weakrefs", "leakwatch", "pytest_leakwatch.plugin")
BEFORE = {"pytest_leakwatch.plugin": "import pytest"}
"""What is there already when a module is imported: pytest imports its plugins."""
PROGRAM = """
import time
{before}
start = time.perf_counter()
import {module}
print(time.perf_counter() - start)
"""


def run() -> list[dict[str, object]]:
    """The fastest of several imports of each module."""
    return [{"module": module, "ms": round(fastest(module) * 1e3, 1)} for module in MODULES]


def fastest(module: str) -> float:
    """Seconds of the fastest import."""
    program = PROGRAM.format(module=module, before=BEFORE.get(module, ""))
    command = [sys.executable, "-c", program]
    results = [
        subprocess.run(command, check=True, capture_output=True, text=True) for _ in range(ROUNDS)
    ]
    return min(float(result.stdout) for result in results)
