"""What can be set: one table, from which the flags and the ini keys are made."""

from argparse import BooleanOptionalAction
from collections.abc import Mapping
from typing import Any, NamedTuple

import pytest

WRITE = "--leakwatch-write-baseline"
WRITE_HELP = "accept every leak that this run finds: write it into the baseline, and fail nothing"
WRITE_USUAL = "write"
"""As the value of `--leakwatch-baseline`; a file of that name is `./write`."""
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
        help: what it does; `pytest --help` has it once, at the flag.
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
        "leaks in this file fail nothing as long as they do not grow; `write` writes it; default: "
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
        None,
        "run the tests that seem to leak once or twice more at the end, at most as long as the "
        "suite took; only what comes again is a leak; default: yes in the mode error",
        {"action": BooleanOptionalAction, "default": None},
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
        {"metavar": "SECONDS"},
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
WINDOW = (
    "leakwatch_window(open): whether leakwatch may hide older objects from the collector while "
    "this test runs, by gc.freeze. False: gc answers as without leakwatch. Without the marker it "
    "is False for tests whose code, fixtures or helpers name the module gc."
)
MARKERS = (JUDGE, ALLOW, WINDOW)

VERBOSITY = "leakwatch"
"""Name of our own level of verbosity: the ini key is `verbosity_leakwatch`."""


def add_options(parser: pytest.Parser) -> None:
    """Declare every option of the table as a flag and as an ini key."""
    group = parser.getgroup("leakwatch", "objects that outlive their test")
    for option in TABLE:
        group.addoption(option.flag_name, dest=option.name, help=option.help, **option.flag)
        said = f"what {option.flag_name} is where the flag is not given"
        parser.addini(option.name, said, type=option.kind, default=option.default)
    group.addoption(WRITE, dest=WRITE, action="store_true", help=WRITE_HELP)
    parser.addini(
        f"verbosity_{VERBOSITY}",
        "how much the leakwatch block at the end tells: -1 the totals, 0 and 1 the ten largest "
        "leaks, 2 everything",
        default="auto",
    )


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
