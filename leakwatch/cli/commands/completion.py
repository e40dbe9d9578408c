"""`leakwatch completion`: the script by which a shell completes what is typed behind `leakwatch`.

The script starts `leakwatch` at each press of Tab, and `leakwatch.cli.completing` answers: it knows
what no script can, such as the commands of plugins and the project's baseline.
"""

import argparse

from leakwatch.cli.output import answer
from leakwatch.command import Subcommand

EPILOG = """\
examples:
  eval "$(leakwatch completion bash)"              in ~/.bashrc
  eval "$(leakwatch completion zsh)"               in ~/.zshrc, below `compinit`
  leakwatch completion fish > ~/.config/fish/completions/leakwatch.fish

exit codes: 0 printed, 2 there is no script for that shell.
"""

SHELLS = ("bash", "zsh", "fish")


def add_arguments(place: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    place.description = "Print a script that completes leakwatch's commands, options and values."
    place.epilog = EPILOG
    place.add_argument("shell", choices=SHELLS, help="the shell that is to complete")


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    from argcomplete.shell_integration import shellcode

    return answer(shellcode(["leakwatch"], shell=arguments.shell).lstrip())


COMMAND = Subcommand("completion", "print a script for a shell", add_arguments, run_command)
