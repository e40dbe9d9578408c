"""Every text of the plugin: of a failed test, at the end, and on GitHub."""

import os
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import replace

from leakwatch.extending import Place, facts, next_steps, retained, workflow_command
from leakwatch.integration import counted
from leakwatch.model import Leak, RetentionPath, State
from leakwatch.model.root_kinds import HolderKind
from leakwatch.report import Report
from pytest_leakwatch.faults import END, SEND, TESTS
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.verdict import recurrence
from pytest_leakwatch.verdict.findings import Findings, Location
from pytest_leakwatch.verdict.judge import DOOM

MOST_LEAKS = 10
FEW_LEAKS = 3
"""Of more than so many leaks each is told in fewer lines, and once."""
MOST_LISTED = 30
"""Leaks in the block, those after the ten largest in one line each."""
MOST_STEPS = 2
"""References of a path that are told of each of many leaks; the first line names them all."""
MOST_TESTS = 5
MOST_TESTS_OF_MANY = 2
"""Of each of a few leaks so many tests are named, of each of more than a few less."""
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
    again = any(findings.runs.get(owner, 1) > 1 for owner in owners)
    often = recurrence.how_often(
        sum(seen.get(owner, 1) for owner in owners), runs, len(owners), again=again, asked=asked
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


def message(findings: Findings, nodeid: str, elsewhere: Mapping[str, str] | None = None) -> str:
    """Why a test fails: one sentence, then the largest leaks with their paths and the next step.

    Args:
        findings: of this test and perhaps others.
        nodeid: of the test.
        elsewhere: where the leaks that are not to be told in full here are, by signature: the
            test whose error has it, or nothing.
    """
    elsewhere = elsewhere or {}
    title = findings.title_of(nodeid)
    leaks = [replace(it, path=path_of(it, title)) for it in findings.leaks_of(nodeid)]
    news = [leak for leak in leaks if leak.signature not in elsewhere]
    if not news:
        return f"leakwatch: {headline(leaks, title)}; {told_in(leaks[0], elsewhere)}"
    largest, others = news[:MOST_LEAKS], news[MOST_LEAKS:]
    if is_many(findings):
        lines = [f"leakwatch: {headline(leaks, title)}", *in_short(largest, title)]
    else:
        told = replace(findings.report, leaks=tuple(largest), known=(), in_use=(), notes=())
        lines = [f"leakwatch: {headline(leaks, title)}", *str(told).splitlines()[1:]]
    lines += [f"{headline([leak], title)}; {told_in(leak, elsewhere)}" for leak in others]
    return "\n".join(lines).rstrip()


def is_many(findings: Findings) -> bool:
    """Whether there are so many leaks that each is told in a few lines."""
    return len(findings.report.leaks) > FEW_LEAKS


def in_short(leaks: Sequence[Leak], title: str) -> Iterator[str]:
    """Yield each leak in a few lines: what it is, the ends of its path, what to do."""
    for number, leak in enumerate(leaks):
        if number:
            yield headline([leak], title)
        yield f"  {facts(leak)}"
        yield from (f"  {line}" for line in ends_of(str(leak.path).splitlines()))
        yield from (f"  {line}" for line in next_steps(leak))


def ends_of(lines: Sequence[str]) -> list[str]:
    """The lines of a path without those in the middle."""
    left_out = len(lines) - 1 - MOST_STEPS
    if left_out <= 1:
        return list(lines)
    return [*lines[:2], f"  ... {left_out} more references ...", *lines[-1:]]


def told_in(leak: Leak, elsewhere: Mapping[str, str]) -> str:
    """Where a leak is told in full: one bug is read once."""
    if nodeid := elsewhere.get(leak.signature):
        return f"path and advice stand in the error of {nodeid}"
    advice = f"{leak.pattern.code} {leak.pattern.title}, " if leak.pattern else ""
    return f"{advice}signature {leak.signature}, not among the {MOST_LEAKS} largest"


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
        found = ", ".join([counted(len(leaks), "leak"), objects, *retained(leaks)])
    return f"{found}; {counted(findings.judged, 'test')} judged{left_out(findings)}"


def cost(findings: Findings) -> str:
    """What the plugin itself took; over all processes where there are several."""
    beside, at_the_end = findings.seconds.get(TESTS, 0.0), findings.seconds.get(END, 0.0)
    return (
        f"leakwatch itself took {beside + at_the_end:.2f} s: {beside:.2f} s beside the tests, "
        f"{at_the_end:.2f} s at the end"
    )


def confirmed(findings: Findings) -> str:
    """How many tests were run again, and how many leaks that did not answer; or nothing."""
    tests = counted(findings.reruns, "test was", "tests were")
    again = f"{tests} run again to see what leaks each time" if findings.reruns else ""
    number = len(findings.unconfirmed)
    unknown = f"{counted(number, 'leak is', 'leaks are')} unconfirmed" if number else ""
    return ", ".join(filter(None, [again, unknown]))


def unfrozen(number: int) -> str:
    """How many tests ran without a window, and what that means."""
    subject = "1 test that asks" if number == 1 else f"{number:,} tests that ask"
    return (
        f"{subject} the garbage collector what there is ran without a window: a leak at the "
        "address of an older object may be missed there"
    )


def left_out(findings: Findings) -> str:
    """How many tests were not judged, and why."""
    reasons = {reason: count for reason, count in findings.not_judged.items() if count}
    if not reasons:
        return ""
    why = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items())
    return f", {sum(reasons.values()):,} not judged ({why})"


def block(
    findings: Findings, verbosity: int, *, told: Container[str] = frozenset()
) -> Iterator[str]:
    """Yield the lines of the block at the end.

    Args:
        findings: of the whole run.
        verbosity: below 0 the totals, 0 and 1 the ten largest leaks, 2 everything.
        told: signatures of the leaks that stand in the error of a test.
    """
    yield totals(findings)
    yield from gap_lines(findings.report)
    yield from pattern_lines(findings)
    if findings.unfrozen:
        yield unfrozen(findings.unfrozen)
    yield cost(findings)
    yield from filter(None, [confirmed(findings)])
    if verbosity >= 0:
        everything = verbosity > 1
        yield from leak_lines(findings, everything=everything, told=told)
        yield from known_lines(findings, everything=everything)
        yield from stale_lines(findings.allowances)
        yield from (f"note: {note}" for note in findings.report.notes)


def leak_lines(findings: Findings, *, everything: bool, told: Container[str]) -> Iterator[str]:
    """Yield each leak with the tests that made it; in one line if it is one of many and told."""
    leaks = findings.report.leaks
    shown = leaks if everything else leaks[:MOST_LISTED]
    many = is_many(findings)
    most = None if everything else MOST_TESTS_OF_MANY if many else MOST_TESTS
    for number, leak in enumerate(shown, 1):
        said = f"{number}. {headline([leak], title_of(leak, findings))}"
        if not everything and (number > MOST_LEAKS or (many and leak.signature in told)):
            yield f"{said}; {leak.reasons[-1]}"
            continue
        yield said
        yield f"   {facts(leak)}"
        yield f"   {leak.reasons[-1]}"
        yield from test_lines(findings, leak, most=most)
    yield from remainder(len(leaks) - len(shown), "more leak")


def test_lines(findings: Findings, leak: Leak, *, most: int | None) -> Iterator[str]:
    """Yield the tests that made a leak, the one that made most of it first; None is all."""
    tests = sorted(findings.tests_of(leak).items(), key=lambda pair: (-pair[1], pair[0]))
    shown = tests[:most]
    for nodeid, count in shown:
        yield f"     {nodeid} ({count:,})"
    yield from (f"     {line}" for line in remainder(len(tests) - len(shown), "more test"))


def known_lines(findings: Findings, *, everything: bool) -> Iterator[str]:
    """Yield what fails nothing, one line each, with the reason; what is unconfirmed first."""
    known = sorted(findings.report.known, key=lambda it: it.signature not in findings.unconfirmed)
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


def pattern_lines(findings: Findings) -> Iterator[str]:
    """Yield the patterns that fit no class: of what they were to find nothing was judged."""
    yield from (f"not judged: {said}" for said in findings.unmatched.values())


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
