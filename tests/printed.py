"""What the examples print, and the part of it that is the same on every machine."""

import os
import re
from pathlib import Path

from tests import nursery

ROOT = Path(__file__).parents[1]
HEXADECIMAL = re.compile(r"\b[0-9a-f]{12}\b")
FIGURE = re.compile(r"\d+ collections?\b|\d[\d.,]*(?: (?:B|KiB|MiB|GiB)\b)?")
"""How often it is collected depends on what the collector did of itself shortly before."""
MEMORY = re.compile(r"^memory: .*\n", re.MULTILINE)
WAITED = re.compile(r" and after waiting [\d.]+ s")


def run_example(name):
    """Standard output of `leakwatch run` on an example; it must succeed."""
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "100"}
    result = nursery.run(
        "leakwatch", ["run", f"examples/{name}.py"], environment=environment, cwd=ROOT
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def without_figures(text):
    """Sizes, signatures and the process's memory differ between machines; the words do not."""
    words = WAITED.sub("", MEMORY.sub("", text))
    return re.sub(" +", " ", FIGURE.sub("#", HEXADECIMAL.sub("#", words)))
