"""Run the real reproducers of known leaks with the releases that have them, and the first without.

    python -m benchmarks.releases              every entry
    python -m benchmarks.releases sympy-cache  some

The first line of each program says which releases leak, and which do not. For each set of
them a virtual environment is made in a temporary folder. An entry of leakwatch must know the
leak in the affected release, and nothing may leak in the fixed one.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(__file__).parent / "programs"
HEADER = re.compile(r"# leaks with (?P<affected>.+?)(?:,\s(?:# )?not with (?P<fixed>.+))?\n")
NEEDED = ("pluggy", "packaging", "psutil>=7.2")
"""What leakwatch itself imports."""


def main(wanted: list[str]) -> int:
    """Print a line for each release; 1 if one is not as the program says."""
    failed = False
    for program in sorted(PROGRAMS.glob("*.py")):
        if not wanted or program.stem in wanted:
            for line, ok in checked(program):
                print(f"{'ok ' if ok else 'BAD'} {program.stem:34} {line}", flush=True)
                failed = failed or not ok
    return int(failed)


def checked(program: Path) -> Iterator[tuple[str, bool]]:
    """What came of each release that a program names."""
    first = HEADER.match(program.read_text(encoding="utf-8"))
    assert first is not None, f"{program}: the first line names no release"
    for kind in ("affected", "fixed"):
        if first[kind]:
            known, unknown = outcome(program, first[kind].split())
            leaks = any(f"known as {program.stem}:" in reason for reason in known)
            quiet = not known and not unknown
            said = "leaks, known" if leaks else "quiet" if quiet else f"{known} {unknown}"
            yield f"{first[kind]:62} {said}", leaks if kind == "affected" else quiet


def outcome(program: Path, releases: list[str]) -> tuple[list[str], list[str]]:
    """Which leaks are known with some releases installed, and which others there are.

    A program that ends without an answer counts as one of the others.
    """
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = os.path.join(folder, "bin", "python")
        install = [python, "-m", "pip", "install", "-qq", *NEEDED, *releases]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        path = os.pathsep.join(map(str, (ROOT, ROOT / "plugins")))
        done = subprocess.run(
            [python, str(program)],
            env=os.environ | {"PYTHONPATH": path, "LEAKWATCH_DISABLE_PLUGINS": "all"},
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )
    answers = [line for line in done.stdout.splitlines() if line.startswith('{"known"')]
    if not answers:
        return [], [(done.stdout + done.stderr)[-1500:]]
    answer = json.loads(answers[-1])
    return answer["known"], answer["leaks"]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
