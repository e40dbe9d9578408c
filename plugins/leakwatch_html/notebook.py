"""The report in a notebook: the verdict and the first leaks, without a script or a style sheet.

Notebooks strip style sheets from what they do not trust, and are light or dark. So the
fragment is plain markup that takes the notebook's own colours.
"""

from leakwatch import Report
from leakwatch_html.cards import headline
from leakwatch_html.leaks import rows
from leakwatch_html.templating import environment

MOST_SHOWN = 10
"""Leaks in the fragment; a notebook is no place for more, and `save` writes the whole page."""


def render(report: Report) -> str:
    """The report as a fragment of HTML."""
    found = rows(report, {})
    return (
        environment()
        .get_template("notebook.html")
        .render(
            report=report,
            headline=headline(report),
            rows=found[:MOST_SHOWN],
            more=max(0, len(found) - MOST_SHOWN),
        )
    )
