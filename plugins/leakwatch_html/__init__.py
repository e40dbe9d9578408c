"""The report as one HTML page that opens anywhere, and as a fragment for notebooks.

    report.save("leaks.html")
    leakwatch report leaks.json -o leaks.html

The page is one file without a request to anywhere. It is complete without JavaScript, which
adds sorting, search and the chart. Jinja2 is imported when the first page is written.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable

from leakwatch import Report, hookimpl
from leakwatch.extending import Renderer

__all__ = ["leakwatch_renderers", "render_fragment", "render_page"]


def render_page(report: Report) -> str:
    """The report as one HTML file.

    Args:
        report: of any kind and size; nothing in it is trusted.

    Returns:
        the text of the whole file, the same for the same report.
    """
    from leakwatch_html.page import page_of

    return page_of(report)


def render_fragment(report: Report) -> str:
    """The report as a small piece of HTML without scripts, for a notebook or a wiki page."""
    from leakwatch_html.page import fragment_of

    return fragment_of(report)


@hookimpl
def leakwatch_renderers() -> Iterable[Renderer]:
    """`html`, and `notebook`, which `Report._repr_html_` asks for."""
    return [
        Renderer(
            "html", (".html", ".htm"), render_page, "one page to search, print and send; no network"
        ),
        Renderer("notebook", (), render_fragment, "a small piece of HTML without scripts"),
    ]
