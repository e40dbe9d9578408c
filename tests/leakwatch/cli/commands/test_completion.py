"""`leakwatch completion`: the shell's own answer to a line that was begun."""

import shutil
import subprocess

import pytest

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
ask leakwatch run --fail
"""
ASK_FISH = """
source leakwatch.fish
complete -C "leakwatch hu"
complete -C "leakwatch report --format s"
complete -C "leakwatch completion f"
complete -C "leakwatch run --fail"
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
    assert answers(cli, "bash", ASK_BASH) == ["hunt", "sarif", "fish", "--fail-on-leak"]


def test_fish_completes_the_same(cli):
    assert answers(cli, "fish", ASK_FISH) == ["hunt", "sarif", "fish", "--fail-on-leak"]


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
