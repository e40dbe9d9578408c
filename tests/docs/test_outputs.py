"""The documentation keeps its word: what it prints below a command is what the command prints."""

import os
import re
import shlex
import shutil
import sys

import pytest

from tests import nursery
from tests.printed import ROOT, without_figures

DOCS = ROOT / "docs"
ANSWERED = re.compile(
    r"^```sh\n(?P<command>leakwatch [^\n]+)\n```\n\n```text\n(?P<output>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
"""A command alone in its block, with its output in the block below."""


def pages():
    return [page for page in sorted(DOCS.rglob("*.md")) if ANSWERED.search(page.read_text("utf-8"))]


@pytest.fixture
def shop(tmp_path):
    """A folder with the examples in it, as in a clone."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=lambda *_: {"__pycache__"})
    return tmp_path


def printed(command, folder):
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), *filter(None, sys.path)])
    environment = os.environ | {"PYTHONPATH": path, "NO_COLOR": "1", "COLUMNS": "100"}
    module, *arguments = shlex.split(command)
    result = nursery.run(module, arguments, environment=environment, cwd=folder)
    assert result.returncode in {0, 1}, result.stderr
    return result.stdout


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(DOCS)))
def test_the_output_below_a_command_is_what_it_prints(page, shop, request):
    text = page.read_text(encoding="utf-8")
    if request.config.getoption("--update-gold"):
        page.write_text(ANSWERED.sub(lambda found: renewed(found, shop), text), encoding="utf-8")
        return
    for found in ANSWERED.finditer(text):
        real = without_figures(printed(found["command"], shop))
        assert without_figures(found["output"]) == real, found["command"]


def renewed(found, folder):
    whole, start = found[0], found.start("output") - found.start()
    return whole[:start] + printed(found["command"], folder) + "```"
