"""Loading the plugins that the configuration asks for, and telling what is wrong with them."""

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from leakwatch.cli import commands
from leakwatch.cli.messages import warn
from leakwatch.cli.parsing import Parser
from leakwatch.command import Subcommand
from leakwatch.config import BY_NAME, Config
from leakwatch.errors import PluginWarning
from leakwatch.hints import shortened
from leakwatch.plugin_manager import COMMANDS, Fault, Plugins
from leakwatch.session import plugins

HOOK = "leakwatch_subcommands"

MOST_SAID = 300
"""Characters of what is said of a broken plugin, whose errors may be of any length."""

_told: set[str] = set()


def loaded(config: Config) -> Plugins:
    """The plugins of this process: installed, asked for, and the commands of the program."""
    variable, names = BY_NAME["disable_plugins"].variable, ",".join(config.disable_plugins)
    with environment(variable, names), warnings.catch_warnings():
        warnings.simplefilter("ignore", PluginWarning)
        hooks = plugins()
    for fault in hooks.faults:
        tell(fault)
    hooks.tell = tell
    for name in config.plugins:
        hooks.load_module(name)
    # Registered last, they are asked first: nobody's `run` takes the place of ours.
    hooks.register(commands, COMMANDS)
    return hooks


def tell(fault: Fault) -> None:
    """Name each broken plugin once, in one line."""
    if fault.plugin not in _told:
        _told.add(fault.plugin)
        warn(f"{shortened(str(fault), MOST_SAID)}; see `leakwatch plugins`")


@contextmanager
def environment(name: str, value: str) -> Iterator[None]:
    """A variable for a moment; the program that is run sees the environment as it was."""
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before


def subcommands(hooks: Plugins) -> Iterator[tuple[Subcommand, Parser]]:
    """Every command that a plugin offers, with its arguments; broken ones are left out."""
    taken: set[str] = set()
    for plugin, offered in hooks.call(HOOK):
        try:
            for command in offered:
                yield command, arguments_of(command, taken)
                taken.add(command.name)
        except Exception as error:  # noqa: BLE001 - whatever a plugin does is a fact to report
            hooks.note(plugin, HOOK, error)


def arguments_of(command: Subcommand, taken: set[str]) -> Parser:
    """A parser of its own for a command, so that a failure leaves nothing half done."""
    if command.name in taken:
        raise ValueError(f"there is a command {command.name!r} already")
    own = Parser(add_help=False)
    command.add_arguments(own)
    return own
