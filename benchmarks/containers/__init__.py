"""Every container operation of `weakrefs` beside the standard library and a plain container.

The native build, the pure one, the standard library and the plain twin run turn about in one
process, so that a ratio compares like with like. Times are the best of several rounds, in
nanoseconds per element.
"""

import math
import weakref
from typing import Any

import weakrefs
from benchmarks.containers import mappings, references, sets
from benchmarks.containers.measuring import Case, Plain, best_of_each, pure_package
from weakrefs import core

__all__ = ["run", "summary"]


def run() -> list[dict[str, Any]]:
    """Measure every operation.

    Returns:
        Rows with `operation`, `ours_ns` (the build in use), `pure_ns`, `stdlib_ns`, `plain_ns`
        (None where nothing plain compares), and `ratio` and `pure_ratio`: how many times faster
        ours and the pure build are than the standard library.
    """
    kinds = [weakrefs, pure_package(), weakref, Plain]
    cases = [*mappings.cases(), *sets.cases(), *references.cases()]
    return [_row(case, kinds) for case in cases]


def _row(case: Case, kinds: list[Any]) -> dict[str, Any]:
    ours, pure, standard, plain = best_of_each(case, kinds)
    assert ours is not None
    assert pure is not None
    assert standard is not None
    return {
        "operation": case.operation,
        "ours_ns": round(ours, 1),
        "pure_ns": round(pure, 1),
        "stdlib_ns": round(standard, 1),
        "plain_ns": None if plain is None else round(plain, 1),
        "ratio": round(standard / ours, 2),
        "pure_ratio": round(standard / pure, 2),
    }


def summary(rows: list[dict[str, Any]]) -> list[str]:
    """Return lines with the geometric means and with what is slower than the standard library."""
    return [
        f"build in use: {core.IMPLEMENTATION}",
        *_of_build("this build", "ratio", rows),
        *_of_build("pure build", "pure_ratio", rows),
    ]


def _of_build(build: str, key: str, rows: list[dict[str, Any]]) -> list[str]:
    ratios = [row[key] for row in rows]
    mean = math.exp(sum(map(math.log, ratios)) / len(ratios))
    slower = [f"{row['operation']} {row[key]}" for row in rows if row[key] < 1]
    return [
        f"{build}: geometric mean of {len(rows)} operations {mean:.2f} x the standard library",
        f"{build}: below 1.0 x: {', '.join(slower) or 'none'}",
    ]
