"""What the examples print, and the part of it that is the same on every machine."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEXADECIMAL = re.compile(r"\b[0-9a-f]{12}\b")
FIGURE = re.compile(r"\d[\d.,]*(?: (?:B|KiB|MiB|GiB)\b)?")
MEMORY = re.compile(r"^memory: .*\n", re.MULTILINE)
WAITED = re.compile(r" and after waiting [\d.]+ s")


def run_example(name):
    """Standard output of `leakwatch run` on an example; it must succeed."""
    result = subprocess.run(
        [sys.executable, "-m", "leakwatch", "run", f"examples/{name}.py"],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "100"},
        check=True,
        text=True,
        capture_output=True,
    )
    return result.stdout


def without_figures(text):
    """Sizes, signatures and the process's memory differ between machines; the words do not."""
    words = WAITED.sub("", MEMORY.sub("", text))
    return re.sub(" +", " ", FIGURE.sub("#", HEXADECIMAL.sub("#", words)))
