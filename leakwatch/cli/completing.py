"""What may stand at the cursor of a command line that is being typed: argcomplete's answers.

The script that `leakwatch completion` prints starts this program with the line in its environment.
The parser is made as for the command itself, and argcomplete reads it. What no parser knows is
asked for by functions such as those here.
"""

import argparse
import os
from collections.abc import Callable, Iterable, Mapping

ASKED = "_ARGCOMPLETE"
"""Set by the script of a shell: argcomplete's sign that words are wanted, and not the command."""

Completer = Callable[..., Iterable[str]]
"""Gives words, each with its description if they are a mapping; argcomplete filters them."""


def is_asked() -> bool:
    """Whether a shell wants to know how a line goes on."""
    return ASKED in os.environ


def typed() -> list[str]:
    """The words before the one at the cursor, without the program's name."""
    from argcomplete.lexers import split_line

    words = split_line(os.environ.get("COMP_LINE", ""), int(os.environ.get("COMP_POINT", "0")))[3]
    return list(words[1:])


def complete(whole: argparse.ArgumentParser) -> None:
    """Write what may stand at the cursor, and end the process.

    Args:
        whole: the parser of the whole command line, with the arguments of the command in it.
    """
    from argcomplete import autocomplete

    autocomplete(whole)


def completed_by(action: argparse.Action, completer: Completer) -> None:
    """Have the values of an argument come from a function."""
    action.completer = completer  # type: ignore[attr-defined]  # where argcomplete looks


# -- words ------------------------------------------------------------------------------------


def formats(**_: object) -> Iterable[str]:
    """The formats of reports, those of plugins too."""
    from leakwatch.session import presenter

    return presenter().names()


def plugin_names(**_: object) -> Iterable[str]:
    """What `--disable-plugin` takes."""
    from leakwatch.session import plugins

    return ["all", *plugins().versions()]


OF_OPTIONS: Mapping[str, Completer] = {"format": formats, "disable_plugins": plugin_names}
"""By the name of an option in the table of all options."""
