"""Every example leaks as its docstring says, and leakwatch says so."""

import re
from pathlib import Path

import pytest

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
