"""Leaks that are known or that somebody accepted: matched by data, shown apart, never hidden."""

import re
from collections.abc import Iterable, Sequence
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
        and pattern(f"*{known.holder}*").fullmatch(text_of(leak.path)) is not None
        and in_order(known.references, leak.path)
        and concerns_this_installation(known)
    )


def text_of(path: RetentionPath) -> str:
    """What the holder of an entry is looked for in: the path, and the same in one line."""
    return f"{path}\n{path.expression}"


def in_order(wanted: Sequence[str], path: RetentionPath) -> bool:
    """Whether the references of a path fit the patterns one after the other.

    Others may lie between them. A reference is written as the type of its holder and its
    name behind it: `asyncio.events.Handle._context`, `dict['u42']`.
    """
    references = iter(f"{it.holder_type}{it.name}" for it in path.references)
    return all(any(pattern(part).fullmatch(it) for it in references) for part in wanted)


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern in which only `*` is special; brackets are common in references. Empty fits all."""
    literal = (re.escape(part) for part in (text or "*").split("*"))
    return re.compile(".*".join(literal), re.DOTALL)


def separate(
    leaks: Iterable[Leak], entries: Sequence[KnownLeak]
) -> tuple[tuple[Leak, ...], tuple[Leak, ...]]:
    """Split leaks into new and known; a known one carries the reason it is accepted for."""
    pairs = [(leak, entry_for(leak, entries)) for leak in leaks]
    new = tuple(leak for leak, entry in pairs if entry is None)
    return new, tuple(with_entry(leak, entry) for leak, entry in pairs if entry is not None)


def noted(leaks: Iterable[Leak], entries: Sequence[KnownLeak]) -> tuple[Leak, ...]:
    """All the leaks; the known ones among them say so."""
    pairs = [(leak, entry_for(leak, entries)) for leak in leaks]
    return tuple(leak if entry is None else with_entry(leak, entry) for leak, entry in pairs)


def entry_for(leak: Leak, entries: Iterable[KnownLeak]) -> KnownLeak | None:
    """The first entry that matches the leak."""
    return next((entry for entry in entries if matches(entry, leak)), None)


def with_entry(leak: Leak, entry: KnownLeak) -> Leak:
    """The leak with what is known of it."""
    return replace(leak, reasons=(*leak.reasons, said_of(entry)))


def said_of(entry: KnownLeak) -> str:
    """Why the leak is known, what to do about it, and where to read more, in one line."""
    title = f"{entry.title}; " if entry.title else ""
    parts = [f"known as {entry.id}: {title}{entry.reason}"]
    parts += [f"remedy: {entry.remedy}"] if entry.remedy else []
    return "; ".join([*parts, entry.link] if entry.link else parts)
