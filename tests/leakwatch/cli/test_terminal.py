"""A terminal gets colour, lines that fit and a word while one waits; a file gets the text."""

import io
import os
import pty
import re
import subprocess
import sys

import pytest

from leakwatch.cli import level
from leakwatch.cli.terminal import dressed, wants_colour, working
from leakwatch.stages import Stage, advances, begins
from tests.leakwatch.cli.conftest import clean_environment

REPORT = """\
leakwatch: 1 leak in scope 'checkout': 1 object, 2.0 KiB retained

1. 1 shop.Session is held by shop.KEPT[0]

     module global shop
       .KEPT -> list
       [0]   -> shop.Session  <- suspect; outlived scope 'checkout'

   why    A container that lives as long as the program keeps all that is put into it for ever.
note: a plugin is broken
"""
ESCAPES = re.compile(r"\x1b\[[\d;]*[mK]|\r")


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Closed(io.StringIO):
    def isatty(self):
        raise ValueError("closed")


@pytest.mark.parametrize(
    ("stream", "environ", "wanted"),
    [
        (Terminal(), {}, True),
        (io.StringIO(), {}, False),
        (Closed(), {}, False),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {"FORCE_COLOR": "1"}, True),
        (Terminal(), {"FORCE_COLOR": "0"}, True),
        (io.StringIO(), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
    ],
)
def test_who_wants_colour(stream, environ, wanted):
    assert wants_colour(stream, environ) is wanted


def test_a_pipe_gets_the_text_as_it_is():
    assert dressed(REPORT, io.StringIO(), {"COLUMNS": "40"}) == REPORT


def test_colour_changes_no_character_of_the_text():
    shown = dressed(REPORT, Terminal(), {"COLUMNS": "200"})
    assert ESCAPES.sub("", shown) == REPORT
    assert "\x1b[1;31m<- suspect\x1b[0m" in shown
    assert shown.startswith("\x1b[1;31mleakwatch: 1 leak")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_prose_is_wrapped_below_its_first_word(width):
    shown = dressed(REPORT, Terminal(), {"COLUMNS": str(width), "NO_COLOR": "1"})
    why = shown.split("\n   why    ")[1].split("\nnote: ")[0].split("\n")
    assert len(why) > 1
    assert all(line.startswith(" " * 10) and len(line) <= width for line in why[1:])
    assert " ".join(shown.split()) == " ".join(REPORT.split())


def test_a_reference_that_does_not_fit_has_what_it_leads_to_below_its_name():
    wide, narrow = (
        dressed(REPORT, Terminal(), {"COLUMNS": width, "NO_COLOR": "1"}) for width in ("80", "50")
    )
    assert "\n       [0]   -> shop.Session  <- suspect; outlived scope 'checkout'\n" in wide
    assert (
        "\n       [0]\n"
        "           -> shop.Session\n"
        "              <- suspect; outlived scope\n"
        "              'checkout'\n"
    ) in narrow


def test_a_terminal_too_narrow_for_words_is_left_to_wrap_itself():
    assert dressed(REPORT, Terminal(), {"COLUMNS": "20", "NO_COLOR": "1"}) == REPORT


def test_the_word_while_one_waits_is_taken_back_and_only_on_a_terminal():
    shown = Terminal()
    with working("looking", shown, {}):
        assert shown.getvalue() == "leakwatch: looking ..."
    assert shown.getvalue().endswith("...\r\x1b[K")
    for stream, environ in ((io.StringIO(), {}), (Terminal(), {"TERM": "dumb"})):
        with working("looking", stream, environ):
            assert stream.getvalue() == ""
    with working("looking", None, {}):
        pass


def test_words_that_follow_each_other_quickly_are_not_all_said(monkeypatch):
    shown, clock = Terminal(), iter([0.0, 0.1, 0.9, 1.0, 1.3])
    monkeypatch.setattr("leakwatch.cli.terminal.monotonic", clock.__next__)
    with working("", shown, {}) as waiting:
        for run in (1, 2, 3, 4):
            waiting.tell(f"run {run} of 9")
    said = [line.removeprefix("\x1b[K") for line in shown.getvalue().split("\r")]
    assert said == ["", "leakwatch: run 2 of 9 ...", "leakwatch: run 4 of 9 ...", ""]


def test_a_stage_is_shown_with_its_parts_and_the_seconds_and_the_work_of_the_program_is_not(
    monkeypatch,
):
    shown, clock = Terminal(), iter([0.0, 1.0, 2.0, 64.4])
    monkeypatch.setattr("leakwatch.cli.terminal.monotonic", clock.__next__)
    with working("", shown, {"COLUMNS": "60"}):
        begins(Stage.WALK)
        begins(Stage.WORK)
        advances(Stage.NAME, 1200)
        advances(Stage.NAME, 54_300)
    said = [line.removeprefix("\x1b[K") for line in shown.getvalue().split("\r")]
    assert said == [
        "",
        "leakwatch: walking the heap ...",
        "leakwatch: naming what holds, 1,200 done, 2 s ...",
        "leakwatch: naming what holds, 54,300 done, 64 s ...",
        "",
    ]


def test_progress_takes_one_line_of_the_terminal_and_none_of_who_wants_no_words(monkeypatch):
    monkeypatch.setattr("leakwatch.cli.terminal.BETWEEN", 0.0)
    narrow, quiet = Terminal(), Terminal()
    with working("", narrow, {"COLUMNS": "40"}) as waiting:
        waiting.tell("looking at " + 9 * "much ")
    assert max(map(len, ESCAPES.sub("\n", narrow.getvalue()).splitlines())) == 39
    monkeypatch.setattr(level.chosen, "level", level.Level.QUIET)
    with working("looking", quiet, {}) as waiting:
        waiting.tell("looking")
    assert quiet.getvalue() == ""


def test_the_command_on_a_real_terminal(cli, leaky):
    """In a pseudo-terminal, with a path with spaces."""
    cli.write("my shop/leaky.py", (cli.folder / leaky).read_text())
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        [sys.executable, "-m", "leakwatch", "run", "my shop/leaky.py"],
        cwd=cli.folder,
        env=clean_environment() | {"TERM": "xterm", "COLUMNS": "60"},
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    seen = b""
    try:
        while part := os.read(ours, 4096):
            seen += part
    except OSError:
        pass  # how Linux says that the other end is closed
    os.close(ours)
    assert child.wait(60) == 0
    text = seen.decode()
    assert "leakwatch: looking at what the program left behind ..." in text
    assert "\x1b[1;31mleakwatch: 1 leak at the end of my shop/leaky.py" in text
    assert "\x1b[1;31m<- suspect\x1b[0m" in text
