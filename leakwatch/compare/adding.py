"""How leaks and reports add up: the one arithmetic, on plain values.

Leaks are the same if their signatures are, whoever found them. Counts and sizes are summed; what
cannot be summed, the path above all, is that of the leak that stands for the others.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

from leakwatch.model import Leak, LeakedType, Settling
from leakwatch.report import Report, largest_first

T = TypeVar("T")
Number = TypeVar("Number", int, float)


def added(leading: Leak, other: Leak, **changes: Any) -> Leak:
    """One leak that was found twice.

    Args:
        leading: stands for both.
        other: another find of the same leak.
        changes: further fields of the result.
    """
    return replace(
        leading,
        count=leading.count + other.count,
        shallow_bytes=leading.shallow_bytes + other.shallow_bytes,
        retained_bytes=leading.retained_bytes + other.retained_bytes,
        types=summed_types(leading.types, other.types),
        survivors=leading.survivors + other.survivors,
        device_bytes=leading.device_bytes + other.device_bytes,
        **changes,
    )


def scaled(leak: Leak, count: int) -> Leak:
    """A part of a leak's objects; sizes in proportion.

    What they retain is known of all of them together only.
    """
    lead = tuple(scaled_type(it, count) for it in leak.types[:1])
    return replace(
        leak,
        count=count,
        types=leak.types if count == leak.count else lead,
        survivors=leak.survivors * count // leak.count,
        shallow_bytes=leak.shallow_bytes * count // leak.count,
        retained_bytes=leak.retained_bytes * count // leak.count,
        device_bytes=leak.device_bytes * count // leak.count,
    )


def scaled_type(kind: LeakedType, count: int) -> LeakedType:
    """A type, as if so many of its objects had been found."""
    return replace(
        kind, count=count, retained_bytes=kind.retained_bytes * count // max(1, kind.count)
    )


def merged_leaks(*groups: Iterable[Leak]) -> tuple[Leak, ...]:
    """Leaks added up by signature with their reasons and types, largest retained size first."""
    found: dict[str, Leak] = {}
    for leak in chain.from_iterable(groups):
        known = found.get(leak.signature)
        found[leak.signature] = (
            leak
            if known is None
            else added(
                known,
                leak,
                reasons=distinct(known.reasons, leak.reasons),
            )
        )
    return largest_first(found.values())


def merged_reports(one: Report, other: Report) -> Report:
    """Two reports of one kind as one: what was found, and what was done before judging."""
    not_judged = filter(None, distinct((one.not_judged,), (other.not_judged,)))
    return replace(
        one,
        leaks=merged_leaks(one.leaks, other.leaks),
        known=merged_leaks(one.known, other.known),
        in_use=merged_leaks(one.in_use, other.in_use),
        explained_share=min(one.explained_share, other.explained_share),
        partial=one.partial or other.partial,
        not_judged="; ".join(not_judged) or None,
        settling=summed_settling(one.settling, other.settling),
        notes=distinct(one.notes, other.notes),
    )


def summed_settling(one: Settling, other: Settling) -> Settling:
    """What was done before two judgements."""
    return Settling(one.collections + other.collections, one.waited + other.waited)


def summed_types(one: Iterable[LeakedType], other: Iterable[LeakedType]) -> tuple[LeakedType, ...]:
    """The types of two leaks, each type once with its figures; the first stays the lead."""
    found: dict[str, LeakedType] = {}
    for kind in (*one, *other):
        known = found.get(kind.type_name)
        found[kind.type_name] = (
            kind
            if known is None
            else LeakedType(
                kind.type_name,
                known.count + kind.count,
                known.retained_bytes + kind.retained_bytes,
            )
        )
    return tuple(found.values())


def summed(one: Mapping[str, Number], other: Mapping[str, Number]) -> dict[str, Number]:
    """Numbers by name, added up; a name that one side lacks counts as 0 there."""
    zero: Any = 0
    return {name: one.get(name, zero) + other.get(name, zero) for name in distinct(one, other)}


def summed_where_both(one: Mapping[str, int], other: Mapping[str, int]) -> dict[str, int]:
    """Numbers by name, added up; only those that both sides have."""
    return {name: number + other[name] for name, number in one.items() if name in other}


def distinct(*groups: Iterable[T]) -> tuple[T, ...]:
    """What is in the groups, each once, in the order in which it came."""
    return tuple(dict.fromkeys(chain.from_iterable(groups)))
