"""The file for Chrome's DevTools, loaded by DevTools' own reader out of Chromium.

With a port for debugging Chromium serves its DevTools; the worker that the Memory panel uses is
part of them.
"""

import os
import shutil
from pathlib import Path

import pytest

import leakwatch

READ = Path(__file__).with_name("devtools.js").read_text(encoding="utf-8")
PORT = "DevToolsActivePort"
"""The file in which Chromium writes the port that it took."""


class Parcel:
    def __init__(self, number):
        self.labels = [str(item) * 30 for item in range(number)]


class Shelf:
    def __init__(self):
        self.parcels = {f"u{number}": Parcel(number) for number in range(25)}


@pytest.fixture
def devtools(tmp_path):
    """A page of Chromium's own DevTools."""
    chromium = shutil.which("chromium")
    if chromium is None:
        if os.environ.get("NEED_CHROMIUM"):
            pytest.fail("chromium is not installed; `.ci/run` installs it")
        pytest.skip("chromium is not installed here (Debian: apt install chromium)")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as started:
        profile = tmp_path / "profile"
        context = started.chromium.launch_persistent_context(
            profile,
            executable_path=chromium,
            args=["--no-sandbox", "--disable-dev-shm-usage", "--remote-debugging-port=0"],
        )
        port = (profile / PORT).read_text(encoding="utf-8").split()[0]
        page = context.new_page()
        page.goto(f"http://127.0.0.1:{port}/json/version")
        yield page
        context.close()


def test_devtools_load_it_and_come_to_the_same_sizes(devtools, tmp_path):
    globals()["shelf"] = Shelf()
    try:
        leakwatch.snapshot(tmp_path / "a.lwheap")
    finally:
        del globals()["shelf"]
    heap = leakwatch.Snapshot.load(tmp_path / "a.lwheap")
    heap.to_heapsnapshot(tmp_path / "a.heapsnapshot")
    text = (tmp_path / "a.heapsnapshot").read_text(encoding="utf-8")
    names = [f"{cls.__module__}.{cls.__qualname__}" for cls in (Parcel, Shelf)]
    total, nodes, classes = devtools.evaluate(READ, [text, names])
    assert nodes == heap.objects + 2
    assert total == sum(it.bytes for it in heap.types())
    for name in names:
        ours = heap.index.instances(name)
        assert classes[name] == [len(ours), sum(it.retained_bytes for it in ours)]
