"""Two heaps of a program with hostile names, a server of them, and a browser to look at it."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager

import pytest

from tests.heaps import environment, run_python

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


# Not for the session: while Playwright is at work, an event loop runs in this thread, and no
# other test could run one.
@pytest.fixture(scope="module")
def browser():
    """Debian's Chromium, one for all tests of a file."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("NEED_CHROMIUM"):
            pytest.fail("chromium is not installed; `.ci/run` installs it")
        pytest.skip("chromium is not installed here (Debian: apt install chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # A sandbox needs another user than root, and /dev/shm is small in containers.
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        opened = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield opened
        opened.close()


PATIENCE = 30_000
"""Milliseconds for what happens at once, also on a busy machine."""

WATCH_POLICY = """
addEventListener("securitypolicyviolation", (event) => console.log(event.violatedDirective));
"""


class Visit:
    """Opens pages in the browser and collects whatever they must not do."""

    def __init__(self, browser, address):
        self._browser = browser
        self._address = address
        self._contexts = []
        self.faults = []

    def __call__(self, path="", **options):
        """A page by its path, in a new context with these options."""
        context = self._browser.new_context(**options)
        context.add_init_script(WATCH_POLICY)
        context.route("**/*", self._watch)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.goto(self._address + path)
        self._contexts.append(context)
        return page

    def _watch(self, route):
        if route.request.url.startswith(self._address):
            route.continue_()
            return
        self.faults.append(f"request: {route.request.url}")
        route.abort()

    def leave(self):
        """Close everything, and say what went wrong."""
        for context in self._contexts:
            context.close()
        return self.faults


@pytest.fixture
def visit(browser, address):
    """Open a page by its path; fails if it logged, requested or broke anything."""
    visit = Visit(browser, address)
    yield visit
    assert visit.leave() == []
