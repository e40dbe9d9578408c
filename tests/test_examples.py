"""Every example leaks as its docstring says, and leakwatch says so."""

import re
from pathlib import Path

import pytest

from leakwatch import Report
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


# What the printed fix says, applied: pieces of the example with what replaces them.
FIXES = {
    "cached_method": {
        "from functools import cache": "from weakrefs import weak_cached_method",
        "@cache  #": "@weak_cached_method  #",
    },
    "closed_sessions": {"self.closed = True": "del OPEN_SESSIONS[self.number]"},
    "endless_task": {
        "    print(": "    for task in list(TASKS):\n        task.cancel()\n    print(",
        "serve())\n": "serve())\n    loop.run_until_complete(asyncio.sleep(0))\n    loop.close()\n",
    },
    "handler_registry": {"self.basket.clear()": "del HANDLERS[self.customer]"},
    "stored_exception": {"FAILURES.append(error)": "FAILURES[:] = [str(error)]"},
    "thread_local": {
        "while True:": "while (number := JOBS.get()) >= 0:",
        "Transaction(JOBS.get())": "Transaction(number)",
        "def main()": "    JOBS.task_done()\n    del LOCAL.transactions\n\n\ndef main()",
        "    JOBS.join()": "    JOBS.put(-1)\n    JOBS.join()",
    },
}
HUNTED = {}
"""What holds the leaked objects and was born with them, where a hunt reports the owner."""
BESIDES = {"thread_local": {"LW109 threading.Thread"}}
"""What else leaks where the whole example is repeated: it starts a worker that never ends."""
HUNT = """
import os, sys
import leakwatch.growth.rounds
from leakwatch.cli import main

os.chdir(sys.argv[2])
leakwatch.growth.rounds.SECONDS = 0  # one round of runs is enough where every run leaks
main(["hunt", "--runs", "4", "--warmup", "1", "--output", "leaks.json", sys.argv[1]])
sys.stdout.flush()
os._exit(0)  # threads and loops of the example are left as they are
"""
VERIFY = """
import os, sys
from leakwatch.cli import main

os.chdir(sys.argv[1])
sys.exit(main(["verify", "leaks.json", "--", sys.argv[2]]))
"""


@pytest.mark.parametrize("name", NAMES)
def test_a_hunt_over_an_example_tells_its_fix_and_the_fix_applied_verifies(name, tmp_path):
    source = (ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8")
    example = tmp_path / f"{name}.py"
    example.write_text(source, encoding="utf-8")
    run_python("-c", HUNT, f"{name}:main", str(tmp_path))
    found = [
        f"{it.pattern.code} {it.type_name}" for it in Report.load(tmp_path / "leaks.json").leaks
    ]
    code, leaked = LEAKS[name]
    wanted = HUNTED.get(name, f"{name}.{leaked.split('.')[-1]}")
    assert found[0] == f"{code} {wanted}"
    assert set(found[1:]) == BESIDES.get(name, set())

    for before, after in FIXES[name].items():
        assert source.count(before) == 1
        source = source.replace(before, after)
    example.write_text(source, encoding="utf-8")
    # It exits with 0 only if all leaks of the report are fixed, or this fails.
    printed = run_python("-c", VERIFY, str(tmp_path), f"{name}:main")
    assert f"{len(found)} fixed" in printed
    assert "also found" not in printed
