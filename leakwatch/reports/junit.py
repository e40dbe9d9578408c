"""The report as JUnit XML: a test case for each leak, for servers that show nothing else.

XML 1.0 has no way to write most control characters, so they are escaped as Python would.
"""

from xml.sax.saxutils import escape, quoteattr

from leakwatch.model import Leak
from leakwatch.report import Report
from leakwatch.reports import text
from leakwatch.reports.source_locations import place_of
from leakwatch.reports.wording import printable


def render(report: Report) -> str:
    """One suite with a failed case for each leak, a skipped one for each known leak.

    Where nothing leaks there is one passed case; a judgement with gaps is a skipped one.
    """
    cases = [case(report, leak, failure(leak)) for leak in report.leaks]
    cases += [
        case(report, leak, skipped("; ".join(leak.reasons[-1:]) or "a known leak"))
        for leak in report.known
    ]
    gaps = [gap for gap in (report.partial, report.not_judged) if gap]
    if gaps:
        outcome = skipped("; ".join(gaps))
        cases.append(f"{head('judgement', report)}>\n{outcome}\n    </testcase>")
    cases += [f"{head('judgement', report)}/>"] * (not cases)
    counts = (
        f'tests="{len(cases)}" failures="{len(report.leaks)}" errors="0" '
        f'skipped="{len(report.known) + bool(gaps)}"'
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            f'<testsuites name="leakwatch" {counts}>',
            f"  <testsuite name={attribute(report.scope)} {counts}>",
            *cases,
            f"    <system-out>{content(text.render(report))}</system-out>",
            "  </testsuite>",
            "</testsuites>",
            "",
        ]
    )


def head(name: str, report: Report) -> str:
    """The beginning of a test case."""
    return f"    <testcase classname={attribute(report.scope)} name={attribute(name)}"


def case(report: Report, leak: Leak, outcome: str) -> str:
    """The test case of one leak, with its place in the source."""
    place = place_of(leak, report)
    where = f' file={attribute(place.file)} line="{place.line}"' if place else ""
    name = f"{leak.type_name} {leak.signature}"
    return f"{head(name, report)}{where}>\n{outcome}\n    </testcase>"


def failure(leak: Leak) -> str:
    """What is wrong: the sentence, the path and the advice."""
    kind = leak.pattern.code if leak.pattern else "leak"
    said = "\n".join([text.facts(leak), *text.path_lines(leak.path), *text.advice(leak)])
    return (
        f"      <failure type={attribute(kind)} message={attribute(text.sentence(leak))}>"
        f"{content(said)}</failure>"
    )


def skipped(reason: str) -> str:
    """The outcome of a case that neither passed nor failed, as of a leak that is accepted."""
    return f"      <skipped message={attribute(reason)}/>"


def attribute(value: str) -> str:
    """A value in quotes."""
    return quoteattr(printable(value))


def content(value: str) -> str:
    """Text between tags."""
    return escape("\n".join(printable(line) for line in value.splitlines()))
