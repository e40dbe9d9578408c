"""The page and the fragment: what each part has to say, put into the template.

Notebooks strip style sheets from what they do not trust, and are light or dark. So the fragment
is plain markup without a script or a style sheet, which takes the notebook's own colours.
"""

import platform
from typing import Any

from markupsafe import Markup

from leakwatch import Report, __version__
from leakwatch_html import leaks, memory, tree
from leakwatch_html.cards import cards, headline
from leakwatch_html.programs import remedies
from leakwatch_html.templating import as_json, asset, environment, policy

MOST_SHOWN = 10
"""Leaks in the fragment; a notebook is no place for more, and `save` writes the whole page."""


def page_of(report: Report) -> str:
    """The report as one HTML file, in UTF-8 that is declared in it."""
    said = content(report)
    shown = assets(charted=said["chart"] is not None)
    return environment().get_template("page.html").render(**said, **shown)


def fragment_of(report: Report) -> str:
    """The report as a fragment of HTML: the verdict and the first leaks."""
    found = leaks.rows(report, {})
    return (
        environment()
        .get_template("notebook.html")
        .render(
            report=report,
            headline=headline(report),
            rows=found[:MOST_SHOWN],
            devices=any(row.device for row in found),
            more=max(0, len(found) - MOST_SHOWN),
        )
    )


def content(report: Report) -> dict[str, Any]:
    """What the page says."""
    fixes = remedies((*report.leaks, *report.known, *report.in_use))
    rows = leaks.rows(report, {fix.pattern.code: fix.anchor for fix in fixes if fix.before})
    story = memory.story(report, rows)
    ways = [leak.path for leak in report.leaks] if report.kind == "why" else []
    return {
        "report": report,
        "headline": headline(report),
        "cards": list(cards(report, story)),
        "memory": story,
        "chart": as_json(story.chart) if story and story.chart else None,
        "rows": rows,
        "left_out": sum(map(len, (report.leaks, report.known, report.in_use))) - len(rows),
        "repeated": any(row.leak.growth is not None for row in rows),
        "devices": any(row.device for row in rows),
        "codes": sorted({row.leak.pattern.code for row in rows if row.leak.pattern}),
        "statuses": list(dict.fromkeys(row.status for row in rows)),
        "tree": tree.merged(ways) if len(ways) > 1 else (),
        "remedies": fixes,
        # It may be another installation than the one that judged.
        "written_by": f"leakwatch {__version__} on Python {platform.python_version()}",
        "data": as_json(report.to_dict()),
    }


def assets(*, charted: bool) -> dict[str, Any]:
    """Our scripts and style sheets, and the policy that lets the browser run only them."""
    scripts = [asset("page.js")]
    styles = [asset("page.css"), asset("leaks.css")]
    if charted:
        scripts += [uplot(), asset("chart.js")]
        styles += [asset("uplot.css")]
    return {"scripts": scripts, "styles": styles, "policy": policy(scripts, styles)}


def uplot() -> Markup:
    """uPlot behind its licence, which must go wherever it goes."""
    return Markup("/*!\n{}*/\n{}").format(asset("uplot.LICENSE.txt"), asset("uplot.js"))
