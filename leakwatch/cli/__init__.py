"""The `leakwatch` program: from its arguments to an exit code.

0 clean, 1 leaks, 2 usage or configuration, 3 a fault of leakwatch itself or of a plugin's
command, or not judged, 130 interrupted.
Results go to stdout, everything else to stderr, errors as one line.
"""

import sys
from collections.abc import Sequence
from contextlib import suppress

from leakwatch.cli import level
from leakwatch.cli.commands import builtin
from leakwatch.cli.completing import complete, is_asked, typed
from leakwatch.cli.messages import (
    FAULT,
    INTERRUPTED,
    USAGE,
    complain,
    complain_of_fault,
    complain_with_traceback,
    say,
)
from leakwatch.cli.parsing import (
    Parser,
    configured,
    parsed,
    parsed_early,
    parser,
    plugins_asked_for,
)
from leakwatch.cli.plugin_loading import loaded, subcommands
from leakwatch.cli.terminal import is_terminal
from leakwatch.config import Config
from leakwatch.errors import LeakwatchError, PluginError
from leakwatch.plugin_manager import COMMANDS, Plugins
from leakwatch.stages import listening


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
        if is_asked():
            return complete_line()
        given = parsed_early(arguments)
        early = configured(given)
        debug = early.debug
        asked = given.rest[0] if given.rest else ""
        return run_command(arguments, loaded(early, plugins_asked_for(given)), asked)
    except PluginError as error:
        complain_with_traceback(str(error), error, debug=debug)
        return FAULT
    except LeakwatchError as error:
        complain(str(error))
        return USAGE
    except KeyboardInterrupt:
        say("leakwatch: partial: interrupted before there was an answer")
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - a fault of ours is one line, not a traceback
        complain_of_fault(error, debug=debug)
        return FAULT


def complete_line() -> int:
    """Answer a shell that asks how the line goes on; returns only where there is no answer.

    Of the plugins those are loaded that are installed: what stands on a line that nobody has
    entered yet runs nothing.
    """
    asked, config = "", Config()
    with suppress(LeakwatchError):  # a line that is not finished, or a configuration that is wrong
        given = parsed_early(typed())
        asked = given.rest[0] if given.rest else ""
        config = configured(given)
    complete(whole_parser(loaded(config, frozenset()), asked))
    return USAGE


def nothing_asked(hooks: Plugins) -> int:
    """Ask a person what there is, and name the command for it; whoever reads a pipe gets help."""
    if is_terminal(sys.stdin) and is_terminal(sys.stdout):
        from leakwatch.cli.first_question import command_for_a_start

        return command_for_a_start()
    print(whole_parser(hooks, "").format_help(), end="")
    return USAGE


def whole_parser(hooks: Plugins, asked: str) -> Parser:
    """The parser of the whole command line; of our commands one has its arguments."""
    # Registered last, they are asked first: nobody's `run` takes the place of ours.
    hooks.register(builtin, COMMANDS)
    return parser(subcommands(hooks, asked))


def run_command(arguments: list[str], hooks: Plugins, asked: str) -> int:
    """Run the command that was asked for, of leakwatch or of a plugin, and give its exit code."""
    if not arguments:
        return nothing_asked(hooks)
    whole = whole_parser(hooks, asked)
    try:
        namespace = parsed(whole, arguments)
    except SystemExit as done:
        # argparse leaves so after --help and --version.
        return int(done.code or 0)
    namespace.config = configured(namespace)
    level.choose(namespace)
    with listening(level.hear):
        return int(namespace.run(namespace))
