"""What the roots of a file are called, and what each of them leads to."""

import heapq
from dataclasses import dataclass

from leakwatch.model.root_kinds import root_kind
from leakwatch.snapshots.heap_file import HeapFile, RootInFile
from leakwatch.snapshots.retained import Dominated


@dataclass(frozen=True, slots=True)
class RetainedRoot:
    """A root, and what would go with the object that it leads to.

    Attributes:
        kind: such as `module global` or `running frame`.
        label: as Python would write it, where it can be written.
        type_name: `module.qualname` of the object.
        retained_bytes: what that retains.
    """

    kind: str
    label: str
    type_name: str
    retained_bytes: int


def retained_roots(file: HeapFile, found: Dominated, top: int) -> tuple[RetainedRoot, ...]:
    """The roots whose objects retain most; of several that lead to one object the first."""
    firsts: dict[int, RootInFile] = {}
    for root in file.facts.roots:
        if root.target >= 0:
            firsts.setdefault(root.target, root)
    most = heapq.nsmallest(top, firsts, key=lambda it: (-found.sizes[it], it))
    return tuple(
        RetainedRoot(
            firsts[it].kind, label_of(firsts[it]), file.type_of(it).full_name, found.sizes[it]
        )
        for it in most
    )


def label_of(root: RootInFile) -> str:
    """What a root is called."""
    kind = root_kind(root.kind)
    label = root.label if kind.is_expression else f"{root.kind} {root.label}".rstrip()
    return label + (f".{root.name.removeprefix('.')}" if root.name else "")
