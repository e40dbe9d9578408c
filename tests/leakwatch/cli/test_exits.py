"""What was not judged is never clean: every command and every format says so."""

import io
import sys
from dataclasses import replace

import pytest

from leakwatch import Report
from leakwatch.cli import main
from leakwatch.cli.messages import CLEAN, FAULT, LEAKS, exit_code
from leakwatch.session import presenter

REASON = "2 children were not judged"
GAP = Report("app.py", kind="run", not_judged=REASON)
FORMATS = ("text", "json", "jsonl", "markdown", "sarif", "junit", "github", "html", "notebook")


@pytest.fixture
def saved(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    GAP.save("gap.json")
    replace(GAP, not_judged=None).save("clean.json")
    return tmp_path


def test_what_was_not_judged_counts_for_more_than_a_leak():
    assert [exit_code(it) for it in (replace(GAP, not_judged=None), GAP)] == [CLEAN, FAULT]
    assert CLEAN < LEAKS < FAULT


@pytest.mark.parametrize(
    "command",
    [
        "report gap.json",
        "report clean.json gap.json",
        "report --by file clean.json gap.json",
        "report --by scope --format jsonl clean.json gap.json",
        "combine clean.json gap.json",
        "diff clean.json gap.json",
        "diff gap.json clean.json",
        "diff --format json clean.json gap.json",
        "diff --format markdown clean.json gap.json",
        "baseline gap.json",
        "baseline --check gap.json",
        "baseline --write gap.json",
        *(f"report --format {name} gap.json" for name in FORMATS),
    ],
)
def test_a_report_that_was_not_judged_never_exits_0(saved, monkeypatch, command):
    shown = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    monkeypatch.setattr(sys, "__stdout__", shown)
    assert main(command.split()) == FAULT
    assert REASON in shown.buffer.getvalue().decode()


@pytest.mark.parametrize("name", sorted({*presenter().names(), *FORMATS}))
def test_every_format_says_that_something_was_not_judged(name):
    assert REASON in presenter().render(GAP, name)


def test_a_renderer_that_fails_leaves_the_report_on_stderr(cli, leaky):
    cli("run", "-o", "leaks.json", leaky)
    saboteur = "import leakwatch.reports.sarif as ours; del ours.document"
    script = f"{saboteur}; import sys; from leakwatch.cli import main; sys.exit(main())"
    result = cli.python("-c", script, "report", "-o", "leaks.sarif", "leaks.json")
    assert result.returncode == FAULT
    assert "the renderer of format 'sarif' failed: NameError" in result.stderr
    assert "leakwatch: 1 leak at the end of leaky.py: 20 objects" in result.stderr
