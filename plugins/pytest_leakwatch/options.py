"""What can be set: one table, from which flags, ini keys and the settings of a run are made."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import pytest

Mode = Literal["off", "report", "error"]
MODES: Mapping[str, Mode] = MappingProxyType(
    {
        "off": "off",
        "report": "report",
        "error": "error",
        # What people write into an ini file for an option that is on or off.
        "false": "off",
        "true": "error",
    }
)
BASELINE_FILE = "leakwatch-baseline.toml"
"""The same as `leakwatch.integration.BASELINE_FILE`, which is not imported while we are off."""
WRITE = "--leakwatch-write-baseline"
WRITE_HELP = (
    "accept every leak that this run finds: write it into the baseline and fail no test for it; "
    "--leakwatch-baseline=write does the same with the usual file"
)
WRITE_USUAL = "write"
"""As the value of `--leakwatch-baseline`; a file of that name is `./write`."""
RUNS = "WARMUP:RUNS such as '3:10', with two runs or more"
NUMBER: Any = "float" if pytest.version_tuple >= (8, 4) else "string"
"""pytest 8.4 brought numbers; `[tool.pytest]` of pytest 9 takes them only where declared."""


class Option(NamedTuple):
    """One option, as an ini key and as a flag.

    A named tuple, like the settings: to define a dataclass costs half a millisecond, and
    this file is imported in every run of pytest.

    Attributes:
        name: the ini key; the flag is `--` and the name with hyphens.
        kind: type of the ini key, as `Parser.addini` has it.
        default: value where nothing is set.
        help: what it does; the same text for both.
        flag: what the flag needs beside the help, for `argparse`.
    """

    name: str
    kind: Any
    default: object
    help: str
    flag: Mapping[str, Any]

    @property
    def flag_name(self) -> str:
        """The flag as typed."""
        return "--" + self.name.replace("_", "-")


TABLE = (
    Option(
        "leakwatch",
        "string",
        "off",
        "judge every test: `error` fails a test whose objects outlive it, `report` only tells; "
        "--leakwatch alone means error",
        {"nargs": "?", "const": "error", "metavar": "off|report|error"},
    ),
    Option(
        "leakwatch_track",
        "linelist",
        [],
        "judge objects of these classes only: patterns such as 'shop.models:*', or 'all'; "
        "default: the classes defined below the root directory, and registered objects",
        {"action": "append", "metavar": "PATTERN"},
    ),
    Option(
        "leakwatch_ignore",
        "linelist",
        [],
        "never judge objects of these classes: patterns such as 'shop.cache:*'",
        {"action": "append", "metavar": "PATTERN"},
    ),
    Option(
        "leakwatch_baseline",
        "string",
        None,
        "leaks in this file fail nothing as long as they do not grow; default: "
        "leakwatch-baseline.toml in the root directory, if there is one; empty for none",
        {"metavar": "FILE"},
    ),
    Option(
        "leakwatch_report",
        "string",
        "",
        "write the report of the whole run to this file; the suffix (.html, .json, .xml, .sarif, "
        ".md, .txt) decides the format; more than one: give the flag again, or one a line",
        {"action": "append", "metavar": "FILE"},
    ),
    Option(
        "leakwatch_repeat",
        "string",
        "",
        "call the function of each judged test in place so many times to warm up, and so many to "
        "count, such as 3:10; what does not come again is no leak",
        {"metavar": "WARMUP:RUNS"},
    ),
    Option(
        "leakwatch_confirm",
        "bool",
        False,
        "run the tests that seem to leak twice more at the end; only what comes again is a leak",
        {"action": "store_true", "default": None},
    ),
    Option(
        "leakwatch_github",
        "bool",
        False,
        "annotate the leaking tests in a pull request on GitHub, by workflow commands at the end",
        {"action": "store_true", "default": None},
    ),
    Option(
        "leakwatch_grace",
        NUMBER,
        0.0,
        "seconds to wait at the most for what is still alive, before it is judged",
        {"metavar": "SECONDS", "type": float},
    ),
)

JUDGE = (
    "leakwatch(track=None, repeat=None, grace=None): judge this test as soon as it ends, even "
    "without --leakwatch. track: classes or patterns such as 'shop.models:*', or 'all', instead of "
    "those of the run. repeat: 'WARMUP:RUNS', call its function again in place. grace: seconds to "
    "wait at the most for what is still alive."
)
ALLOW = (
    "leakwatch_allow(type, count=None, reason): accept a leak of this test. type: a class or a "
    "pattern of class names. count: most objects that are accepted, of each run where the test is "
    "repeated. reason: why, for the report."
)
MARKERS = (JUDGE, ALLOW)

VERBOSITY = "leakwatch"
"""Name of our own level of verbosity: the ini key is `verbosity_leakwatch`."""


class Settings(NamedTuple):
    """The options of one run.

    Attributes:
        mode: `off`, `report` or `error`.
        track: patterns of classes; empty for the default choice.
        ignore: patterns of classes that are never judged.
        baseline: file with the leaks that are accepted; empty for none.
        write_baseline: whether to accept what is found, and to fail nothing.
        reports: files to write at the end.
        grace: seconds to wait at the most.
        repeat: runs to warm up and runs to count of each test; (0, 0) for once.
        confirm: whether suspects are run again at the end.
        github: whether to print workflow commands for annotations.
    """

    mode: Mode
    track: tuple[str, ...]
    ignore: tuple[str, ...]
    baseline: str
    write_baseline: bool
    reports: tuple[str, ...]
    grace: float
    repeat: tuple[int, int] = (0, 0)
    confirm: bool = False
    github: bool = False


def add_options(parser: pytest.Parser) -> None:
    """Declare every option of the table as a flag and as an ini key."""
    group = parser.getgroup("leakwatch", "objects that outlive their test")
    for option in TABLE:
        group.addoption(option.flag_name, dest=option.name, help=option.help, **option.flag)
        parser.addini(option.name, option.help, type=option.kind, default=option.default)
    group.addoption(WRITE, dest=WRITE, action="store_true", help=WRITE_HELP)
    parser.addini(
        f"verbosity_{VERBOSITY}",
        "how much the leakwatch block at the end tells: -1 the totals, 0 and 1 the ten largest "
        "leaks, 2 everything",
        default="auto",
    )


def settings_of(config: pytest.Config) -> Settings:
    """The settings of a run; a flag wins over the ini key.

    Raises:
        pytest.UsageError: a value is not understood.
    """
    write = bool(config.getoption(WRITE)) or config.getoption("leakwatch_baseline") == WRITE_USUAL
    mode = _mode(str(_value(config, "leakwatch")))
    return Settings(
        mode="report" if write else mode,
        track=tuple(_value(config, "leakwatch_track")),
        ignore=tuple(_value(config, "leakwatch_ignore")),
        baseline=_baseline(config, required=write),
        write_baseline=write,
        reports=_files(_value(config, "leakwatch_report")),
        grace=_grace(_value(config, "leakwatch_grace")),
        repeat=_repeat(_value(config, "leakwatch_repeat")),
        confirm=bool(_value(config, "leakwatch_confirm")),
        github=bool(_value(config, "leakwatch_github")),
    )


def _value(config: pytest.Config, name: str) -> Any:
    given = config.getoption(name)
    return ini_value(config, name) if given is None else given


def ini_value(config: pytest.Config, name: str) -> Any:
    """An ini key; in `[tool.pytest]` also `true` for a mode, a number and a single pattern.

    pytest 9 takes from that table only what is exactly of the declared type.
    """
    try:
        return config.getini(name)
    except (TypeError, pytest.UsageError):
        value = getattr(getattr(config, "_inicfg", {}).get(name), "value", None)
        kind = next((option.kind for option in TABLE if option.name == name), "string")
        if kind == "linelist" and isinstance(value, str):
            return [value]
        if kind == "string" and isinstance(value, bool | int):
            return str(value)
        raise


def _baseline(config: pytest.Config, *, required: bool) -> str:
    """The file that is named, from the root directory on; without a name, the usual one."""
    named = _value(config, "leakwatch_baseline")
    named = None if named == WRITE_USUAL else named
    if named is not None and not named and required:
        raise pytest.UsageError(f"{WRITE}: expected a baseline to write, got an empty name")
    usual = config.rootpath / BASELINE_FILE
    if named is None:
        return str(usual) if required or usual.exists() else ""
    return str(config.rootpath / named) if named else ""


def _files(named: str | list[str]) -> tuple[str, ...]:
    """From the flags, or from the lines of the ini key."""
    names = named.splitlines() if isinstance(named, str) else named
    return tuple(name.strip() for name in names if name.strip())


def _mode(word: str) -> Mode:
    mode = MODES.get(word.lower())
    if mode is None:
        raise pytest.UsageError(f"leakwatch: expected off, report or error, got {word!r}")
    return mode


def _grace(value: float | str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds < float("inf"):
        raise pytest.UsageError(f"leakwatch_grace: expected seconds, 0 or more, got {value!r}")
    return seconds


def _repeat(value: str) -> tuple[int, int]:
    repeat = runs_of(value) if value else (0, 0)
    if repeat is None:
        raise pytest.UsageError(f"leakwatch_repeat: expected {RUNS}, got {value!r}")
    return repeat


def runs_of(value: object) -> tuple[int, int] | None:
    """What `WARMUP:RUNS` says: runs to warm up, and runs to count; None if it says nothing."""
    warmup, colon, runs = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not (colon and warmup.isdecimal() and runs.isdecimal() and int(runs) >= 2):
        return None
    return int(warmup), int(runs)


def verbosity_of(config: pytest.Config) -> int:
    """Our own level of verbosity; without one, that of the run."""
    level = str(ini_value(config, f"verbosity_{VERBOSITY}"))
    # `Config.get_verbosity` does the same, from pytest 8 on.
    return int(config.getoption("verbose")) if level == "auto" else int(level)


def spell_out(arguments: list[str]) -> bool:
    """Turn a bare `--leakwatch` into `--leakwatch=error`, in place; whether there was one.

    argparse takes the word behind an option with an optional value for that value, so
    `pytest --leakwatch tests` would ask for the mode `tests`.
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    bare = [index for index in range(end) if arguments[index] == "--leakwatch"]
    for index in bare:
        arguments[index] = "--leakwatch=error"
    return bool(bare)
