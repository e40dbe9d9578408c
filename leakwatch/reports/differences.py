"""What two reports differ in, as text, JSON and Markdown."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from leakwatch.compare.diff import Change, Difference, Differences
from leakwatch.model import Leak
from leakwatch.reports.markdown import cell, columns_of_sizes, escaped
from leakwatch.reports.text import held, printable_lines
from leakwatch.reports.wording import size

SCHEMA = "leakwatch.diff/1"
NOTHING = {"diff": "no leaks in either", "verify": "no leaks"}


def text(found: Differences) -> str:
    """The differences as text, the verdict first, ending with a newline."""
    return printable_lines(lines(found)) + "\n"


def lines(found: Differences, *, in_full: bool = False) -> Iterator[str]:
    """Every line of the text; `in_full` with what `listed` leaves out."""
    yield verdict(found)
    yield from map(one_line, found.entries if in_full else listed(found))
    yield from (f"note: {note}" for note in found.notes)


def brief(found: Differences) -> str:
    """What changed alone, a line each, and that it was not judged."""
    said = [*map(one_line, listed(found))]
    said += [f"not judged: {found.not_judged}"] * bool(found.not_judged)
    return "".join(f"{line}\n" for line in printable_lines(iter(said)).splitlines())


def full(found: Differences) -> str:
    """The text with what is unchanged too."""
    return printable_lines(lines(found, in_full=True)) + "\n"


def one_line(entry: Difference) -> str:
    """What became of a leak, in one line."""
    return f"{entry.change:<9}  {entry.leak.signature}  {sentence(entry)}"


def listed(found: Differences) -> Iterator[Difference]:
    """The entries that get a line or row each; `diff` only counts what is unchanged."""
    is_diff = found.question == "diff"
    return (it for it in found.entries if not (is_diff and it.change is Change.UNCHANGED))


def verdict(found: Differences) -> str:
    """The answer in one line."""
    counts = ", ".join(f"{number:,} {change}" for change, number in found.counts().items())
    return f"leakwatch: {found.old} -> {found.new}: {counts or NOTHING[found.question]}"


def sentence(entry: Difference) -> str:
    """One leak: how many, of what, held by what."""
    leak = entry.leak
    before = entry.before if entry.change is Change.MOVED else None
    moved = f"; before {before.signature}" if before is not None else ""
    return f"{amount(entry)} {leak.type_name}, {held(leak.path, leak.count)}{moved}"


def amount(entry: Difference) -> str:
    """How many objects of a leak there are, or were and are."""
    before, after = entry.before, entry.after
    if before is None or after is None or entry.change is Change.UNCHANGED:
        return quantity(entry.leak)
    return f"{quantity(before)} -> {quantity(after)}"


def quantity(leak: Leak) -> str:
    """How many objects a leak has, per run where the work was repeated."""
    return f"{leak.count:,}" if leak.growth is None else f"{leak.growth:g} per {leak.growth_per}"


def markdown(found: Differences) -> str:
    """The differences as Markdown, ending with a newline."""
    return "\n".join(markdown_lines(found)) + "\n"


def markdown_lines(found: Differences) -> Iterator[str]:
    """Every line of the Markdown."""
    yield f"## {escaped(verdict(found))}"
    rows = list(listed(found))
    if rows:
        yield ""
        sizes = columns_of_sizes(entry.leak for entry in rows)
        yield f"| | leaked | count | {' | '.join(sizes)} | held by | signature |"
        yield f"|---|---|--:|{'--:|' * len(sizes)}---|---|"
    for entry in rows:
        leak = entry.leak
        yield (
            f"| {entry.change} | {cell(leak.type_name)} | {amount(entry)} "
            f"| {' | '.join(size(of(leak)) for of in sizes.values())} "
            f"| {cell(leak.path.expression)} | {cell(leak.signature)} |"
        )
    if found.notes:
        yield ""
        yield from (f"- {escaped(note)}" for note in found.notes)


def as_json(found: Differences) -> str:
    """The differences as JSON, indented, ending with a newline."""
    document = {
        "schema": SCHEMA,
        "question": found.question,
        "ok": found.ok,
        "old": found.old,
        "new": found.new,
        "counts": {str(change): number for change, number in found.counts().items()},
        # Everything else about them is in the reports.
        "leaks": [
            {
                "change": str(entry.change),
                "type_name": entry.leak.type_name,
                "before": json_leak(entry.before),
                "after": json_leak(entry.after),
            }
            for entry in found.entries
        ],
        "notes": list(found.notes),
        "not_judged": found.not_judged,
    }
    return json.dumps(document, indent=2) + "\n"


def json_leak(leak: Leak | None) -> dict[str, Any] | None:
    """The figures of a leak that are compared, and the path that holds it, for JSON."""
    if leak is None:
        return None
    return {
        "signature": leak.signature,
        "count": leak.count,
        "growth": leak.growth,
        "retained_bytes": leak.retained_bytes,
        "held_by": leak.path.expression,
    }


FORMATS: Mapping[str, Callable[[Differences], str]] = {
    "text": text,
    "json": as_json,
    "markdown": markdown,
    "brief": brief,
    "full": full,
}
SUFFIXES = {".txt": "text", ".json": "json", ".md": "markdown"}
