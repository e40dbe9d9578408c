"""Every text of the plugin: of a failed test, at the end, and on GitHub."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from leakwatch.extending import Place, workflow_command
from leakwatch.integration import counted, size
from leakwatch.model import Leak, RetentionPath, State
from leakwatch.model.root_kinds import HolderKind
from leakwatch.report import Report
from pytest_leakwatch.faults import END, SEND, TESTS
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.verdict import recurrence
from pytest_leakwatch.verdict.findings import Findings, Location
from pytest_leakwatch.verdict.judge import DOOM

MOST_LEAKS = 10
MOST_TESTS = 5
MOST_KNOWN = 5


def header(settings: Settings) -> str | None:
    """The line in the header of the run; nothing where only single tests ask to be judged."""
    if settings.mode == "off":
        return None
    track = ", ".join(settings.track) or "the project's own classes"
    grace = f", grace {settings.grace:g} s" if settings.grace else ""
    baseline = f", baseline {settings.baseline}" if settings.baseline else ""
    return f"leakwatch: {settings.mode}; judges registered objects and {track}{grace}{baseline}"


def with_recurrence(findings: Findings, *, asked: bool = False) -> Findings:
    """The findings, each leak with how often it came and with its fixture, if it is one's.

    Args:
        findings: as judged.
        asked: whether suspects were run again to confirm.
    """
    leaks = tuple(
        one_with_recurrence(leak, findings, asked=asked) for leak in findings.report.leaks
    )
    return replace(findings, report=replace(findings.report, leaks=leaks))


def one_with_recurrence(leak: Leak, findings: Findings, *, asked: bool) -> Leak:
    """One of these leaks with how often it came."""
    owners = findings.tests_of(leak)
    seen = findings.seen.get(leak.signature, {})
    runs = sum(max(findings.runs.get(owner, 1), seen.get(owner, 1)) for owner in owners)
    often = recurrence.how_often(
        sum(seen.get(owner, 1) for owner in owners), runs, len(owners), asked=asked
    )
    return replace(
        leak,
        path=path_of(leak, title_of(leak, findings)),
        reasons=(*leak.reasons, often),
    )


def path_of(leak: Leak, title: str) -> RetentionPath:
    """The path of a leak, which says of a fixture's object that it outlived the fixture."""
    if title == "test":
        return leak.path
    reason = leak.path.target_reason.replace(DOOM, f"outlived the {title}")
    return replace(leak.path, target_reason=reason)


def title_of(leak: Leak, findings: Findings) -> str:
    """What made a leak, in a word: `test`, or the fixture where only one did."""
    titles = {findings.title_of(nodeid) for nodeid in findings.tests_of(leak)}
    return titles.pop() if len(titles) == 1 else "test"


def message(findings: Findings, nodeid: str, reported: Mapping[str, str] | None = None) -> str:
    """Why a test fails: one sentence, then each leak with its path and the next step.

    Args:
        findings: of this test and perhaps others.
        nodeid: of the test.
        reported: for each leak that was reported in full already, by signature, the test that did.
    """
    reported = reported or {}
    title = findings.title_of(nodeid)
    leaks = [replace(it, path=path_of(it, title)) for it in findings.leaks_of(nodeid)]
    news = tuple(leak for leak in leaks if leak.signature not in reported)
    of_this_test = replace(findings.report, leaks=news, known=(), in_use=(), notes=())
    lines = [f"leakwatch: {headline(leaks, title)}"]
    lines += [
        same_as(leak, reported[leak.signature]) for leak in leaks if leak.signature in reported
    ]
    lines += str(of_this_test).splitlines()[1:] if news else ()
    return "\n".join(lines).rstrip()


def same_as(leak: Leak, nodeid: str) -> str:
    """The line for a leak whose full report another test has: one bug is read once."""
    retained = f"{size(leak.retained_bytes)} retained, signature {leak.signature}"
    return f"{retained}; its path and what to do stand in the error of {nodeid}"


def headline(leaks: Sequence[Leak], title: str = "test") -> str:
    """What outlived the test and what holds it, in one line.

    Args:
        leaks: one at least, the largest first.
        title: what a fixture is called, or `test`.
    """
    largest = leaks[0]
    name = counted(largest.count, largest.type_name, largest.type_name)
    pending = " in a task that is still pending" if waits_in_a_task(largest.path) else ""
    sentence = f"{name} outlived the {title}{pending}, held by {largest.path.expression}"
    if len(leaks) == 1:
        return sentence
    return f"{sentence}; and {counted(len(leaks) - 1, 'more leak')}"


def waits_in_a_task(path: RetentionPath) -> bool:
    """Whether a pending task of asyncio holds the object: the task is what did not end."""
    return any(
        reference.holder_kind == HolderKind.TASK and reference.state == State.PENDING
        for reference in path.references
    )


def totals(findings: Findings) -> str:
    """The first line of the block: what was found and how many tests were judged."""
    leaks = findings.report.leaks
    found = "no leaks"
    if leaks:
        objects = counted(sum(leak.count for leak in leaks), "object")
        retained = size(sum(leak.retained_bytes for leak in leaks))
        found = f"{counted(len(leaks), 'leak')}{kinds(leaks)}, {objects}, {retained} retained"
    return f"{found}; {counted(findings.judged, 'test')} judged{left_out(findings)}"


def kinds(leaks: Sequence[Leak]) -> str:
    """How many of several leaks came once only, and how many with every run."""
    often = [
        next((r for r in leak.reasons if r.startswith(recurrence.KINDS)), "") for leak in leaks
    ]
    once = sum(reason.startswith(recurrence.ONE_OFF) for reason in often)
    every = sum(reason.startswith(recurrence.EVERY_RUN) for reason in often)
    return f" ({every:,} every run, {once:,} one-off so far)" if once and every else ""


def cost(findings: Findings) -> str:
    """What the plugin itself took; over all processes where there are several."""
    beside, at_the_end = findings.seconds.get(TESTS, 0.0), findings.seconds.get(END, 0.0)
    return (
        f"leakwatch itself took {beside + at_the_end:.2f} s: {beside:.2f} s beside the tests, "
        f"{at_the_end:.2f} s at the end"
    )


def unfrozen(number: int) -> str:
    """How many tests ran without a window, and what that means."""
    subject = "1 test that uses" if number == 1 else f"{number:,} tests that use"
    return (
        f"{subject} the garbage collector ran without a window: a leak at the address of an older "
        "object may be missed there"
    )


def left_out(findings: Findings) -> str:
    """How many tests were not judged, and why."""
    reasons = {reason: count for reason, count in findings.not_judged.items() if count}
    if not reasons:
        return ""
    why = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
    return f", {sum(reasons.values()):,} not judged ({why})"


def block(findings: Findings, verbosity: int) -> Iterator[str]:
    """Yield the lines of the block at the end.

    Args:
        findings: of the whole run.
        verbosity: below 0 the totals, 0 and 1 the ten largest leaks, 2 everything.
    """
    yield totals(findings)
    yield from gap_lines(findings.report)
    if findings.unfrozen:
        yield unfrozen(findings.unfrozen)
    yield cost(findings)
    if verbosity >= 0:
        everything = verbosity > 1
        yield from leak_lines(findings, everything=everything)
        yield from known_lines(findings.report.known, everything=everything)
        yield from stale_lines(findings.allowances)
        yield from (f"note: {note}" for note in findings.report.notes)


def leak_lines(findings: Findings, *, everything: bool) -> Iterator[str]:
    """Yield each leak in two lines, and the tests that made it."""
    leaks = findings.report.leaks
    shown = leaks if everything else leaks[:MOST_LEAKS]
    for number, leak in enumerate(shown, 1):
        yield f"{number}. {headline([leak], title_of(leak, findings))}"
        code = f"{leak.pattern.code} {leak.pattern.title}, " if leak.pattern else ""
        yield f"   {code}{size(leak.retained_bytes)} retained, signature {leak.signature}"
        yield f"   {leak.reasons[-1]}"
        yield from test_lines(findings, leak, everything=everything)
    yield from remainder(len(leaks) - len(shown), "more leak")


def test_lines(findings: Findings, leak: Leak, *, everything: bool) -> Iterator[str]:
    """Yield the tests that made a leak, the one that made most of it first."""
    tests = sorted(findings.tests_of(leak).items(), key=lambda pair: (-pair[1], pair[0]))
    shown = tests if everything else tests[:MOST_TESTS]
    for nodeid, count in shown:
        yield f"     {nodeid} ({count:,})"
    yield from (f"     {line}" for line in remainder(len(tests) - len(shown), "more test"))


def known_lines(known: Sequence[Leak], *, everything: bool) -> Iterator[str]:
    """Yield what was accepted, one line each, with the reason."""
    shown = known if everything else known[:MOST_KNOWN]
    for leak in shown:
        name = counted(leak.count, leak.type_name, leak.type_name)
        yield f"known: {name}, held by {leak.path.expression}: {leak.reasons[-1]}"
    yield from remainder(len(known) - len(shown), "more known leak")


def stale_lines(allowances: Mapping[str, int]) -> Iterator[str]:
    """Yield the allowances that no leak needed any more."""
    for allowance, used in allowances.items():
        if not used:
            yield f"note: no leak needs leakwatch_allow of {allowance} any more; take it out"


def gap_lines(report: Report) -> Iterator[str]:
    """Yield the faults of leakwatch, where to send them, and what stopped the run."""
    if report.not_judged:
        yield from f"not judged: {report.not_judged}".splitlines()
        yield SEND
    if report.partial:
        yield f"partial: {report.partial}"


def remainder(count: int, noun: str) -> Iterator[str]:
    """Yield how many were left out, if any."""
    if count > 0:
        yield f"and {counted(count, noun)}; `-o verbosity_leakwatch=2` shows all"


def workflow_commands(findings: Findings, root: str, *, failing: bool) -> Iterator[str]:
    """Yield one workflow command a leaking test.

    Args:
        findings: of the whole run.
        root: pytest's root directory, where the locations start.
        failing: whether a leak fails its test, or is only reported.
    """
    level = "error" if failing else "warning"
    for nodeid in findings.leaking_tests():
        marked = place(findings.locations[nodeid], root)
        said = headline(findings.leaks_of(nodeid), findings.title_of(nodeid))
        yield workflow_command(level, f"leak in {nodeid}", said, marked)


def place(location: Location, root: str) -> Place:
    """File from the root of the repository on, and line from 1 on."""
    file, line, _ = location
    repository = os.environ.get("GITHUB_WORKSPACE") or root
    return Place(os.path.relpath(os.path.join(root, file), repository), (line or 0) + 1)
