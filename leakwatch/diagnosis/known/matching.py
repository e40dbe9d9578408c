"""Leaks that are known or that somebody accepted: matched by data, shown apart, never hidden."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache

from leakwatch.diagnosis.known.versions import concerns_this_installation
from leakwatch.model import KnownLeak, Leak, RetentionPath


def matches(known: KnownLeak, leak: Leak) -> bool:
    """Whether the entry accepts the leak: every field that is not empty must fit.

    An entry for a distribution fits only where an affected version of it is installed; that
    is looked up last, for it is what takes time.
    """
    if not (known.signature or known.type_name or known.holder or known.references or known.root):
        return False
    return (
        known.signature in ("", leak.signature)
        and fnmatchcase(leak.type_name, known.type_name or "*")
        and pattern(known.root).fullmatch(leak.path.root.kind) is not None
        and pattern(f"*{known.holder}*").fullmatch(f"{leak.path}\n{leak.path.expression}")
        is not None
        and in_order(known.references, leak.path)
        and concerns_this_installation(known)
    )


def in_order(wanted: Sequence[str], path: RetentionPath) -> bool:
    """Whether the references of a path fit the patterns one after the other.

    Others may lie between them. A reference is written as the type of its holder and its
    name behind it: `asyncio.events.Handle._context`, `dict['u42']`.
    """
    references = iter(f"{it.holder_type}{it.name}" for it in path.references)
    return all(any(pattern(part).fullmatch(it) for it in references) for part in wanted)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern with `*` for anything and `#` for a number; brackets are common in references.

    Empty fits all.
    """
    literal = re.escape(text or "*")
    return re.compile(literal.replace(r"\*", ".*").replace(r"\#", r"\d+"), re.DOTALL)


def excused_by_any(entry: KnownLeak) -> bool:
    """A leak that is known fails nothing."""
    return True


def excused_by_the_program(entry: KnownLeak) -> bool:
    """Only what the program's own people accepted; what others know of a library is reported."""
    return not entry.distribution


def excused_by_none(entry: KnownLeak) -> bool:
    """The caller wants to see it, known or not."""
    return False


EXCUSES: dict[str, Callable[[KnownLeak], bool]] = {
    "why": excused_by_none,
    "hunt": excused_by_the_program,
}
"""Which entries excuse a leak, by kind of report; any where nothing is said.

A hunt has measured that the process grows. That others know why does not stop it; an update does.
"""


def separate(
    leaks: Iterable[Leak], entries: Sequence[KnownLeak], kind: str = "scope"
) -> tuple[tuple[Leak, ...], tuple[Leak, ...]]:
    """Split leaks into new and known; what an entry says stands with the leak either way.

    Args:
        leaks: what was found.
        entries: what is known or accepted.
        kind: the kind of report, which decides what is excused.
    """
    excuses = EXCUSES.get(kind, excused_by_any)
    new: list[Leak] = []
    known: list[Leak] = []
    for leak in leaks:
        entry = next((entry for entry in entries if matches(entry, leak)), None)
        if entry is not None:
            explained = replace(leak, reasons=(*leak.reasons, said_of(entry)))
            (known if excuses(entry) else new).append(explained)
        else:
            new.append(leak)
    return tuple(new), tuple(known)


def said_of(entry: KnownLeak) -> str:
    """Why the leak is known, what to do about it, and where to read more, in one line."""
    title = f"{entry.title}; " if entry.title else ""
    parts = [f"known as {entry.id}: {title}{entry.reason}"]
    parts += [f"remedy: {entry.remedy}"] if entry.remedy else []
    return "; ".join([*parts, entry.link] if entry.link else parts)
