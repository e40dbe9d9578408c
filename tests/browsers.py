"""A real browser for the tests of pages, and visits that see whatever a page must not do."""

import os
import shutil

import pytest


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
    """Opens pages in a browser and collects whatever they must not do.

    Args:
        browser: that of Playwright.
        may_ask: says which requests get an answer; each other one is a fault.
    """

    def __init__(self, browser, may_ask):
        self._browser, self._may_ask = browser, may_ask
        self._contexts = []
        self.faults = []

    def open(self, address, **options):
        """A page by its address, in a new context with these options."""
        context = self._browser.new_context(**options)
        context.add_init_script(WATCH_POLICY)
        context.route("**/*", self._watch)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("dialog", lambda dialog: self.faults.append(f"dialog: {dialog.message}"))
        page.goto(address)
        self._contexts.append(context)
        return page

    def _watch(self, route):
        if self._may_ask(route.request):
            route.continue_()
            return
        self.faults.append(f"request: {route.request.url}")
        route.abort()

    def leave(self):
        """Close everything, and say what went wrong."""
        for context in self._contexts:
            context.close()
        return self.faults
