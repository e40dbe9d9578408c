"""Two heaps of a program with hostile names, a server of them, and a browser to look at it."""

import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.browsers import Visit, browser
from tests.heaps import environment, run_python

__all__ = ["browser"]

HOSTILE = (
    "</code></script><script>document.title = 'owned'</script><img src=x onerror=\"alert(1)\">"
    "\"' onclick=alert(2) ` ${1} {{ 7 * 7 }} \u202edrawkcab\u202c \x1b[31m &lt;"
)
PROGRAM = """
import sys
import leakwatch

HOSTILE = sys.argv[1]


class Parcel:
    def __init__(self, number):
        self.labels = [str(item) * 30 for item in range(number)]


class Shelf:
    def __init__(self):
        self.parcels = {}


Evil = type(HOSTILE, (), {"__module__": HOSTILE})
EVIL = [Evil() for _ in range(12)]
setattr(EVIL[0], HOSTILE, Evil())
globals()[HOSTILE] = {HOSTILE: Evil()}
SHELF = Shelf()
for file, count in zip(sys.argv[2:], (60, 80)):
    SHELF.parcels.update({f"u{number}": Parcel(number) for number in range(count)})
    leakwatch.snapshot(file)
"""
NAMES = "monday.lwheap", "<img src=x onerror=alert(1)>.lwheap"


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """An older and a newer heap: 60 parcels on a shelf, then 80."""
    folder = tmp_path_factory.mktemp("heaps")
    found = [str(folder / name) for name in NAMES]
    run_python("-c", PROGRAM, HOSTILE, *found)
    return found


@contextmanager
def explored(*arguments):
    """A server in a process of its own, as a user starts it; gives its process and address."""
    command = [sys.executable, "-P", "-m", "leakwatch", "explore", *arguments]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**environment(), "LEAKWATCH_DISABLE_PLUGINS": ""},
    )
    try:
        yield process, process.stdout.readline().strip()
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)


@pytest.fixture
def explore():
    return explored


@pytest.fixture(scope="module")
def address(files):
    """The address of a server of both heaps."""
    with explored(*files) as (_, address):
        assert address.startswith("http://127.0.0.1:")
        yield address


class VisitOfHeaps(Visit):
    """A visit of the pages of a server; nothing else gets an answer."""

    def __init__(self, browser, address):
        super().__init__(browser, lambda request: request.url.startswith(address))
        self._address = address

    def __call__(self, path="", **options):
        """A page by its path, in a new context with these options."""
        return self.open(self._address + path, **options)


@pytest.fixture
def visit(browser, address):
    """Open a page by its path; fails if it logged, requested or broke anything."""
    visit = VisitOfHeaps(browser, address)
    yield visit
    assert visit.leave() == []
