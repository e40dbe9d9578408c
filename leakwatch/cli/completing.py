"""What may stand at the cursor of a command line that is being typed: argcomplete's answers.

The script that `leakwatch completion` prints starts this program with the line in its environment.
The parser is made as for the command itself, and argcomplete reads it. What no parser knows, such
as the signatures of the project's baseline, is asked for by the functions here.
"""

import argparse
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress

from leakwatch.errors import LeakwatchError

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


def codes(**_: object) -> Mapping[str, str]:
    """What `leakwatch explain` knows, with titles."""
    from leakwatch.diagnosis.known.entries import shipped
    from leakwatch.diagnosis.patterns import BY_CODE

    own = {code: BY_CODE[code].pattern.title for code in sorted(BY_CODE)}
    return own | {entry.id: entry.title for entry in shipped() if entry.fails}


def codes_or_signatures(*, parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
    """What `leakwatch explain` takes: signatures where the line names a report, else codes."""
    if getattr(parsed_args, "report", None) is None:
        return codes()
    return signatures(parsed_args=parsed_args)


def signatures(*, parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
    """Signatures of the report that the line names, else of the project's baseline."""
    from leakwatch.cli.input import STDIN

    with suppress(LeakwatchError):
        report = getattr(parsed_args, "report", None)
        # Stdin is not there to be read while a line is typed.
        return signatures_in(report) if report not in (None, STDIN) else accepted(parsed_args)
    return {}


def signatures_in(file: str) -> Mapping[str, str]:
    """The leaks of a report, with what they are leaks of."""
    from leakwatch.cli.input import report_in

    report = report_in(file)
    return {it.signature: it.type_name for it in (*report.leaks, *report.known, *report.in_use)}


def accepted(parsed_args: argparse.Namespace) -> Mapping[str, str]:
    """The leaks that the baseline accepts, with the reasons."""
    from leakwatch.cli.commands.baseline import baseline_of
    from leakwatch.cli.parsing import configured

    return {it.signature: it.reason for it in baseline_of(configured(parsed_args)).entries}


OF_OPTIONS: Mapping[str, Completer] = {"format": formats, "disable_plugins": plugin_names}
"""By the name of an option in the table of all options."""
