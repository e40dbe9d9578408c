"""The page that follows a leak through the files: they are there, and a leak goes through them."""

import ast
import json
import re
from pathlib import Path

import pytest

from tests.heaps import run_python

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "architecture.md").read_text(encoding="utf-8")
STEPS = re.findall(r"^\| [a-z ]*\| `(\S+)` \| `(\w+)` \|", PAGE, re.MULTILINE)

# In functions of other modules, for what a module has at its top may be read when it is imported.
TRIP = """
import json, logging, sys
import leakwatch
logging.disable()
CARTS = {}
class Cart: pass
def trip():
    with leakwatch.scope("checkout", on_leak=lambda report: None) as scope:
        CARTS["u42"] = leakwatch.track(Cart())
    return str(scope.report)
trip()
seen = set()
def note(frame, event, _):
    if event == "call":
        seen.add((frame.f_code.co_filename, frame.f_code.co_name))
sys.setprofile(note)
trip()
sys.setprofile(None)
print(json.dumps(sorted(seen)))
"""


@pytest.fixture(scope="module")
def called():
    """File and name of every function of ours that one leak goes through."""
    return {
        (Path(file).relative_to(ROOT).as_posix(), name)
        for file, name in json.loads(run_python("-c", TRIP))
        if file.startswith(str(ROOT / "leakwatch"))
    }


def test_every_path_on_the_page_is_there():
    named = re.findall(r"`((?:leakwatch|plugins)/[\w/.]*)`", PAGE)
    assert len(named) > 40
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_every_folder_and_stage_is_on_the_page():
    here = (ROOT / "leakwatch").glob("*/__init__.py")
    assert [it.parent.name for it in here if f"`leakwatch/{it.parent.name}/`" not in PAGE] == []


@pytest.mark.parametrize(("file", "name"), STEPS)
def test_a_step_of_the_trip_is_defined_where_the_page_says(file, name):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    kinds = ast.FunctionDef | ast.ClassDef
    assert name in {node.name for node in ast.walk(tree) if isinstance(node, kinds)}


def test_the_leak_goes_through_every_step(called):
    made = {("leakwatch/report.py", "Report"), ("leakwatch/tracking/case.py", "Case")}
    assert len(STEPS) > 20
    assert [step for step in STEPS if step not in called | made] == []
