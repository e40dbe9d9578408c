"""The journeys are typed as written, and print what the page says."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from tests.printed import ROOT, without_figures

PAGE = ROOT / "docs" / "how-to" / "journeys.md"
JOURNEY = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = {"leakwatch": "-m leakwatch", "pytest": "-m pytest -p no:cacheprovider", "python": ""}
LEVELS = re.compile(r"[=_]{2,}")
"""Lines across the page, which are shorter where a figure is longer."""
COMMAND = re.compile(r"^\$ (.*)\n", re.MULTILINE)


def journeys():
    return JOURNEY.findall(PAGE.read_text(encoding="utf-8"))


def typed(journey, folder):
    """The journey with what its commands print, run one behind the other in one shell."""
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=lambda *_: {"__pycache__"})
    bin_folder = folder / "bin"
    bin_folder.mkdir()
    for name, words in PROGRAMS.items():
        (bin_folder / name).write_text(f'#!/bin/sh\nexec {sys.executable} {words} "$@"\n')
        (bin_folder / name).chmod(0o755)
    script = "".join(f"echo {shown(it)}\n{it}\n" for it in COMMAND.findall(journey))
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=folder,
        env=os.environ
        | {
            "PATH": os.pathsep.join([str(bin_folder), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
            "NO_COLOR": "1",
            # The plugins of whoever runs this are not on the page.
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_PLUGINS": "pytest_leakwatch.plugin",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    # As on a machine where the repository lies at the root.
    return done.stdout.replace(str(folder), "")


def shown(command):
    """The command as an argument of `echo`."""
    quoted = command.replace("'", "'\\''")
    return f"'$ {quoted}'"


@pytest.mark.parametrize("number", range(len(journeys())))
def test_a_journey_prints_what_the_page_says(number, tmp_path, request):
    journey = journeys()[number]
    real = typed(journey, tmp_path)
    if request.config.getoption("--update-gold"):
        text = PAGE.read_text(encoding="utf-8")
        PAGE.write_text(text.replace(journey, real), encoding="utf-8")
        return
    assert comparable(real) == comparable(journey)


def comparable(text):
    """What is the same on every machine."""
    return LEVELS.sub("=", without_figures(text))
