"""Draw the pictures of `html.md` anew: `python docs/how-to/html/pictures.py`.

Needs Chromium, Playwright (the extra `dev`) and Pillow, which makes the files small. Look at
what it made before you commit it.
"""

import io
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image
from playwright.sync_api import sync_playwright

from leakwatch import Report

HERE = Path(__file__).parent
COLOURS = 256
EDGE = 24
SHOTS = {
    "light": ("leakbench", {"viewport": {"width": 1280, "height": 1180}}),
    "dark": ("leakbench", {"viewport": {"width": 1280, "height": 1180}, "color_scheme": "dark"}),
    "narrow": ("leakbench", {"viewport": {"width": 375, "height": 1500}}),
    "print": ("leakbench", {"viewport": {"width": 794, "height": 1123}}),
    "memory": ("one-program", {"viewport": {"width": 1280, "height": 1180}}),
}


def main():
    """Write every picture beside this file."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        for name, (report, options) in SHOTS.items():
            file = Path(folder, f"{report}.html")
            Report.load(HERE / f"{report}.json").save(file)
            page = browser.new_page(reduced_motion="reduce", **options)
            page.goto(file.as_uri())
            save(taken(page, name), HERE / f"{name}.png")
        browser.close()


def taken(page, name):
    """One picture, as PNG."""
    if name == "memory":
        page.locator("#memory").scroll_into_view_if_needed()
        box = page.locator("#memory").bounding_box()
        sides = {"x": box["x"] - EDGE, "y": box["y"] - EDGE}
        ends = {"width": box["width"] + 2 * EDGE, "height": box["height"] + 2 * EDGE}
        return page.screenshot(clip=sides | ends)
    if name == "print":
        page.emulate_media(media="print")
        return page.screenshot()
    page.locator(".toggle").nth(1).click()
    page.evaluate("scrollTo(0, 0)")
    page.mouse.move(1, 1)
    page.evaluate("document.activeElement.blur()")
    return page.screenshot()


def save(png, path):
    """A picture in few colours, which is a third of the size."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    few = image.quantize(COLOURS, kmeans=2, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


if __name__ == "__main__":
    main()
