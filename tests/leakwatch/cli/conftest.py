"""The command line as users have it: a process of its own in an empty folder."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from tests import nursery

ROOT = Path(__file__).parents[3]


class CommandLine:
    """Runs `python -m leakwatch` in a folder."""

    def __init__(self, folder):
        self.folder = folder
        self.pythonpath = clean_environment()["PYTHONPATH"]

    def write(self, name, source):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(source), encoding="utf-8")
        return path

    def __call__(self, *arguments, **environment):
        """Forked, which saves the imports: see `tests.nursery`."""
        return nursery.run(
            "leakwatch",
            list(map(str, arguments)),
            environment=clean_environment() | environment,
            cwd=self.folder,
        )

    def anew(self, *arguments, python=(), **environment):
        """In a new interpreter, with these options of its own."""
        return self.execute(self.command(*arguments, python=python), **environment)

    def command(self, *arguments, python=()):
        return [sys.executable, *python, "-m", "leakwatch", *map(str, arguments)]

    def python(self, *arguments, **environment):
        return self.execute([sys.executable, *map(str, arguments)], **environment)

    def execute(self, command, **environment):
        return subprocess.run(
            command,
            cwd=self.folder,
            env=clean_environment() | environment,
            capture_output=True,
            encoding="utf-8",
            timeout=nursery.PATIENCE,
            check=False,
            # A shell starts what it runs behind `&` with the interrupt ignored, for good.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )


def clean_environment():
    """Ours, without settings of the tests' own run; plugins of this machine stay out."""
    ours = {name: text for name, text in os.environ.items() if not name.startswith("LEAKWATCH_")}
    folders = [str(ROOT), str(ROOT / "plugins"), ours.get("PYTHONPATH", "")]
    ours["PYTHONPATH"] = os.pathsep.join(filter(None, folders))
    ours["LEAKWATCH_DISABLE_PLUGINS"] = "all"
    return ours


@pytest.fixture
def cli(tmp_path):
    return CommandLine(tmp_path)


@pytest.fixture
def leaky(cli):
    """A script that leaves twenty sessions in a module's dict and prints its arguments."""
    cli.write(
        "leaky.py",
        """
        import sys

        class Session:
            pass

        HANDLERS = {f"user {number}": Session() for number in range(20)}
        print("arguments", sys.argv[1:])
        """,
    )
    return "leaky.py"
