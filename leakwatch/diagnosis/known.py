"""Leaks that somebody accepted: matched by data, shown apart, never hidden."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from leakwatch.model import KnownLeak, Leak


def matches(known: KnownLeak, leak: Leak) -> bool:
    """Whether the entry accepts the leak: every field that is not empty must fit."""
    if not (known.signature or known.type_name or known.holder):
        return False
    return (
        known.signature in ("", leak.signature)
        and fnmatchcase(leak.type_name, known.type_name or "*")
        and known.holder in f"{leak.path}\n{leak.path.expression}"
    )


def separate(
    leaks: Iterable[Leak], entries: Sequence[KnownLeak]
) -> tuple[tuple[Leak, ...], tuple[Leak, ...]]:
    """Split leaks into new and known; a known one carries the reason it is accepted for."""
    new, accepted = [], []
    for leak in leaks:
        entry = next((entry for entry in entries if matches(entry, leak)), None)
        if entry is None:
            new.append(leak)
        else:
            reasons = (*leak.reasons, f"known as {entry.id}: {entry.reason}")
            accepted.append(replace(leak, reasons=reasons))
    return tuple(new), tuple(accepted)
