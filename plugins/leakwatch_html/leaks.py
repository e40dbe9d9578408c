"""The leaks of a report as rows of the table, each with what is behind it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice

from leakwatch import Report
from leakwatch.extending import holder_of, other_types, reference_to_cut, sentence, size
from leakwatch.model import Leak, Verdict
from leakwatch_html.paths import Stretch, stretches

SIGNATURE = re.compile(r"[0-9a-f]{12}")
NAMESPACE = re.compile(r"(?:[a-z_][a-z0-9_]*\.)+(?=\S)")
"""The modules in front of a class, by the custom that only classes have capitals."""
MOST_ROWS = 5_000
"""Leaks shown, in the report's order: what a browser takes without effort. The rest is counted."""
LONGEST_EXPRESSION = 160
"""Characters of a path written in one line; a longer one shows both ends."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The reference to cut.

    Attributes:
        name: the reference, as Python would write it.
        holder: what to cut it in.
    """

    name: str
    holder: str


@dataclass(frozen=True, slots=True)
class Row:
    """One leak.

    Attributes:
        anchor: its `id`, for links from outside.
        status: `new`, `known` or `in use`; for an answer to `why`, `held`.
        namespace: the modules in front of the type's name.
        short_name: the rest of it.
        held_by: the path in one line.
        sentence: what leaked and what holds it.
        cut: the reference to cut, or None.
        size: what it retains, with a unit.
        device: what it retains on devices, with a unit; empty without any.
        share: per cent of the largest leak's retained size.
        stretches: the retention path.
        other_types: what else its cause keeps alive; empty if that is not known.
        example: the `id` of its pattern's programs; empty if there are none.
        leak: all else.
    """

    anchor: str
    status: str
    namespace: str
    short_name: str
    held_by: str
    sentence: str
    cut: Cut | None
    size: str
    device: str
    share: int
    stretches: list[Stretch]
    other_types: str
    example: str
    leak: Leak


def rows(report: Report, examples: Mapping[str, str]) -> list[Row]:
    """The first leaks of a report in its order: new, known, in use.

    Args:
        report: any.
        examples: the `id` of the programs of each pattern's code.
    """
    found = list(islice(with_status(report), MOST_ROWS))
    largest = max((leak.retained_bytes for _, leak in found), default=0)
    taken: set[str] = set()
    return [row(status, leak, anchor(leak, taken), largest, examples) for status, leak in found]


def with_status(report: Report) -> Iterator[tuple[str, Leak]]:
    """Each leak with its group."""
    yield from (("held" if report.kind == "why" else "new", leak) for leak in report.leaks)
    yield from (("known", leak) for leak in report.known)
    yield from (("in use", leak) for leak in report.in_use)


def row(status: str, leak: Leak, anchor: str, largest: int, examples: Mapping[str, str]) -> Row:
    """One leak as a row."""
    namespace, short_name = split_name(leak.type_name)
    return Row(
        anchor=anchor,
        status=status,
        namespace=namespace,
        short_name=short_name,
        held_by=both_ends(leak.path.expression),
        sentence=both_ends(sentence(leak)),
        cut=cut(leak),
        size=size(leak.retained_bytes),
        device=size(leak.device_bytes) if leak.device_bytes else "",
        share=100 * leak.retained_bytes // largest if largest > 0 else 0,
        stretches=stretches(leak.path, FATES[status]),
        other_types=other_types(leak) if leak.types[1:] else "",
        example=examples.get(leak.pattern.code, "") if leak.pattern else "",
        leak=leak,
    )


FATES = {
    "new": Verdict.LEAKING,
    "known": Verdict.LEAKING,
    "in use": Verdict.UNKNOWN,
    "held": Verdict.UNKNOWN,
}
"""What the survivor is, by status: `why` asks and accuses nobody."""


def cut(leak: Leak) -> Cut | None:
    """Where to cut, if any reference is suspect."""
    suspect = reference_to_cut(leak.path)
    if suspect is None:
        return None
    return Cut(suspect.name, both_ends(holder_of(leak.path, suspect)))


def anchor(leak: Leak, taken: set[str]) -> str:
    """An `id` for a leak: its signature, if no other leak has it and it is one."""
    wanted = f"leak-{leak.signature}"
    if not SIGNATURE.fullmatch(leak.signature) or wanted in taken:
        wanted = f"leak-number-{len(taken) + 1}"
    taken.add(wanted)
    return wanted


def split_name(type_name: str) -> tuple[str, str]:
    """`shop.models.Session` as `shop.models` and `Session`."""
    found = NAMESPACE.match(type_name)
    end = found.end() if found else 0
    return type_name[:end].removesuffix("."), type_name[end:]


def both_ends(text: str) -> str:
    """Text, without its middle where it is long."""
    if len(text) <= LONGEST_EXPRESSION:
        return text
    half = LONGEST_EXPRESSION // 2
    return f"{text[:half]} … {text[-half:]}"
