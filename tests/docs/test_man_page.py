"""The man page says what the parsers say, names every command, and is installed by the wheel."""

import shutil
import subprocess
import sys
import tomllib

import pytest

from leakwatch.cli.commands.builtin import HELPS
from tests.docs.man_page import man_page
from tests.printed import ROOT

PAGE = ROOT / "docs" / "man" / "leakwatch.1"


@pytest.mark.skipif(
    sys.version_info[:2] != (3, 11), reason="argparse writes a usage otherwise in later versions"
)
def test_the_man_page_is_what_the_parsers_say(request, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    if request.config.getoption("--update-gold"):
        PAGE.write_text(man_page(), encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == man_page(), (
        "the man page is made from the parsers; bring it up to date with "
        "`python -m pytest tests/docs/test_man_page.py --update-gold`"
    )


def test_every_command_has_its_options_examples_and_exit_codes_in_it():
    _, *parts = PAGE.read_text(encoding="utf-8").split(".SS \\fBleakwatch ")
    told = {part.partition("\\")[0]: part for part in parts}
    assert set(told) == {"explore", "mcp", *HELPS}
    for name, part in told.items():
        assert "exit codes:" in part, name
        assert f"  leakwatch {name}" in part, name


@pytest.mark.skipif(shutil.which("groff") is None, reason="there is no groff")
@pytest.mark.parametrize("columns", [60, 80])
def test_groff_has_nothing_to_say_about_it_and_no_line_is_too_long(columns):
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-ww", f"-rLL={columns}n", str(PAGE)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""


def test_the_wheel_installs_it_where_man_looks():
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    files = setuptools["setuptools"]["data-files"]
    assert files == {"share/man/man1": [PAGE.relative_to(ROOT).as_posix()]}
