"""The page: what each part has to say, put into the template."""

import platform
from typing import Any

from markupsafe import Markup

from leakwatch import Report, __version__
from leakwatch_html import leaks, memory, tree
from leakwatch_html.cards import cards, headline
from leakwatch_html.content_security import policy
from leakwatch_html.embedded_json import as_json
from leakwatch_html.programs import remedies
from leakwatch_html.templating import asset, environment


def render(report: Report) -> str:
    """The report as one HTML file, in UTF-8 that is declared in it."""
    said = content(report)
    shown = assets(charted=said["chart"] is not None)
    return environment().get_template("page.html").render(**said, **shown)


def content(report: Report) -> dict[str, Any]:
    """What the page says."""
    fixes = remedies((*report.leaks, *report.known, *report.in_use))
    rows = leaks.rows(report, {fix.pattern.code: fix.anchor for fix in fixes if fix.before})
    story = memory.story(report, rows)
    return {
        "report": report,
        "headline": headline(report),
        "cards": list(cards(report, story)),
        "memory": story,
        "chart": as_json(story.chart) if story and story.chart else None,
        "rows": rows,
        "left_out": sum(map(len, (report.leaks, report.known, report.in_use))) - len(rows),
        "repeated": any(row.leak.growth is not None for row in rows),
        "codes": sorted({row.leak.pattern.code for row in rows if row.leak.pattern}),
        "statuses": list(dict.fromkeys(row.status for row in rows)),
        "tree": tree.merged([leak.path for leak in report.leaks]) if merges(report) else (),
        "remedies": fixes,
        "written_by": written_by(),
        "data": as_json(report.to_dict()),
    }


def merges(report: Report) -> bool:
    """Whether the paths of a report all lead to one object."""
    return report.kind == "why" and len(report.leaks) > 1


def written_by() -> str:
    """Who wrote the page, which may be another installation than the one that judged."""
    return f"leakwatch {__version__} on Python {platform.python_version()}"


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
