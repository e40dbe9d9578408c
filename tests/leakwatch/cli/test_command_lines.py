"""A table of command lines: what a user types, the exit code, and the first line of the answer."""

import shlex
import subprocess
from pathlib import Path

import pytest

from tests.leakwatch.cli.conftest import CommandLine, clean_environment

SAID = "leakwatch: error: "
LEAK = "leakwatch: 1 leak at the end of leaky.py: 20 objects, "
TABLE = Path(__file__).with_name("command_lines.txt")
"""Command line, exit code and the beginning of the first line: `@` is that of the one leak that
`leaky.py` has, `!` an error's."""
ROWS = [[part.strip() for part in row.split(" | ")] for row in TABLE.read_text().splitlines()]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A project with programs, functions and a report."""
    cli = CommandLine(tmp_path_factory.mktemp("project"))
    kept = "class Session: pass\nKEPT = []\ndef keep(): KEPT.append(Session())\n"
    cli.write("clean.py", "")
    cli.write("failing.py", "raise SystemExit(7)")
    cli.write("leaky.py", f"{kept}for _ in range(20): keep()")
    for name in ("work.py", "deep/down.py", "pack/part.py", "my-work.py"):
        cli.write(name, f"{kept}def clean(): pass\n")
    cli.write("pack/__init__.py", "")
    cli.write("broken.json", "report")
    for suffix in ("json", "jsonl"):
        cli("run", "-o", f"leaks.{suffix}", "leaky.py")
    cli.write("leaks.jsonl", (cli.folder / "leaks.jsonl").read_text() * 2)
    return cli


@pytest.mark.parametrize(("line", "code", "first"), ROWS, ids=[row[0] for row in ROWS])
def test_a_command_line_ends_with_this_code_and_begins_with_this_line(folder, line, code, first):
    command, _, stdin = line.partition(" < ")
    arguments = shlex.split(command)[1:]
    if stdin:
        result = subprocess.run(
            folder.command(*arguments),
            cwd=folder.folder,
            env=clean_environment(),
            input=(folder.folder / stdin).read_text(),
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
    else:
        result = folder(*arguments)
    said = (result.stdout or result.stderr).partition("\n")[0]
    expected = LEAK if first == "@" else f"{SAID}{first[1:]}" if first[:1] == "!" else first
    assert (result.returncode, said[: len(expected)]) == (int(code), expected)


def test_every_help_tells_its_exit_codes(folder):
    commands = folder("--help").stdout.partition("commands:")[2].split("examples:")[0]
    names = [line.split()[0] for line in commands.splitlines() if line[:5].strip()[:1].isalpha()]
    assert "exit codes:" in folder("--help").stdout
    for name in {row[0].split()[1] for row in ROWS if " " in row[0]} & set(names):
        assert "exit codes:" in folder(name, "--help").stdout, name
