"""`leakwatch completion`: the shell's own answer to a line that was begun."""

import shutil
import subprocess

import pytest

from leakwatch.diagnosis.patterns import BY_CODE

ASK_BASH = """
source leakwatch.bash
ask() {
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
    _leakwatch
    echo "${COMPREPLY[@]}"
}
ask leakwatch hu
ask leakwatch report --format s
ask leakwatch --config x completion f
ask leakwatch run --fail-on-g
ask leakwatch report --format = s
ask leakwatch explain LW13
ask leakwatch --disable-plugin al
ask leakwatch report my
"""
ASK_FISH = """
source leakwatch.fish
complete -C "leakwatch hu"
complete -C "leakwatch report --format s"
complete -C "leakwatch completion f"
complete -C "leakwatch run --fail-on-g"
"""


def answers(cli, shell, script):
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    cli.write(f"leakwatch.{shell}", cli("completion", shell).stdout)
    cli.write("ask", script)
    done = subprocess.run(
        [shell, "ask"], cwd=cli.folder, capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return [line.partition("\t")[0] for line in done.stdout.splitlines()]


def test_bash_completes_commands_options_and_their_values(cli):
    cli.write("my report.json", "")
    asked = ["hunt", "sarif", "fish", "--fail-on-growth", "sarif"]
    codes = " ".join(code for code in sorted(BY_CODE) if code.startswith("LW13"))
    assert answers(cli, "bash", ASK_BASH) == [*asked, codes, "all", "my report.json"]


def test_fish_completes_the_same(cli):
    assert answers(cli, "fish", ASK_FISH) == ["hunt", "sarif", "fish", "--fail-on-growth"]


def test_zsh_understands_its_script(cli):
    assert answers(cli, "zsh", "autoload -U compinit\nsource leakwatch.zsh") == []
    script = (cli.folder / "leakwatch.zsh").read_text()
    assert script.startswith("#compdef leakwatch\n")
    assert "('report --format') compadd -- github json" in script


def test_another_shell_is_refused_with_the_choices(cli):
    result = cli("completion", "tcsh")
    assert result.returncode == 2
    assert "'tcsh'" in result.stderr
    assert "bash" in result.stderr
