"""Run benchmarks and print their rows: `python -m benchmarks [NAME ...]`.

What a user calls is measured as a user calls it, with all plugins that are installed: `scope`,
`discover`, `survivors`, `why`, `hunt`, `track`, `suite`, `service`, `monitor`, `import`. The others
look at one stage of the engine.
"""

import argparse
import importlib
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

MODULES = {
    "scope": "scope",
    "discover": "discover",
    "survivors": "survivors",
    "why": "why",
    "hunt": "hunt",
    "track": "track",
    "window": "window",
    "walk": "walk",
    "retained": "retained",
    "containers": "containers",
    "suite": "suite",
    "attribution": "attribution",
    "import": "import_time",
    "page": "page",
    "sampler": "sampler",
    "service": "service",
    "monitor": "monitor",
    "fork": "fork",
    "snapshot": "snapshot",
}
PEERS = ("objgraph", "Pympler", "guppy3", "midden")
"""Installed by the extra `bench`; where one is missing, its column is empty."""


def main() -> int:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MODULES)}; all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to this file")
    parser.add_argument(
        "--compare", type=Path, metavar="OLD", help="say what is slower than in this JSON file"
    )
    arguments = parser.parse_args()
    unknown = set(arguments.names) - MODULES.keys()
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(MODULES)}")
    results = {name: measured(name) for name in arguments.names or MODULES}
    if arguments.json:
        arguments.json.write_text(json.dumps({**machine(), "results": results}, indent=1) + "\n")
    if arguments.compare is None:
        return 0
    old = json.loads(arguments.compare.read_text())
    slower = list(slower_than(old["results"], results))
    print("\n".join(slower) or "nothing is slower than before")
    return int(bool(slower))


NOISE = 1.3
"""A ratio of two figures of one run that is larger than before by less is noise."""


def slower_than(old: dict[str, Any], new: dict[str, Any]) -> Iterator[str]:
    """A line for each ratio to a peer, or to a collection, that has become larger.

    Times are not compared: the machine may be another, or busy.
    """
    for name, rows in new.items():
        for before, row in zip(old.get(name, ()), rows, strict=False):
            for column, figure in row.items():
                was = before.get(column)
                if is_ratio(column) and was and figure > was * NOISE:
                    yield f"{name}: {column} {figure}, was {was}; {labels(row)}"


def is_ratio(column: str) -> bool:
    """Whether a column is ours in relation to something measured beside it: less is better."""
    return column == "ratio" or column.endswith(("_ratio", "collections", "calls"))


def labels(row: dict[str, Any]) -> str:
    """What tells a row from the others of its benchmark."""
    return ", ".join(f"{name} {it}" for name, it in list(row.items())[:2])


def machine() -> dict[str, Any]:
    """What the figures were taken on."""
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        "peers": {name: installed(name) for name in PEERS},
    }


def installed(name: str) -> str | None:
    """The version of a distribution, None without it."""
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def measured(name: str) -> list[dict[str, Any]]:
    """Run one benchmark and print its rows."""
    print(name, file=sys.stderr)
    rows = rows_of(MODULES[name])
    for row in rows:
        print("  " + "  ".join(f"{key} {value}" for key, value in row.items()))
    benchmark = importlib.import_module(f"benchmarks.{MODULES[name]}")
    for line in benchmark.summary(rows) if hasattr(benchmark, "summary") else ():
        print(line)
    return rows


def rows_of(module: str) -> list[dict[str, Any]]:
    """What a benchmark gives in a process of its own: plugins and heaps of others stay out."""
    program = f"import json, benchmarks.{module} as asked; print(json.dumps(asked.run()))"
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE)
    rows: list[dict[str, Any]] = json.loads(done.stdout.splitlines()[-1])
    return rows


if __name__ == "__main__":
    sys.exit(main())
