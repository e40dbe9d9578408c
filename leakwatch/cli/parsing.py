"""The parser of the command line, made from the options table and the plugins' commands."""

import argparse
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any, NoReturn

from leakwatch import __version__, config
from leakwatch.cli.completing import OF_OPTIONS, completed_by
from leakwatch.cli.help_text import HelpText
from leakwatch.command import Subcommand
from leakwatch.config import Config, Option
from leakwatch.errors import ConfigurationError, did_you_mean, quoted, shortened

DESCRIPTION = """\
Find memory leaks in Python programs: which objects outlived the work that made them,
what holds each of them, and which single reference should be cut.
"""

EPILOG = """\
examples:
  leakwatch run app.py                   run a program, then tell what it left behind
  leakwatch run -o leaks.json -m shop    the same for a module, the report into a file
  leakwatch report leaks.json            show a saved report
  leakwatch why shop.Cart app.py         what holds the carts when the program ends?
  leakwatch hunt tests.work:checkout     what grows each time this function is called?

exit codes:
  0 clean   1 leaks   2 usage or configuration   3 a fault of leakwatch or a plugin, or not judged
"""

GLOBAL = ("plugins", "disable_plugins", "debug")
"""Options that are needed before the commands are known; they stand before the command."""

MOST_SAID = 300
"""Characters of what argparse says, which quotes the value that it did not understand."""

MARK = "option "
"""Before the names of options in a namespace, where a plugin's arguments may be called the same."""


class Parser(argparse.ArgumentParser):
    """argparse's parser, whose errors are one line like all others, and end in the same way."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("formatter_class", HelpText)
        super().__init__(allow_abbrev=False, **options)
        self.mixes = False
        """Whether options may stand between the words of a command, some of which may be missing.

        argparse takes those for missing as soon as an option comes.
        """

    def parse_known_args(  # type: ignore[override]
        self, args: Any = None, namespace: Any = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """See `argparse.ArgumentParser`."""
        if not self.mixes:
            return super().parse_known_args(args, namespace)
        self.mixes = False  # before CPython 3.12.8 this is what it asks
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self.mixes = True

    def error(self, message: str) -> NoReturn:
        """Raise instead of printing the usage and leaving."""
        raise ConfigurationError(
            f"{shortened(with_hint(message), MOST_SAID)}; see `{self.prog} --help`"
        )


CHOICE = re.compile(
    r"argument (?P<place>.+?): invalid choice: '(?P<word>.*?)'(?:, maybe you meant '.*?'\?)?"
    r" \(choose from (?P<known>.*)\)"
)
"""What argparse says of a word that it does not know: since 3.12 the known ones have no quotes, and
since 3.15 it tells what it takes to be meant, for which we have words of our own."""


def with_hint(message: str) -> str:
    """argparse's message, with what was probably meant where a word is not known."""
    choice = CHOICE.fullmatch(message)
    if choice is None:
        return message
    known = {word.strip("'") for word in choice["known"].split(", ")}
    word = choice["word"]
    return f"{choice['place']}: there is no {quoted(word)}{did_you_mean(word, known)}"


def early_parser() -> Parser:
    """The options that stand before the command."""
    early = Parser(prog="leakwatch", add_help=False)
    add_options(early, *GLOBAL)
    early.add_argument("--config", metavar="FILE", help="read the options from this TOML file")
    return early


def parsed_early(arguments: list[str]) -> argparse.Namespace:
    """The options before the command, whatever comes after them."""
    early = early_parser()
    early.add_argument("rest", nargs=argparse.REMAINDER)
    return early.parse_known_args(arguments)[0]


def plugins_asked_for(early: argparse.Namespace) -> frozenset[str]:
    """The plugins that the command line itself names."""
    given = getattr(early, f"{MARK}plugins") or []
    return frozenset(config.split(",".join(given)))


def parser(commands: Iterable[tuple[Subcommand, Parser]]) -> Parser:
    """The parser of the whole command line.

    Args:
        commands: each command with a parser that has its arguments.
    """
    whole = Parser(
        prog="leakwatch", description=DESCRIPTION, epilog=EPILOG, parents=[early_parser()]
    )
    whole.add_argument("--version", action="version", version=f"leakwatch {__version__}")
    places = whole.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command, own in commands:
        place = place_of(command, own, places)
        place.set_defaults(run=command.run, parser=place)
    return whole


def place_of(command: Subcommand, own: Parser, places: Any) -> Parser:
    """Add the parser of a command to those of the others.

    Args:
        command: the command.
        own: a parser with its arguments.
        places: what `add_subparsers` gave.
    """
    place: Parser = places.add_parser(
        command.name,
        help=command.help,
        description=own.description or command.help,
        epilog=own.epilog,
        usage=own.usage,
        formatter_class=own.formatter_class,
        parents=[own],
    )
    words = {action.nargs for action in own._actions if not action.option_strings}
    place.mixes = argparse.OPTIONAL in words and argparse.REMAINDER not in words
    return place


def parsed(whole: Parser, arguments: list[str]) -> argparse.Namespace:
    """The whole command line.

    Raises:
        ConfigurationError: a word of it is not understood.
    """
    namespace, unknown = whole.parse_known_args(arguments)
    if unknown:
        raise ConfigurationError(not_understood(unknown[0], namespace.parser))
    return namespace


def not_understood(word: str, command: argparse.ArgumentParser) -> str:
    """What is wrong with a word that no argument of the command takes."""
    flag = word.partition("=")[0]
    if not flag.startswith("-"):
        return f"{quoted(word)} is one word too many; see `{command.prog} --help`"
    if flag in flags_of(early_parser()):
        name = command.prog.rpartition(" ")[2]
        return f"{flag} stands before the command: `leakwatch {flag} ... {name} ...`"
    known = {it for it in flags_of(command) if it.startswith("--")}
    close = get_close_matches(flag, known, n=1)
    hint = f"; did you mean {close[0]}?" if close else ""
    return f"there is no option {shortened(flag)}{hint}; see `{command.prog} --help`"


def flags_of(parser: argparse.ArgumentParser) -> set[str]:
    """The flags of a parser; argparse has no public way to ask for them."""
    return {flag for action in parser._actions for flag in action.option_strings}


def add_options(target: argparse.ArgumentParser, *names: str) -> None:
    """Add options of the table as flags; one that is not given stays None."""
    for name in names:
        row = config.BY_NAME[name]
        place = MARK + name
        action = target.add_argument(
            *row.flags, dest=place, default=None, help=help_of(row), **form_of(row)
        )
        if name in OF_OPTIONS:
            completed_by(action, OF_OPTIONS[name])


def form_of(row: Option) -> Mapping[str, Any]:
    """The arguments that make argparse take the value of an option."""
    if row.kind is config.SWITCH:
        return {"action": argparse.BooleanOptionalAction}
    if row.kind is config.WORDS:
        return {"action": "append", "metavar": row.metavar}
    return {"metavar": row.metavar}


def help_of(row: Option) -> str:
    """An option's help with its default; argparse wants percent signs doubled."""
    text = row.help
    if row.kind is config.WORDS:
        text += "; may be given more than once"
    elif row.kind is not config.SWITCH and row.default != "":
        text += f" (default: {row.default})"
    return text.replace("%", "%%")


def configured(namespace: argparse.Namespace) -> Config:
    """The configuration, with the flags of a parsed command line on top."""
    given = vars(namespace)
    flags = {name: given.get(MARK + name) for name in config.BY_NAME}
    return config.load(flags, file=namespace.config)
