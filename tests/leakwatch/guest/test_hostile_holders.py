"""Whatever keeps an object, and whatever it refuses: the object is found, and nothing is asked."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAIRS = {"0": 200, "1": 50}
"""Of holders in one another; the walk in Python takes three times as long for each."""


@pytest.mark.parametrize("pure", PAIRS)
def test_no_holder_is_asked_anything_and_each_object_is_found(pure):
    done = subprocess.run(
        [sys.executable, "-m", "tests.leakwatch.holders", str(PAIRS[pure])],
        env=os.environ | {"LEAKWATCH_PURE": pure},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["faults"] == []
    assert told["holders"] >= 60
    assert pure == "0" or told["walk"] == "pure"


def test_a_name_that_no_class_has_asks_the_classes_nothing():
    """`why` looks for close names among all living classes."""
    import leakwatch
    from tests.leakwatch.guest.hostile import ASKED, HostileClass, arm, disarm

    kept = HostileClass()
    arm()
    report = leakwatch.why("tests.leakwatch.guest.hostile.HostileClas")
    disarm()
    assert ASKED == []
    assert report.not_judged is not None
    assert "did you mean tests.leakwatch.guest.hostile.HostileClass" in report.not_judged
