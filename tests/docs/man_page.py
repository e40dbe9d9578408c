"""`leakwatch(1)`: the man page that is made from the parsers of the command line."""

import argparse

from argparse_manpage.manpage import Manpage

import leakwatch.builtin
import leakwatch_explorer
import leakwatch_mcp
from leakwatch.cli.commands import builtin as commands
from leakwatch.cli.parsing import parser
from leakwatch.cli.plugin_loading import subcommands
from leakwatch.plugin_manager import BUILT_IN, COMMANDS, Plugins


def man_page():
    """The text of the page, the same on each day."""
    whole = parser(subcommands(shipped_plugins()))
    for place in commands_of(whole).values():
        # roff leaves lines that are indented as they are.
        place.description = f"{place.description}\n\n{place.epilog}"
    examples, _, codes = whole.epilog.partition("\n\nexit codes:\n")
    whole.epilog = None
    told = {"date": " ", "project_name": "leakwatch", "manual_title": "leakwatch"}
    page = Manpage(whole, told, format="single-commands-section")
    page.description = "find memory leaks in Python programs"
    page.add_section("EXIT STATUS", "=", page.format_text(codes))
    page.add_section("EXAMPLES", "=", page.format_text(examples.removeprefix("examples:\n")))
    return str(page)


def shipped_plugins():
    """What brings commands and is installed with leakwatch, whatever else is."""
    hooks = Plugins()
    hooks.register(leakwatch.builtin, BUILT_IN)
    hooks.register(leakwatch_explorer, "explorer")
    hooks.register(leakwatch_mcp, "mcp")
    hooks.register(commands, COMMANDS)
    return hooks


def commands_of(whole):
    """The parsers of the commands, by name."""
    return next(it.choices for it in whole._actions if isinstance(it, argparse._SubParsersAction))
