"""Every example leaks as its docstring says, and leakwatch says so."""

import re
from pathlib import Path

import pytest

from tests.heaps import run_python
from tests.printed import ROOT, run_example, without_figures

GOLD = Path(__file__).parent / "gold" / "examples"
NAMES = sorted(path.stem for path in (ROOT / "examples").glob("*.py"))
LEAKS = {
    "cached_method": ("LW102", "12 __main__.Report"),
    "closed_sessions": ("LW101", "30 __main__.DatabaseSession"),
    "endless_task": ("LW107", "10 __main__.Connection"),
    "handler_registry": ("LW104", "20 __main__.Session"),
    "stored_exception": ("LW103", "20 __main__.Upload"),
    "thread_local": ("LW110", "20 __main__.Transaction"),
}


@pytest.mark.usefixtures("each_walk")
@pytest.mark.parametrize("name", NAMES)
def test_the_report_on_an_example_is_the_expected_text(name, request):
    printed, gold = run_example(name), GOLD / f"{name}.txt"
    if request.config.getoption("--update-gold"):
        gold.write_text(printed, encoding="utf-8")
    assert without_figures(printed) == without_figures(gold.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_the_report_on_an_example_names_type_number_and_pattern(name):
    text = (GOLD / f"{name}.txt").read_text(encoding="utf-8")
    code, leaked = LEAKS[name]
    assert re.search(rf"^1\. {re.escape(leaked)} are held, each like ", text, re.MULTILINE)
    assert code in text
    assert "leakwatch: 1 leak at the end of " in text


HUNT = """
import os, sys
import leakwatch, leakwatch.growth

leakwatch.growth.SECONDS = 0  # one round of runs is enough where every run leaks
sys.path.insert(0, "examples")
work = __import__(sys.argv[1]).main
report = leakwatch.hunt(work, runs=8, warmup=1)
print(*(f"{leak.pattern.code} {leak.type_name}" for leak in report.leaks), sep="\\n", flush=True)
os._exit(0)  # threads and loops of the example are left as they are
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_hunt_over_an_example_names_its_type_and_pattern_first(name):
    code, leaked = LEAKS[name]
    wanted = leaked.split(".")[-1]
    leaks = [line.split() for line in run_python("-c", HUNT, name).splitlines() if line[:2] == "LW"]
    # Of a task, the outermost survivor is the task itself.
    assert leaks[0] in ([code, f"{name}.{wanted}"], [code, HUNTED.get(name)])


HUNTED = {"endless_task": "_asyncio.Task", "stored_exception": "builtins.ValueError"}
"""What holds the leaked objects and was born with them, where a hunt reports the owner."""
