"""Every option once: its type, its default, its help, and the places where it may be set.

The fields of `Config` are the table. The configuration file, the environment, the flags of
the command line and the reference page all come from it. The nearest place wins: a flag,
then the environment, then the file, then the default.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, cast

from leakwatch import toml
from leakwatch.errors import ConfigurationError, did_you_mean, quoted, shortened, shown_path

PREFIX = "LEAKWATCH_"
OWN_FILE = "leakwatch.toml"
PROJECT_FILE = "pyproject.toml"
TABLE = ("tool", "leakwatch")
SWITCHED_AT_IMPORT = ("PURE", "DOOR", "SIGNAL", "SNAPSHOT_AT")
"""Variables that are no options: they are read when leakwatch is imported."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type of value.

    Attributes:
        expected: what is expected, to follow that word in a message.
        check: gives the value of a file's entry, or None if it is of another type.
        read: gives the entry that a text means, or raises ValueError or KeyError.
    """

    expected: str
    check: Callable[[object], object]
    read: Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table.

    Attributes:
        name: the key in a file and the attribute of `Config`.
        default: its value where nobody sets it.
        kind: its type.
        help: one sentence, for `--help` and the reference page.
        flags: its names on the command line.
        metavar: how `--help` names its value; empty for a switch.
        adds_up: whether the places add up instead of the nearest one winning.
    """

    name: str
    default: object
    kind: Kind
    help: str
    flags: tuple[str, ...]
    metavar: str
    adds_up: bool

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return PREFIX + self.name.upper()


def word(value: object) -> str | None:
    """A string without a zero byte, which no name, file or variable can have."""
    return value if isinstance(value, str) and "\0" not in value else None


def words(value: object) -> tuple[str, ...] | None:
    """A list of such strings, as a tuple."""
    fits = isinstance(value, list) and all(word(entry) is not None for entry in value)
    return tuple(cast(list[str], value)) if fits else None


def seconds(value: object) -> float | None:
    """A finite number above 0."""
    return float(value) if toml.is_positive(value) else None


UNITS = {"s": 1.0, "m": 60.0, "h": 3600.0}


def period(text: str) -> float:
    """The seconds that a text such as `30s` or `5m` means; without a unit they are seconds."""
    text = text.strip().lower()
    unit = text[-1:] if text[-1:] in UNITS else "s"
    return float(text.removesuffix(unit)) * UNITS[unit]


def split(text: str) -> list[str]:
    """The parts between commas, without those that are empty."""
    return [part for part in map(str.strip, text.split(",")) if part]


SWITCHES: dict[str, bool] = {
    **dict.fromkeys(("1", "true", "yes", "on"), True),
    **dict.fromkeys(("", "0", "false", "no", "off"), False),
}

WORDS = Kind("a list of strings", words, split)
COUNT = Kind("a whole number above 0", lambda value: value if toml.is_count(value) else None, int)
SECONDS = Kind("a number above 0", seconds, float)
INTERVAL = Kind("a number, 0 or more", lambda value: 0.0 if value == 0 else seconds(value), float)
PERIOD = Kind("a time above 0 such as 30s, 5m or 1h", seconds, period)
SWITCH = Kind(
    "true or false",
    lambda value: value if isinstance(value, bool) else None,
    lambda text: SWITCHES[text.strip().lower()],
)
FILE = Kind("the name of a file", word, str)
WORD = Kind("a name", lambda value: word(value) or None, str)


def option(default: object, kind: Kind, flags: str, text: str, *, adds_up: bool = False) -> Any:
    """A field of `Config` that is a row of the table; flags as `--help` shows them."""
    names = tuple(part for part in flags.split() if part.startswith("-"))
    metavar = " ".join(part for part in flags.split() if not part.startswith("-"))
    row = {"kind": kind, "help": text, "flags": names, "metavar": metavar, "adds_up": adds_up}
    return field(default=default, metadata=row)


@dataclass(frozen=True, slots=True)
class Config:
    """The values of all options, each with the place that it came from.

    Attributes:
        sources: for each option that was set, where; what is missing has its default.
    """

    plugins: tuple[str, ...] = option(
        (), WORDS, "-p --plugin MODULE", "load this module as a plugin, beside the installed ones",
        adds_up=True,
    )  # fmt: skip
    disable_plugins: tuple[str, ...] = option(
        (), WORDS, "--disable-plugin NAME",
        "leave out this installed plugin; `all` leaves out every one", adds_up=True,
    )  # fmt: skip
    types: tuple[str, ...] = option(
        (), WORDS, "--types PATTERN",
        "judge the types that fit, such as `shop.models:*`, or `all`; "
        "without it, the classes of the program itself",
    )  # fmt: skip
    min_count: int = option(
        5, COUNT, "--min-count N",
        "how many objects must be held in the same way to count as a leak",
    )  # fmt: skip
    max_objects: int = option(
        50_000_000, COUNT, "--max-objects N",
        "most objects to visit in one analysis; beyond it the report is partial",
    )  # fmt: skip
    max_seconds: float = option(
        60.0, SECONDS, "--max-seconds S",
        "longest time for one analysis; beyond it the report is partial",
    )  # fmt: skip
    fail_on_leak: bool = option(
        False, SWITCH, "--fail-on-leak",
        "exit with 1 if there is a leak and the program itself succeeded",
    )  # fmt: skip
    fail_on_growth: bool = option(
        False, SWITCH, "--fail-on-growth",
        "exit with 1 if memory grows beyond leaked objects: `native` or `untracked objects`",
    )  # fmt: skip
    ignore_children: bool = option(False, SWITCH, "--ignore-children", "children are helpers only")
    baseline: str = option(
        "", FILE, "--baseline FILE",
        "leaks in this file fail nothing as long as they do not grow; "
        "without it `leakwatch-baseline.toml` of the project, if there is one; empty for none",
    )  # fmt: skip
    format: str = option(
        "text", WORD, "--format NAME",
        "format of the report; `leakwatch report --help` lists them, those of plugins too",
    )  # fmt: skip
    trim: bool = option(False, SWITCH, "--trim", "ask malloc in the end what freed memory it keeps")
    every: float = option(
        30.0, PERIOD, "--every TIME",
        "longest time between two looks at a program that runs, such as 30s or 5m; "
        "in the beginning it is less",
    )  # fmt: skip
    sample: float = option(0.0, INTERVAL, "--sample S", "sample memory every S seconds; 0: never")
    debug: bool = option(False, SWITCH, "--debug", "print the traceback of leakwatch's own fault")
    sources: Mapping[str, str] = field(default_factory=dict)


OPTIONS: tuple[Option, ...] = tuple(
    Option(row.name, row.default, **row.metadata) for row in fields(Config) if row.metadata
)
BY_NAME = {row.name: row for row in OPTIONS}

Layer = Iterator[tuple[Option, object, str]]
"""What one place sets: option, value and the place."""


def load(
    flags: Mapping[str, object] | None = None,
    file: str | None = None,
    folder: str = ".",
    environ: Mapping[str, str] | None = None,
) -> Config:
    """The configuration of this moment.

    Args:
        flags: values from the command line by option name: text, a list of texts or True;
            None where a flag was not given.
        file: the configuration file; None looks for one in the folder and above.
        folder: where to begin looking.
        environ: the environment; None is that of the process.

    Raises:
        ConfigurationError: an unknown key or a wrong value; the message names the place.
    """
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    found = find_file(folder) if file is None else Path(file)
    layers = [
        from_file(found),
        from_environment(os.environ if environ is None else environ),
        from_flags(flags or {}),
    ]
    for row, value, source in (entry for layer in layers for entry in layer):
        more = row.adds_up and row.name in values
        values[row.name] = values[row.name] + value if more else value
        sources[row.name] = f"{sources[row.name]} and {source}" if more else source
    return Config(**values, sources=sources)


def find_file(folder: str) -> Path | None:
    """The configuration file of the nearest project: this folder or the first above it.

    A folder with a pyproject.toml is a project's root and ends the search, configured or
    not, so that a stray file further up means nothing.
    """
    try:
        here = Path(folder).absolute()
    except OSError:  # the current folder is gone
        return None
    files = (place / name for place in (here, *here.parents) for name in (OWN_FILE, PROJECT_FILE))
    return next((file for file in files if file.is_file()), None)


def from_file(path: Path | None) -> Layer:
    """What the configuration file sets."""
    if path is None:
        return
    for key, value in read_table(path).items():
        row = BY_NAME.get(key)
        if row is None:
            said = f"unknown option {quoted(key)}{did_you_mean(key, BY_NAME)}"
            if key == TABLE[0] and path.name != PROJECT_FILE:
                said = f"its options stand at the top, without [{'.'.join(TABLE)}]"
            raise ConfigurationError(f"{shown_path(path)}: {said}")
        yield row, checked(row, value, f"{shown_path(path)}: {key}"), str(path)


def read_table(path: Path) -> Mapping[str, object]:
    """The options in a TOML file: its top level, or `[tool.leakwatch]` in pyproject.toml."""
    try:
        table: object = toml.load(path)
    except OSError as error:
        said = f"cannot read the configuration: {error.strerror}; check the path"
        raise ConfigurationError(f"{shown_path(path)}: {said}") from None
    except toml.BadTomlError as error:
        said = f"cannot read the configuration: {error}; correct the file"
        raise ConfigurationError(f"{shown_path(path)}: {said}") from None
    for key in TABLE if path.name == PROJECT_FILE else ():
        table = table.get(key, {}) if isinstance(table, dict) else None
    if not isinstance(table, dict):
        raise ConfigurationError(f"{shown_path(path)}: expected a table [{'.'.join(TABLE)}]")
    return table


def from_environment(environ: Mapping[str, str]) -> Layer:
    """What `LEAKWATCH_*` variables set."""
    for row in OPTIONS:
        if (text := environ.get(row.variable)) is not None:
            yield row, parsed(row, text, row.variable), f"environment {row.variable}"


def unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """What looks like an option in the environment and is none, with the likely one."""
    known = {row.variable for row in OPTIONS} | {f"{PREFIX}{it}" for it in SWITCHED_AT_IMPORT}
    strange = sorted(name for name in environ if name.startswith(PREFIX) and name not in known)
    return [f"{shortened(name)} is no option{did_you_mean(name, known)}" for name in strange]


def from_flags(flags: Mapping[str, object]) -> Layer:
    """What the command line sets."""
    for row in OPTIONS:
        given = flags.get(row.name)
        if given is None:
            continue
        place = row.flags[-1]
        if isinstance(given, bool):
            yield row, given, f"flag {place}"
        else:
            text = ",".join(given) if isinstance(given, list) else str(given)
            yield row, parsed(row, text, place), f"flag {place}"


def parsed(row: Option, text: str, place: str) -> object:
    """The value that a text means."""
    try:
        value = row.kind.read(text)
    except (ValueError, KeyError):
        value = text
    return checked(row, value, place)


def checked(row: Option, value: object, place: str) -> object:
    """The value, if it is of the option's kind."""
    checked_value = row.kind.check(value)
    if checked_value is None:
        raise ConfigurationError(f"{place}: expected {row.kind.expected}, found {quoted(value)}")
    return checked_value
