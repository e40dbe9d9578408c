"""Rows from processes of their own: one heap each, and one of the two walks."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

from leakwatch.heap.graph import IMPLEMENTATION

WALKS = ("native", "pure") if IMPLEMENTATION == "native" else ("pure",)


def rows(module: str, sizes: tuple[int, ...]) -> list[dict[str, Any]]:
    """What `row(size)` of a module gives, for each walk and size."""
    return list(_rows(module, sizes))


def _rows(module: str, sizes: tuple[int, ...]) -> Iterator[dict[str, Any]]:
    for walk in WALKS:
        for size in sizes:
            found = row(module, size, LEAKWATCH_PURE=str(int(walk == "pure")))
            yield {"walk": walk, **found}


def row(module: str, *arguments: object, **environment: str) -> dict[str, Any]:
    """What `row` of a module gives in a process of its own, with some variables set."""
    listed = ", ".join(map(repr, arguments))
    program = f"import json, {module} as asked; print(json.dumps(asked.row({listed})))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, **environment},
        check=True,
        text=True,
        stdout=subprocess.PIPE,
    )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
