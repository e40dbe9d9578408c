"""The report as text: one verdict line first, then per leak the sentence, path and next step.

It is written to be read in a hurry. Everything printed is escaped, so that no name or key
of the program can recolour a terminal.
"""

from collections.abc import Iterable, Iterator, Sequence

from leakwatch.model import Leak, Pattern, Reference, RetentionPath, repeated
from leakwatch.model.leaks import blocks
from leakwatch.report import Report, count_objects
from leakwatch.reports.columns import columns, ending, fitted, flush_left, width_of
from leakwatch.reports.memory import growth_aside, memory_lines
from leakwatch.reports.wording import awaited, counted, printable, size

MOST_SHOWN = 10
"""Leaks shown in full; the rest is in the table, and then counted."""
MOST_WITHOUT_TABLE = 3
"""Leaks that one sees at a glance without one."""
MOST_ROWS = 50
"""Leaks in the table."""
WIDEST_ROW, WIDEST_TYPE = 80, 20
"""Columns that the table takes, and the name of a type in it."""
NUMBERS = frozenset({"#", "alive", "growth", "retained"})
"""Columns of the table that are set flush right."""
LONGEST_PATH = 12
"""References printed one by one; a longer path is folded in the middle."""
MOST_KINDS = 5
"""Retained types shown of a leak; the JSON report has the others."""
WIDEST_COLUMN = 32
SUSPECT = "<- suspect"


def render(report: Report) -> str:
    """The report as text, ending with a newline."""
    return printable_lines(lines(report)) + "\n"


def render_in_full(report: Report) -> str:
    """The same with every leak, every reference and every figure."""
    return printable_lines(lines(report, in_full=True)) + "\n"


def printable_lines(text: Iterator[str]) -> str:
    """The lines, with whatever is not printable escaped."""
    return "\n".join(printable(line).rstrip() for line in text)


def lines(report: Report, *, in_full: bool = False) -> Iterator[str]:
    """Every line of the report.

    Args:
        report: any.
        in_full: with nothing left out or cut short.
    """
    shown = report.leaks if in_full else report.leaks[:MOST_SHOWN]
    yield verdict(report)
    if len(report.leaks) > MOST_WITHOUT_TABLE:
        yield ""
        yield from columns(fitted(list(table(report.leaks, in_full=in_full)), WIDEST_ROW), NUMBERS)
    advised: dict[Pattern, int] = {}
    for number, leak in enumerate(shown, 1):
        yield ""
        yield from leak_lines(number, leak, advised, in_full=in_full)
    if len(report.leaks) > len(shown):
        yield ""
        more = counted(len(report.leaks) - len(shown), "more leak")
        yield f"and {more}; a report in JSON (`-o leaks.json`) has all of them"
    footer = list(footer_lines(report, in_full=in_full))
    if footer:
        yield ""
        yield from footer


def table(leaks: Sequence[Leak], *, in_full: bool = False) -> Iterator[tuple[str, ...]]:
    """The heads of the columns, then a row a leak; without growth where none was measured."""
    grows = any(leak.growth is not None for leak in leaks)
    yield "#", "retained", "alive", *["growth"] * grows, "code", "type", "cut"
    for number, leak in enumerate(leaks if in_full else leaks[:MOST_ROWS], 1):
        rate = "" if leak.growth is None else f"{leak.growth:g}/{leak.growth_per}"
        yield (
            f"{number}",
            size(leak.retained_bytes + leak.device_bytes),
            f"{leak.count:,}",
            *[rate] * grows,
            leak.pattern.code if leak.pattern is not None else "",
            ending(leak.type_name.rpartition(".")[2], WIDEST_TYPE),
            str(leak.cause) or leak.path.expression,
        )


def verdict(report: Report) -> str:
    """The answer in one line."""
    place = PLACES.get(report.kind, "in {!r}").format(report.scope)
    if report.kind == "why":
        return f"leakwatch: {answer(report)}"
    if not report.leaks:
        judged = "not judged" if report.not_judged else "no leaks"
        return f"leakwatch: {judged} {place}{growth_aside(report.memory)}"
    return f"leakwatch: {counted(len(report.leaks), 'leak')} {place}: {amount(report.leaks)}"


def amount(leaks: Sequence[Leak]) -> str:
    """How many objects leaks have, and how large they are."""
    return ", ".join([counted(count_objects(leaks), "object"), *retained(leaks)])


def retained(leaks: Sequence[Leak]) -> Iterator[str]:
    """What leaks keep in the process, and on devices if they have any there."""
    yield f"{size(sum(leak.retained_bytes for leak in leaks))} retained"
    if on_devices := sum(leak.device_bytes for leak in leaks):
        yield f"{size(on_devices)} on devices"


PLACES = {
    "scope": "in scope {!r}",
    "check": "among the watched objects",
    "growing": "growing in {}",
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


def leak_lines(
    number: int, leak: Leak, advised: dict[Pattern, int] | None = None, *, in_full: bool = False
) -> Iterator[str]:
    """One leak: the sentence, the path, the next step.

    Args:
        number: of the leak in the report.
        leak: the leak.
        advised: the numbers of the leaks that were told before, by the mistake; noted in it.
        in_full: with every reference and every type.
    """
    yield f"{number}. {sentence(leak)}"
    yield f"   {facts(leak)}"
    yield ""
    yield from (f"     {line}" for line in path_lines(leak.path, in_full=in_full))
    before = None
    if advised is not None and leak.pattern is not None:
        before = advised.get(leak.pattern)
        advised.setdefault(leak.pattern, number)
    said = [f"   {line}" for line in advice(leak, before, in_full=in_full)]
    if said:
        yield ""
        yield from said


def sentence(leak: Leak) -> str:
    """What leaked and what holds it."""
    rate = f" ({leak.growth:g} per {leak.growth_per})" if leak.growth is not None else ""
    verb = "is" if leak.count == 1 else "are"
    subject = counted(leak.count, leak.type_name, leak.type_name)
    return f"{subject}{rate} {verb} {held(leak.path, leak.count)}"


def summary(leak: Leak) -> str:
    """What leaked and what holds it, without anything that the program stores: keys, indexes."""
    rate = f" ({leak.growth:g} per {leak.growth_per})" if leak.growth is not None else ""
    subject = counted(leak.count, leak.type_name, leak.type_name)
    return printable(f"{subject}{rate} held by {str(leak.cause) or leak.path.root.kind}")


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
    return ", ".join([*known, *retained([leak]), f"signature {leak.signature}"])


def path_lines(path: RetentionPath, *, in_full: bool = False) -> Iterator[str]:
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
            f"  {flush_left(name, names)} -> {flush_left(arrival, arrivals)}  {said}"
            for name, arrival, said in block
        ]
        rows += [f"  {repeated(len(block), times)}"] * (times > 1)
    yield from rows if in_full else shortened(rows)
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
    return max((width for width in map(width_of, entries) if width <= WIDEST_COLUMN), default=0)


def advice(leak: Leak, before: int | None = None, *, in_full: bool = False) -> Iterator[str]:
    """Which reference to cut, why it leaks, what to write instead, where it was made.

    Args:
        leak: the leak.
        before: the number of a leak with the same mistake that was told before, if any.
        in_full: with every type.
    """
    cut = leak.path.cut
    if cut is not None:
        yield f"cut    {cut.name} in {holder_of(leak.path, cut)}"
    if leak.defined is not None:
        yield f"where  {leak.defined}{filled_at(leak)}"
    if leak.pattern is not None and before is None:
        yield f"why    {leak.pattern.explanation}"
    yield from next_steps(leak, before)
    if leak.born is not None:
        yield f"made   {leak.born}"
    if leak.inserted is not None:
        yield f"added  {leak.inserted}"
    if leak.types[1:]:
        yield f"with   {other_types(leak, in_full=in_full)}"
    yield from (f"reason {reason}" for reason in leak.reasons)


def filled_at(leak: Leak) -> str:
    """The lines that fill what holds the leak, where the source tells them."""
    if not leak.filled:
        return ""
    return f", filled in line{'s' * (len(leak.filled) > 1)} " + ", ".join(
        str(place.line) for place in leak.filled
    )


def next_steps(leak: Leak, before: int | None = None) -> Iterator[str]:
    """What to do: in an installed package one can only report it, and change one's own code."""
    fix = leak.pattern.fix if leak.pattern is not None else ""
    fix = fix if before is None else f"as in {before}"
    if leak.distribution:
        own = f"; in your own code: {fix}" if fix else ""
        yield f"next   {leak.distribution} holds it: known there? upgrade, or report it{own}"
    elif fix:
        yield f"next   {fix}"


def other_types(leak: Leak, *, in_full: bool = False) -> str:
    """The other types that the cause keeps alive, with their number for each of the lead type."""
    others = leak.types[1:]
    shown = others if in_full else others[:MOST_KINDS]
    many = max(leak.count, 1)  # a report that was written by others may say 0
    shares = [f"{kind.count / many:.2g} {kind.type_name}" for kind in shown]
    more = len(others) - len(shown)
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
    for leak in report.in_use if in_full else report.in_use[:MOST_SHOWN]:
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
