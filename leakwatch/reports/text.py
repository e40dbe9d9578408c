"""The report as text: one verdict line first, then per leak the sentence, path and next step.

It is written to be read in a hurry. Everything printed is escaped, so that no name or key
of the program can recolour a terminal.
"""

from collections.abc import Iterable, Iterator, Sequence

from leakwatch.model import Leak, Reference, RetentionPath, repeated
from leakwatch.model.leaks import blocks
from leakwatch.report import Report, count_objects
from leakwatch.reports.memory import growth_aside, memory_lines
from leakwatch.reports.wording import awaited, counted, printable, size

MOST_SHOWN = 10
"""Leaks shown in full; the rest is counted."""
LONGEST_PATH = 12
"""References printed one by one; a longer path is folded in the middle."""
MOST_KINDS = 5
"""Retained types shown of a leak; the JSON report has the others."""
WIDEST_COLUMN = 32
SUSPECT = "<- suspect"


def render(report: Report) -> str:
    """The report as text, ending with a newline."""
    return printable_lines(lines(report)) + "\n"


def printable_lines(text: Iterator[str]) -> str:
    """The lines, with whatever is not printable escaped."""
    return "\n".join(printable(line).rstrip() for line in text)


def lines(report: Report) -> Iterator[str]:
    """Every line of the report."""
    yield verdict(report)
    for number, leak in enumerate(report.leaks[:MOST_SHOWN], 1):
        yield ""
        yield from leak_lines(number, leak)
    if len(report.leaks) > MOST_SHOWN:
        yield ""
        yield f"and {counted(len(report.leaks) - MOST_SHOWN, 'more leak')} in the JSON report"
    footer = list(footer_lines(report))
    if footer:
        yield ""
        yield from footer


def verdict(report: Report) -> str:
    """The answer in one line."""
    place = PLACES.get(report.kind, "in {!r}").format(report.scope)
    if report.kind == "why":
        return f"leakwatch: {answer(report)}"
    if not report.leaks:
        judged = "not judged" if report.not_judged else "no leaks"
        return f"leakwatch: {judged} {place}{growth_aside(report.memory)}"
    total = sum(leak.retained_bytes for leak in report.leaks)
    objects = counted(count_objects(report.leaks), "object")
    return (
        f"leakwatch: {counted(len(report.leaks), 'leak')} {place}: "
        f"{objects}, {size(total)} retained"
    )


PLACES = {
    "scope": "in scope {!r}",
    "check": "among the watched objects",
    "hunt": "in repeated runs of {}",
    "run": "at the end of {}",
    "why": "{}",
}
"""Where the leaks are, by kind of report."""


def answer(report: Report) -> str:
    """The first line of the answer to *why is this alive*."""
    if report.not_judged:
        return f"why {report.scope}: {report.not_judged}"
    if report.leaks:
        return f"why {report.scope} is alive: held in {counted(len(report.leaks), 'way')}"
    if report.in_use:
        return f"why {report.scope} is alive: only the code that asks holds it"
    if report.partial:
        return f"why {report.scope}: not known, for the look at the heap was not complete"
    return f"why {report.scope}: nothing holds it any more"


def leak_lines(number: int, leak: Leak) -> Iterator[str]:
    """One leak: the sentence, the path, the next step."""
    yield f"{number}. {sentence(leak)}"
    yield f"   {facts(leak)}"
    yield ""
    yield from (f"     {line}" for line in path_lines(leak.path))
    advised = [f"   {line}" for line in advice(leak)]
    if advised:
        yield ""
        yield from advised


def sentence(leak: Leak) -> str:
    """What leaked and what holds it."""
    rate = f" ({leak.growth:g} per run)" if leak.growth is not None else ""
    verb = "is" if leak.count == 1 else "are"
    subject = counted(leak.count, leak.type_name, leak.type_name)
    return f"{subject}{rate} {verb} {held(leak.path, leak.count)}"


def held(path: RetentionPath, count: int) -> str:
    """What holds the survivors, in one phrase."""
    if path.root.facts.is_garbage:
        return "kept by a reference cycle that only the collector frees"
    if len(path.references) > LONGEST_PATH:
        return f"held by {path.root}, over {len(path.references)} references"
    return f"held by {path.expression}" if count == 1 else f"held, each like {path.expression}"


def facts(leak: Leak) -> str:
    """Pattern, size and signature."""
    known = [f"{leak.pattern.code} {leak.pattern.title}"] if leak.pattern else []
    measured = [f"{size(leak.retained_bytes)} retained", f"signature {leak.signature}"]
    return ", ".join([*known, *measured])


def path_lines(path: RetentionPath) -> Iterator[str]:
    """The path, one line a reference: its name, what it leads to, what is known of that."""
    yield path.start
    names = column(reference.name for reference in path.references)
    arrivals = column(arrival for _, arrival in path.steps())
    rows = []
    steps = [
        (reference.name, arrival, "; ".join(filter(None, (SUSPECT * reference.suspect, remark))))
        for (reference, arrival), remark in zip(path.steps(), remarks(path), strict=False)
    ]
    for block, times in blocks(steps):
        rows += [
            f"  {name:<{names}} -> {arrival:<{arrivals}}  {said}" for name, arrival, said in block
        ]
        rows += [f"  {repeated(len(block), times)}"] * (times > 1)
    yield from shortened(rows)
    if not path.references:
        yield f"  -> {path.target_type}  {remarks(path)[-1]}"


def remarks(path: RetentionPath) -> list[str]:
    """What is known of the object that each reference leads to."""
    known = [(reference.reason, reference.awaited_by) for reference in path.references[1:]]
    known.append((path.target_reason, path.target_awaited_by))
    return ["; ".join(filter(None, (reason, awaited(tasks)))) for reason, tasks in known]


def shortened(rows: Sequence[str]) -> Iterator[str]:
    """The rows, those in the middle of a long path counted only."""
    left_out = len(rows) - LONGEST_PATH
    half = LONGEST_PATH // 2
    if left_out <= 0:
        yield from rows
        return
    yield from rows[:half]
    yield f"  ... {left_out} more references ..."
    yield from rows[-half:]


def column(entries: Iterable[str]) -> int:
    """Width of a column; a long entry sticks out instead of pushing the others away."""
    return max((len(entry) for entry in entries if len(entry) <= WIDEST_COLUMN), default=0)


def advice(leak: Leak) -> Iterator[str]:
    """Which reference to cut, why it leaks, what to write instead, where it was made."""
    cut = leak.path.cut
    if cut is not None:
        yield f"cut    {cut.name} in {holder_of(leak.path, cut)}"
    if leak.pattern is not None:
        yield f"why    {leak.pattern.explanation}"
        yield f"next   {leak.pattern.fix}"
    if leak.born is not None:
        yield f"made   {leak.born}"
    if leak.inserted is not None:
        yield f"added  {leak.inserted}"
    if leak.company:
        yield f"with   {company(leak)}"
    yield from (f"reason {reason}" for reason in leak.reasons)


def company(leak: Leak) -> str:
    """The types that each survivor alone keeps alive, with their number, the nearest first."""
    shares = [
        f"{kind.count / leak.count:.2g} {kind.type_name}" for kind in leak.company[:MOST_KINDS]
    ]
    more = len(leak.company) - MOST_KINDS
    rest = [f"{counted(more, 'more type')}"] if more > 0 else []
    return ("each " if leak.count > 1 else "") + ", ".join([*shares, *rest])


def reference_to_cut(path: RetentionPath) -> Reference | None:
    """The suspect to cut, or None; `RetentionPath.cut` under the name that plugins know."""
    return path.cut


def holder_of(path: RetentionPath, cut: Reference) -> str:
    """The holder of a reference as an expression, or its type where that is too long."""
    before = path.references[: path.references.index(cut)]
    if not before:
        return str(path.root)
    if len(before) > LONGEST_PATH:
        return f"a {cut.holder_type}"
    return RetentionPath(path.root, before, cut.holder_type).expression


def footer_lines(report: Report, *, in_full: bool = False) -> Iterator[str]:
    """What is known, in use, not explained or not done; `in_full` as of `memory_lines`."""
    for leak in report.known:
        yield "; ".join([f"known: {sentence(leak)}", *leak.reasons[-1:]])
    for leak in report.in_use[:MOST_SHOWN]:
        yield f"in use: {sentence(leak)}"
    yield from judging_lines(report)
    yield from memory_lines(report, in_full=in_full)
    if report.partial:
        yield f"partial: {report.partial}"
    if report.not_judged and report.kind != "why":
        yield f"not judged: {report.not_judged}"
    for note in report.notes:
        yield f"note: {note}"


def judging_lines(report: Report) -> Iterator[str]:
    """How it was judged, where anything was found."""
    if not (report.leaks or report.known or report.in_use):
        return
    done = []
    if report.settling.collections:
        done.append(f"after {counted(report.settling.collections, 'collection')}")
    if report.settling.waited:
        done.append(f"after waiting {report.settling.waited:g} s")
    share = f"named roots explain {report.explained_share:.1%} of the heap"
    yield f"judged {' and '.join(done)}; {share}" if done else share
