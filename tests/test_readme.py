"""The README keeps its word: its commands are those that run in CI, its output is real."""

import re

import pytest

from tests.printed import ROOT, run_example, without_figures

README = ROOT / "README.md"
CI = ROOT / ".ci" / "run"

MAIN_JOB = (
    "python3 -m venv .venv && .venv/bin/pip install . && "
    ".venv/bin/leakwatch run examples/handler_registry.py"
)
TESTS = 'python3 -m venv .venv && .venv/bin/pip install -e ".[dev]" && .venv/bin/python -m pytest'

OUTPUT = re.compile(r"(?<=^### Its output\n\n```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)


def lines_of(path):
    return [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]


def test_the_first_commands_of_the_readme_are_the_main_job_and_the_tests():
    commands = [line for line in lines_of(README) if line.startswith(("python", ".venv", "pip"))]
    assert commands[:2] == [MAIN_JOB, TESTS]


@pytest.mark.parametrize("command", [MAIN_JOB, TESTS])
def test_ci_runs_the_commands_of_the_readme_word_for_word(command):
    assert command in lines_of(CI)


def test_the_output_in_the_readme_is_what_the_program_prints(request):
    printed, readme = run_example("handler_registry"), README.read_text(encoding="utf-8")
    if request.config.getoption("--update-gold"):
        README.write_text(OUTPUT.sub(lambda _: printed, readme, count=1), encoding="utf-8")
        return
    shown = OUTPUT.search(readme)
    assert shown, "README.md: no ```text block under the heading `### Its output`"
    assert without_figures(shown[0]) == without_figures(printed), (
        "README.md shows an old output; bring it up to date with "
        "`python -m pytest tests/test_readme.py --update-gold`"
    )
