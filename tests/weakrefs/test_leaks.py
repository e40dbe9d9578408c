"""No operation leaks a block of memory, nor a reference where the interpreter counts them.

A debug build of CPython does (`python3.14d`). What is asked is what `python -m test -R` asks.
"""

import json
import subprocess
import sys
from pathlib import Path

EXERCISES = Path(__file__).with_name("exercises.py")


def test_nothing_is_leaked_by_any_operation():
    command = [sys.executable, "-X", "faulthandler", EXERCISES]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    measured = json.loads(result.stdout)
    assert {kind for counts in measured.values() for kind in counts} == (
        {"blocks", "references"} if hasattr(sys, "gettotalrefcount") else {"blocks"}
    )
    # A leak shows in each round; what the interpreter makes once, for itself, in one of them.
    assert {
        (name, kind): rounds
        for name, counts in measured.items()
        for kind, rounds in counts.items()
        if all(rounds)
    } == {}
