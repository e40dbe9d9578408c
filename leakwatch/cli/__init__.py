"""The `leakwatch` program: from its arguments to an exit code.

0 clean, 1 leaks, 2 usage or configuration, 3 a fault of leakwatch itself or of a plugin's
command, or not judged, 130 interrupted.
Results go to stdout, everything else to stderr, errors as one line.
"""

import sys
from collections.abc import Sequence

from leakwatch.cli.commands import builtin
from leakwatch.cli.messages import (
    FAULT,
    INTERRUPTED,
    USAGE,
    complain,
    complain_of_fault,
    complain_with_traceback,
)
from leakwatch.cli.parsing import configured, parsed, parsed_early, parser, plugins_asked_for
from leakwatch.cli.plugin_loading import loaded, subcommands
from leakwatch.cli.terminal import is_terminal
from leakwatch.errors import LeakwatchError, PluginError
from leakwatch.plugin_manager import COMMANDS, Plugins


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program.

    Args:
        argv: the arguments without the program's name; None takes those of the process.

    Returns:
        the exit code.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments
    try:
        given = parsed_early(arguments)
        early = configured(given)
        debug = early.debug
        if not arguments:
            return nothing_asked(loaded(early, plugins_asked_for(given)))
        asked = given.rest[0] if given.rest else ""
        return run_command(arguments, loaded(early, plugins_asked_for(given)), asked)
    except PluginError as error:
        complain_with_traceback(str(error), error, debug=debug)
        return FAULT
    except LeakwatchError as error:
        complain(str(error))
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a fault of ours is one line, not a traceback
        complain_of_fault(error, debug=debug)
        return FAULT


def nothing_asked(hooks: Plugins) -> int:
    """Ask a person what there is, and name the command for it; whoever reads a pipe gets help."""
    if is_terminal(sys.stdin) and is_terminal(sys.stdout):
        from leakwatch.cli.first_question import command_for_a_start

        return command_for_a_start()
    hooks.register(builtin, COMMANDS)
    print(parser(subcommands(hooks, "")).format_help(), end="")
    return USAGE


def run_command(arguments: list[str], hooks: Plugins, asked: str) -> int:
    """Run the command that was asked for, of leakwatch or of a plugin, and give its exit code."""
    # Registered last, they are asked first: nobody's `run` takes the place of ours.
    hooks.register(builtin, COMMANDS)
    whole = parser(subcommands(hooks, asked))
    try:
        namespace = parsed(whole, arguments)
    except SystemExit as done:
        # argparse leaves so after --help and --version.
        return int(done.code or 0)
    namespace.config = configured(namespace)
    return int(namespace.run(namespace))
