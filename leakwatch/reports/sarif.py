"""The report as SARIF 2.1.0, which code scanning services read.

Each pattern is a rule. The signature is the fingerprint, so that a service knows the same leak
again in the next run, whatever moved in between. A leak whose place in the source is not known
is given with the logical location of its holder.
"""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from typing import Any
from urllib.parse import quote

from leakwatch.model import Leak, Pattern
from leakwatch.report import Report
from leakwatch.reports import text
from leakwatch.reports.source_locations import place_of
from leakwatch.reports.wording import printable

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
UNNAMED = Pattern("LW000", "memory leak", "objects outlived the work that made them", "")
"""The rule of leaks that fit no pattern: every result must have one."""


def render(report: Report) -> str:
    """The report as SARIF, indented, ending with a newline."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The log with its single run."""
    patterns = {rule_of(leak).code: rule_of(leak) for leak in (*report.leaks, *report.known)}
    rules = [rule(patterns[code]) for code in sorted(patterns)]
    places = {code: index for index, code in enumerate(sorted(patterns))}
    driver = {"name": "leakwatch", "version": installed(), "rules": rules}
    run: dict[str, Any] = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"leakwatch/{printable(report.scope)}/"},
        "invocations": [invocation(report)],
        "results": [result(leak, report, places) for leak in report.leaks],
    }
    run["results"] += [accepted(result(leak, report, places), leak) for leak in report.known]
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def installed() -> str:
    """The version of leakwatch, or 0 where it runs without being installed."""
    try:
        return version("leakwatch-framework")
    except PackageNotFoundError:
        return "0"


def rule_of(leak: Leak) -> Pattern:
    """The pattern of a leak, or the one that stands for none."""
    return leak.pattern or UNNAMED


def rule(pattern: Pattern) -> dict[str, Any]:
    """One pattern."""
    written: dict[str, Any] = {
        "id": pattern.code,
        "shortDescription": message(pattern.title),
        "fullDescription": message(pattern.explanation),
        "defaultConfiguration": {"level": "error"},
    }
    return written | ({"help": message(pattern.fix)} if pattern.fix else {})


def result(leak: Leak, report: Report, places: Mapping[str, int]) -> dict[str, Any]:
    """One leak; `places` gives the index of each rule by its code."""
    code = rule_of(leak).code
    said = [text.sentence(leak), text.facts(leak), *text.path_lines(leak.path), *text.advice(leak)]
    return {
        "ruleId": code,
        "ruleIndex": places[code],
        "level": "error",
        "message": message("\n".join(said)),
        "locations": [location(leak, report)],
        "partialFingerprints": {"leakwatchSignature/v1": leak.signature},
        "properties": {"count": leak.count, "retainedBytes": leak.retained_bytes},
    }


def accepted(written: dict[str, Any], leak: Leak) -> dict[str, Any]:
    """A known leak: suppressed, with the reason."""
    reason = printable("; ".join(leak.reasons[-1:]) or "a known leak")
    return written | {
        "level": "note",
        "suppressions": [{"kind": "external", "justification": reason}],
    }


def location(leak: Leak, report: Report) -> dict[str, Any]:
    """Where the leak is shown."""
    holder = {"fullyQualifiedName": printable(leak.path.expression)}
    place = place_of(leak, report)
    if place is None:
        return {"logicalLocations": [holder]}
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": quote(printable(place.file), safe="/:")},
            "region": {"startLine": place.line},
        },
        "logicalLocations": [holder],
    }


def invocation(report: Report) -> dict[str, Any]:
    """Whether the judgement is complete, and what else the reader should know."""
    gaps = [f"{gap}" for gap in (report.partial, report.not_judged) if gap]
    notes = [{"level": "warning", "message": message(gap)} for gap in gaps]
    notes += [{"level": "note", "message": message(note)} for note in report.notes]
    return {"executionSuccessful": not gaps, "toolExecutionNotifications": notes}


def message(content: str) -> dict[str, str]:
    """A text, without control characters but for its line breaks."""
    return {"text": "\n".join(printable(line) for line in content.splitlines()) or "-"}
