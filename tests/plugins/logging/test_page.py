"""The page about logging shows the line that its program logs.

Its examples run here in programs of their own: they configure `logging` for a whole process.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "logging.md"
PROGRAM = re.compile(r"^```py\n(.*?)^```$", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r"(?<=^```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL)
# The plugin is registered by hand where the distribution is not installed.
PREPARED = """
import leakwatch_logging
from leakwatch.session import plugins
if "logging" not in plugins().names():
    plugins().register(leakwatch_logging, "logging")
"""


def logged(*programs):
    code = PREPARED + "\n".join(programs)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stderr


@pytest.fixture
def page(request):
    """The text of the page, with the line as it is logged now if that was asked for."""
    text = PAGE.read_text(encoding="utf-8")
    if request.config.getoption("--update-gold", default=False):
        line = logged(PROGRAM.findall(text)[0])
        text = OUTPUT.sub(lambda found: line, text)
        PAGE.write_text(text, encoding="utf-8")
    return text


def test_the_first_program_logs_the_line_below_it(page):
    assert logged(PROGRAM.findall(page)[0]) == OUTPUT.search(page)[0]


def test_the_filter_of_the_page_silences_that_leak_alone(page):
    leaky, *_, silencing = PROGRAM.findall(page)
    signature = re.search("leak ([0-9a-f]{12}) ", logged(leaky))[1]
    filtered = re.sub("[0-9a-f]{12}", signature, silencing)
    again = leaky[leaky.index("with leakwatch.scope") :]
    assert len(logged(leaky, filtered, again).splitlines()) == 1
