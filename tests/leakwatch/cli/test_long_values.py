"""Whatever somebody gives and however long it is, what is said of it stays short.

Every command is walked with every option and argument that takes a value, in one process.
"""

import json
import subprocess
import sys

from leakwatch.report import Report
from leakwatch.reports.json_ import render
from tests.leakwatch.cli.conftest import clean_environment

LONGEST = 700
"""Characters of one message: a path may be quoted twice, and help names all that is known."""

WALK = """
import argparse, contextlib, io, json, os, sys
from leakwatch.cli import main
from leakwatch.cli.commands import builtin
from leakwatch.cli.parsing import Parser, early_parser

LONG = {
    "word": "x" * 10_000,
    "quotes": "'\\"" * 5_000,
    "path": "x/" * 5_000,
    "colon": "x" * 5_000 + ":" + "y" * 5_000,
    "suffix": "report." + "x" * 10_000,
    "option": "--" + "x" * 10_000,
    "given": "--" + "x" * 5_000 + "=" + "y" * 5_000,
}


def flags(parser):
    for action in parser._actions:
        if action.option_strings and action.nargs != 0 and not isinstance(
            action, argparse.BooleanOptionalAction
        ):
            yield action.option_strings[-1]


def lines():
    for flag in flags(early_parser()):
        yield flag, lambda long, flag=flag: [f"{flag}={long}", "plugins"]
    yield "command", lambda long: [long]
    for command in builtin.leakwatch_subcommands():
        own = Parser(add_help=False)
        command.add_arguments(own)
        name = command.name
        for count in (1, 2):
            for before in ([], ["good.json"], ["-m"], ["--report", "good.json"]):
                yield name, lambda long, n=name, b=before, c=count: [n, *b, *[long] * c]
        yield name, lambda long, n=name: [n, "good.json", "--", long]
        for flag in flags(own):
            yield f"{name} {flag}", lambda long, n=name, f=flag: [n, f"{f}={long}", "good.json"]


def said(arguments):
    told, sys.__stderr__ = sys.__stderr__, io.StringIO()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(sys.__stderr__):
        try:
            code = main(arguments)
            return code, sys.__stderr__.getvalue()
        finally:
            sys.__stderr__ = told


found = {}
here, path = os.getcwd(), list(sys.path)
for place, line in lines():
    for kind, long in LONG.items():
        sys.path[:] = path
        code, text = said(line(long))
        found[f"{place} {kind} {line('LONG')}"] = code, len(text), text[:2000]
for name in ("format", "plugins", "min_count"):
    for kind, long in LONG.items():
        os.environ[f"LEAKWATCH_{name.upper()}"] = long
        code, text = said(["report", "good.json"])
        del os.environ[f"LEAKWATCH_{name.upper()}"]
        found[f"environment {name} {kind}"] = code, len(text), text[:2000]
with open("found.json", "w") as file:
    json.dump(found, file)
"""


def test_no_command_says_more_than_a_few_lines_of_a_long_value(tmp_path):
    (tmp_path / "good.json").write_text(render(Report("x")))
    done = subprocess.run(
        [sys.executable, "-c", WALK],
        cwd=tmp_path,
        env=clean_environment(),
        capture_output=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads((tmp_path / "found.json").read_text())
    assert len(found) > 400
    assert [(case, *said) for case, said in found.items() if said[1] > LONGEST] == []
    assert [(case, *said) for case, said in found.items() if said[0] not in {0, 1, 2}] == []
