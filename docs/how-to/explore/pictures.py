"""Draw the pictures of `explore.md` anew: `python docs/how-to/explore/pictures.py`.

Needs Chromium, Playwright (the extra `dev`) and Pillow, which makes the files small. Look at
what it made before you commit it.
"""

import io
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).parent
COLOURS = 128
PROGRAM = "import sys, shop; shop.main(*sys.argv[1:])"
WIDE = {"viewport": {"width": 1180, "height": 1240}}
NARROW = {"viewport": {"width": 390, "height": 900}}
SHOTS = {
    "overview": ("1/", WIDE),
    "compare": ("compare", {"viewport": {"width": 1180, "height": 900}}),
    "object": ("1/", {"viewport": {"width": 1180, "height": 760}}),
    "dark": ("1/", {**WIDE, "color_scheme": "dark"}),
    "narrow": ("compare", NARROW),
}


def main():
    """Write every picture beside this file."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        heaps = [f"{folder}/{day}.lwheap" for day in ("monday", "tuesday")]
        subprocess.run([sys.executable, "-c", PROGRAM, *heaps], check=True, cwd=HERE)
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        with explored(heaps) as address:
            for name, (path, options) in SHOTS.items():
                page = browser.new_page(**options)
                page.goto(address + path)
                save(taken(page, name), HERE / f"{name}.png")
        browser.close()


@contextmanager
def explored(heaps):
    """The address of a server of some heaps."""
    command = [sys.executable, "-m", "leakwatch", "explore", *heaps]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process.stdout.readline().strip()
        process.send_signal(signal.SIGINT)


def taken(page, name):
    """One picture, as PNG."""
    if name in {"overview", "compare"}:
        page.locator("summary").first.click()
    if name == "dark":
        page.locator("#owners-title").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('#owners-title').scrollIntoView()")
    if name == "object":
        page.get_by_role("link", name="All objects of shop.Session").click()
        page.locator("tbody a").first.click()
    return page.screenshot()


def save(png, path):
    """A picture in few colours, which is a third of the size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    few = image.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
