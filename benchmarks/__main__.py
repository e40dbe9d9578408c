"""`python -m benchmarks [NAME ...] [--json FILE]`: run benchmarks and print their rows."""

import argparse
import importlib
import json
import platform
import sys
from pathlib import Path
from typing import Any

NAMES = ("scope", "track", "window", "walk", "containers", "import_time")


def main() -> int:
    """Run the benchmarks that were asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; all")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows to this file")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(NAMES)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    results = {name: measured(name) for name in arguments.names or NAMES}
    if arguments.json:
        machine = {"python": platform.python_version(), "machine": platform.machine()}
        arguments.json.write_text(json.dumps({**machine, "results": results}, indent=1) + "\n")
    return 0


def measured(name: str) -> list[dict[str, Any]]:
    """Run one benchmark and print its rows."""
    print(name, file=sys.stderr)
    rows: list[dict[str, Any]] = importlib.import_module(f"benchmarks.{name}").run()
    for row in rows:
        print("  " + "  ".join(f"{key} {value}" for key, value in row.items()))
    return rows


if __name__ == "__main__":
    sys.exit(main())
