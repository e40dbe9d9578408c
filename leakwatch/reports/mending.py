"""One leak as the task of mending it: for a person, or for an agent that edits the source."""

from collections.abc import Iterator
from dataclasses import dataclass
from textwrap import fill, indent

from leakwatch.model import Birth, Pattern, Place
from leakwatch.reports.wording import printable, size

LABEL = 10
"""Columns of the words on the left."""


@dataclass(frozen=True, slots=True)
class Mending:
    """What has to be known to mend a leak.

    Attributes:
        signature: of the leak; it is gone from the next report when the leak is.
        found: what leaks and how it is held, in one sentence.
        retained_bytes: what would be freed.
        holder: what holds it, as Python would write it.
        reference: the reference to cut, as it stands on this path.
        defined: the line that defines the holder, or None.
        filled: lines beside it that put something into the holder.
        added: the line that put one of the objects there, as a hunt has seen it, or None.
        made: where one of the objects was made or registered, or None.
        distribution: whose code the holder is, if not the program's own.
        pattern: the kind of mistake, or None.
        path: the references that hold one of the objects, a line each.
        reasons: what else is known, in sentences.
    """

    signature: str
    found: str
    retained_bytes: int
    holder: str
    reference: str
    defined: Place | None
    filled: tuple[Place, ...]
    added: Birth | None
    made: Birth | None
    distribution: str
    pattern: Pattern | None
    path: tuple[str, ...]
    reasons: tuple[str, ...]


def render(task: Mending, width: int) -> str:
    """The task as text, whose prose fits into so many columns."""
    said = [fitted(label, text, width) for label, text in rows(task)]
    parts = ["\n".join(said), "path\n\n" + indent("\n".join(task.path), "    ")]
    if task.pattern is not None and task.pattern.before:
        parts += [f"before\n\n{indent(task.pattern.before, '    ')}".rstrip()]
        parts += [f"after\n\n{indent(task.pattern.after, '    ')}".rstrip()]
    lines = "\n\n".join(parts).splitlines()
    return "".join(f"{printable(line).rstrip()}\n" for line in lines)


def rows(task: Mending) -> Iterator[tuple[str, str]]:
    """What there is to say, each with a word for it."""
    yield "leak", f"{task.found} (signature {task.signature})"
    yield "retains", size(task.retained_bytes)
    yield "holder", task.holder
    if task.reference:
        yield "cut", task.reference
    if task.defined:
        yield "defined", str(task.defined)
    if task.added:
        yield "added", str(task.added)
    elif task.filled:
        several = "one of " * (len(task.filled) > 1)
        yield "added", f"by {several}{', '.join(map(str, task.filled))}, as the source has it"
    if task.made:
        yield "made", str(task.made)
    if task.distribution:
        yield "library", f"{task.distribution} holds it; upgrade, or report it there"
    if task.pattern:
        yield "mistake", f"{task.pattern.code} {task.pattern.title}"
        yield "why", task.pattern.explanation
        yield "instead", task.pattern.fix
    yield from (("reason", reason) for reason in task.reasons)


def fitted(label: str, text: str, width: int) -> str:
    """Text behind a word, in lines that begin below each other; names are not broken up."""
    return fill(
        text,
        width,
        initial_indent=label.ljust(LABEL),
        subsequent_indent=" " * LABEL,
        break_long_words=False,
        break_on_hyphens=False,
    )
