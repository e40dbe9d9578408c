"""Loading the plugins that the configuration asks for, and telling what is wrong with them."""

import os
import sys
import warnings
from argparse import Namespace
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import replace
from operator import index

from leakwatch.cli.messages import warn
from leakwatch.cli.parsing import Parser, place_of
from leakwatch.cli.program import current_folder
from leakwatch.command import Subcommand
from leakwatch.config import BY_NAME, Config
from leakwatch.errors import LeakwatchError, PluginError, PluginWarning, shortened
from leakwatch.isolation.calls import described
from leakwatch.plugin_manager import OWN, Fault, Plugins, plugins

HOOK = "leakwatch_subcommands"

MOST_SAID = 300
"""Characters of what is said of a broken plugin, whose errors may be of any length."""

_named: set[str] = set()


def loaded(config: Config, asked: Collection[str]) -> Plugins:
    """The plugins of this process, installed and asked for; each broken one is named on stderr.

    Args:
        config: the configuration.
        asked: those of its plugins that the command line names. Only they are looked for in the
            current folder as well, behind all others: a file in there, or a variable that was set
            for other folders, must not run what lies in it.
    """
    variable, names = BY_NAME["disable_plugins"].variable, ",".join(config.disable_plugins)
    with environment(variable, names), warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        hooks = plugins()
    for fault in hooks.faults:
        tell(fault)
    hooks.tell = tell
    for name in config.plugins:
        folder = current_folder() if name in asked else ""
        if folder and folder not in sys.path and not sys.flags.safe_path:
            sys.path.append(folder)
        hooks.load_module(name)
    return hooks


def tell(fault: Fault) -> None:
    """Name each broken plugin once, in one line."""
    if fault.plugin not in _named:
        _named.add(fault.plugin)
        warn(f"{shortened(str(fault), MOST_SAID)}; see `leakwatch plugins`")


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """Set a variable inside the block; the program that is run sees the environment as it was."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def subcommands(hooks: Plugins, asked: str | None = None) -> Iterator[tuple[Subcommand, Parser]]:
    """Every command that a plugin offers, with its arguments; broken ones are left out.

    Args:
        hooks: of the plugins.
        asked: the command that is to be run: of our own only its arguments are asked for, as what
            they need takes time to import. None asks all.
    """
    taken: set[str] = set()
    for plugin, offered in hooks.call(HOOK):
        for command in offered:
            try:
                needed = plugin not in OWN or asked in (None, command.name)
                own = arguments_of(command, taken) if needed else Parser(add_help=False)
                offer = command if plugin in OWN else checked(plugin, command, own)
            except PluginError:
                continue  # it was named already
            except Exception as error:  # noqa: BLE001 - whatever a plugin does is a fact to report
                hooks.note(plugin, HOOK, error)
                continue
            taken.add(command.name)
            yield offer, own


def arguments_of(command: Subcommand, taken: set[str]) -> Parser:
    """A new parser with the arguments of one command: a failure leaves nothing half done."""
    if command.name in taken:
        raise ValueError(f"there is a command {command.name!r} already")
    own = Parser(add_help=False)
    command.add_arguments(own)
    return own


def checked(plugin: str, command: Subcommand, own: Parser) -> Subcommand:
    """The command, if it breaks no help, by an option that leakwatch has or by a stray `%`."""
    trial = Parser()
    place = place_of(command, own, trial.add_subparsers())
    trial.format_help()
    place.format_help()
    return replace(command, run=guarded(plugin, command))


def guarded(plugin: str, command: Subcommand) -> Callable[[Namespace], int]:
    """A plugin's command, whose failure is reported with the plugin's name.

    What a plugin may raise passes: `LeakwatchError` for bad usage, and `SystemExit`.
    """

    def run(arguments: Namespace) -> int:
        try:
            return index(command.run(arguments))
        except (LeakwatchError, SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:
            fault = Fault(plugin, f"command {command.name!r}", described(error))
            raise PluginError(str(fault)) from error

    return run
