"""`leakwatch completion`: what is offered for a line that was begun, and that each shell asks."""

import os
import shutil
import sys

import pytest

from leakwatch import Report
from leakwatch.diagnosis.patterns import BY_CODE
from leakwatch.model import Leak, RetentionPath, Root

ASKED = {"": "1", "_STDOUT_FILENAME": "offered", "_SUPPRESS_SPACE": "1"}
SCRIPTS = {
    "bash": """
        source script
        COMP_LINE="leakwatch explain LW13"; COMP_POINT=${#COMP_LINE}
        _python_argcomplete leakwatch
        printf '%s\\n' "${COMPREPLY[@]}"
        """,
    "zsh": """
        autoload -U compinit; compinit -u -D
        source script
        _describe() { printf '%s\\n' "${(@)completions%%:*}" }
        words=(leakwatch) BUFFER="leakwatch explain LW13" CURSOR=22
        _python_argcomplete
        """,
    "fish": """
        source script
        complete -C "leakwatch explain LW13" | string replace -r '\\t.*' ''
        """,
}
"""What makes a shell ask as it does for a press of Tab; zsh wants a terminal for the rest."""


@pytest.fixture
def offered(cli):
    """Asks as the script of a shell does."""

    def ask(line, **environment):
        asked = {"COMP_LINE": f"leakwatch {line}", "COMP_POINT": str(len(line) + 10)}
        wanted = {f"_ARGCOMPLETE{name}": value for name, value in ASKED.items()}
        result = cli(**asked, **wanted, **environment)
        assert (result.returncode, result.stdout) == (0, "")
        return (cli.folder / "offered").read_text().split("\v")

    return ask


@pytest.fixture
def leak():
    path = RetentionPath(Root("module", "shop"), (), "shop.Cart")
    return Leak("shop.Cart", 3, None, 96, 96, "3f9c00000000", path)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hu", ["hunt"]),
        ("expl", ["explain", "explore"]),
        ("report --format s", ["sarif"]),
        ("report --format=s", ["--format=sarif"]),
        ("run --fail-on-g", ["--fail-on-growth"]),
        ("snapshot heap.lwheap --top 5 re", ["retained", "report"]),
        ("snapshot heap.lwheap retained --by m", ["module"]),
        ("completion f", ["fish"]),
        ("--config none.toml completion f", ["fish"]),
        ("--disable-plugin obj", ["objgraph"]),
        ("explain LW13", sorted(code for code in BY_CODE if code.startswith("LW13"))),
    ],
)
def test_commands_options_and_values_are_offered(offered, line, words):
    assert offered(line, LEAKWATCH_DISABLE_PLUGINS="") == words


@pytest.mark.parametrize("line", ["why --report leaks.json ", "why --report=leaks.json 3"])
def test_the_signatures_of_a_report_are_offered_where_the_line_names_it(offered, cli, leak, line):
    Report("work", leaks=(leak,)).save(cli.folder / "leaks.json")
    assert leak.signature in offered(line)


def test_the_signatures_of_the_baseline_are_offered(offered, cli, leak):
    Report("work", leaks=(leak,)).save(cli.folder / "leaks.json")
    cli("baseline", "--write", "leaks.json")
    assert offered("why --report - 3") == [leak.signature]
    assert offered("why 3", _ARGCOMPLETE_DFS="\t") == [f"{leak.signature}\tnot examined yet"]


def test_a_plugin_in_the_current_folder_is_not_run_for_a_line_that_nobody_entered(offered, cli):
    cli.write("trap.py", "open('sprung', 'w')")
    assert offered("-p trap hu") == ["hunt"]
    assert not (cli.folder / "sprung").exists()


@pytest.mark.parametrize("shell", SCRIPTS)
def test_a_shell_asks_and_shows_the_answer(cli, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    cli.write("script", cli("completion", shell).stdout)
    cli.write("ask", SCRIPTS[shell])
    ours = cli.write("leakwatch", f'#!/bin/sh\nexec {sys.executable} -m leakwatch "$@"\n')
    ours.chmod(0o755)
    result = cli.execute(
        [shell, *["-f"] * (shell == "zsh"), "ask"],
        PATH=os.pathsep.join([str(cli.folder), os.environ["PATH"]]),
    )
    assert result.stderr == ""
    codes = sorted(code for code in BY_CODE if code.startswith("LW13"))
    assert sorted(result.stdout.split()) == codes


def test_another_shell_is_refused_with_the_choices(cli):
    result = cli("completion", "tcsh")
    assert result.returncode == 2
    assert "'tcsh'" in result.stderr
    assert "bash" in result.stderr
