"""A short hash of what is wrong: one bug, one signature.

It is taken from the suspect references, and upwards from them as far as it takes to give
their first holder a name. Addresses, counts, keys, indexes and line numbers are left out,
so that runs, machines and hash seeds do not matter.
"""

import hashlib
from collections.abc import Sequence

from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Reference
from leakwatch.model.repeated_blocks import folded
from leakwatch.paths.names.references import Step

DIGITS = 12
NEXT_TRACEBACK = ".tb_next"
"""How many of these a path has depends on how deep the error was raised, none included."""


def signature(
    root: HeapRoot, steps: Sequence[Step], references: Sequence[Reference], target_type: str
) -> str:
    """The signature of a path.

    Args:
        root: where the path starts.
        steps: the named references with their general names.
        references: the same with verdicts.
        target_type: type of the survivor.

    Returns:
        12 hexadecimal digits.
    """
    first = window_start(steps, references)
    parts = [step.named.signature_part for step in steps[first:]]
    parts = [part for part in parts if part != NEXT_TRACEBACK]
    start = [root.facts.name, identity_of(root, steps)] if first == 0 else []
    text = "\n".join([*start, *folded(parts), target_type])
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:DIGITS]


def identity_of(root: HeapRoot, steps: Sequence[Step]) -> str:
    """Which root it is; of one that holds the survivor itself the label is only its key."""
    return root.identity or (root.label if steps else "")


def window_start(steps: Sequence[Step], references: Sequence[Reference]) -> int:
    """Index of the first reference that counts: the window's, or the one that names it."""
    suspects = [i for i, reference in enumerate(references) if reference.suspect]
    first = suspects[0] if suspects else 0
    while first > 0 and is_anonymous(steps[first]):
        first -= 1
    return first


def is_anonymous(step: Step) -> bool:
    """Whether the reference says nothing about where it is: `[*]`, `.__self__`."""
    name = step.named.signature_part
    return not name.startswith(".") or name.startswith((".__", ".<"))
