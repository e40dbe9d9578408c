"""`leakwatch` alone, on a terminal, asks what there is and names the command for it."""

import os
import pty
import subprocess

import pytest

from leakwatch.cli.commands.builtin import HELPS, command_of
from leakwatch.cli.first_question import STARTS
from tests.leakwatch.cli.conftest import clean_environment


def on_a_terminal(cli, answers):
    """What is shown, and the exit code; each answer is typed as if it were known before."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        cli.command(),
        cwd=cli.folder,
        env=clean_environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    os.write(ours, answers.encode())
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.wait()


@pytest.mark.parametrize(
    ("answers", "command"),
    [
        ("1\napp.py --port 80\n", "  leakwatch run -o leaks.html app.py --port 80\n"),
        ("2\n4711\n", "  leakwatch attach 4711 growing\n"),
        ("3\n\n", "  python -m pytest --leakwatch\n"),
        ("4\nshop/api.py:pay\n", "  leakwatch hunt shop/api.py:pay\n"),
        ("5\nleaks.json\n", "  leakwatch report leaks.json\n"),
    ],
)
def test_the_command_for_what_there_is_is_printed(cli, answers, command):
    shown, code = on_a_terminal(cli, answers)
    assert all(start.what in shown for start in STARTS)
    assert command in shown
    assert code == 0


@pytest.mark.parametrize("answers", ["9\n", "what?\n", "\x04"])
def test_no_answer_is_bad_usage(cli, answers):
    assert on_a_terminal(cli, answers)[1] == 2


def test_the_overview_says_of_each_command_what_its_module_says():
    assert {name: command_of(name).help for name in HELPS} == HELPS
