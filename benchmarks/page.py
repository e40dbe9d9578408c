"""The HTML page of a report of 5,000 leaks: writing it, and what a browser makes of it.

Writing is compared with writing the same report as JSON. The browser is Debian's Chromium; its
rows are left out where it or Playwright is missing.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.timing import best_of
from leakwatch.model import Leak, Pattern, Reference, RetentionPath, Root, Verdict
from leakwatch.report import Report
from leakwatch.reports import json_
from leakwatch_html import render_page

LEAKS = 5_000
WIDTH, HEIGHT = 1280, 900
ACT = """
(action) => new Promise((done) => {
  const began = performance.now();
  (0, eval)(action);
  requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})
"""
"""Runs an action and resolves to the milliseconds until the frame after it was painted."""
ACTIONS = {
    "first search": "type('Kind12')",
    "next search": "type('Kind123')",
    "clear": "type('')",
    "sort": "document.querySelector('thead .type button').click()",
    "open one": "document.querySelector('.toggle').click()",
}
TYPE = """
window.type = (text) => {
  const box = document.querySelector("#search");
  box.value = text;
  box.dispatchEvent(new InputEvent("input", { bubbles: true }));
};
"""


def run() -> list[dict[str, object]]:
    """Rows for writing, and for each action in the browser."""
    report = Report("work", kind="hunt", leaks=tuple(map(leak, range(LEAKS))))
    page, json = best_of([lambda: render_page(report), lambda: json_.render(report)], rounds=3)
    rows: list[dict[str, object]] = [
        {"what": "write", "ms": round(page * 1e3), "x JSON": round(page / json, 1)},
        {"what": "size, empty", "kB": len(render_page(Report("work"))) // 1000},
        {"what": "size", "kB": len(render_page(report)) // 1000},
    ]
    return rows + in_browser(report)


def leak(number: int) -> Leak:
    """A leak with four references, a pattern and names of its own."""
    references = (
        Reference("module", ".HANDLERS", Verdict.NOT_LEAKING, "a module lives on"),
        Reference("dict", f"['work-{number}']", suspect=True),
        Reference("shop.Handler", ".session", suspect=True),
        Reference("shop.Session", ".cart", Verdict.LEAKING, "closed"),
    )
    path = RetentionPath(Root("module global", "shop"), references, "shop.Cart", "left behind")
    pattern = Pattern("LW101", "container that only grows", "It keeps.", "bound it")
    name = f"shop.models.Kind{number}"
    return Leak(name, number + 1, 1.0, 64, 10_000 - number, f"{number:012x}", path, pattern)


def in_browser(report: Report) -> list[dict[str, object]]:
    """Milliseconds of loading, of each action, and of the slowest frame while scrolling."""
    chromium = shutil.which("chromium")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        chromium = None
    if chromium is None:
        return []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        file = Path(folder, "page.html")
        report.save(file)
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.goto(file.as_uri())
        rows = [{"what": what, "ms": round(ms)} for what, ms in acted(page).items()]
        browser.close()
    return rows


def acted(page: Any) -> dict[str, float]:
    """Milliseconds by action."""
    times = {"load": page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd")}
    page.evaluate(TYPE)
    times |= {what: page.evaluate(ACT, action) for what, action in ACTIONS.items()}
    return {**times, "slowest frame scrolling": page.evaluate(SCROLL)}


SCROLL = """
() => new Promise((done) => {
  let frames = 0, slowest = 0, last = performance.now();
  scrollTo(0, 0);
  const step = () => {
    const now = performance.now();
    slowest = Math.max(slowest, now - last);
    last = now;
    scrollBy(0, 300);
    if (++frames < 120) requestAnimationFrame(step); else done(slowest);
  };
  requestAnimationFrame(step);
})
"""
