"""Whose each object is: the distribution, or the package of the program, that made use of it.

A dict says of itself nothing, so it is counted for what it belongs to: an object whose type is of
the interpreter or of the standard library is of the owner of its immediate dominator. What several
hold together, and no class or module of a package is above, is nobody's.
"""

from array import array
from collections.abc import Iterable, Sequence

from leakwatch.heap.provenance import is_standard_module
from leakwatch.model.root_kinds import root_kind
from leakwatch.snapshots.differences import TypeCount, largest
from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.heap_objects import OwnerShare
from leakwatch.snapshots.native import native

STANDARD, SHARED = "standard library", "shared"
"""Owners of what no package has: by the type or the module, and by nothing at all."""
UNKNOWN = 0xFFFF
MOST = UNKNOWN - 1
"""Owners that are told apart; all further ones are nobody's."""


class Owners:
    """The owner of every object.

    Args:
        file: the heap.
        above: the immediate dominator of each object, or -1.
    """

    __slots__ = ("_distributions", "_file", "_labels", "_names", "_of", "_of_packages")

    def __init__(self, file: HeapFile, above: Sequence[int]) -> None:
        self._file = file
        self._names = {SHARED: 0, STANDARD: 1}
        self._of_packages: dict[str, int] = {}
        self._distributions = {
            module.partition(".")[0]: known for module, known in file.facts.distributions.items()
        }
        self._of = self._own()
        _inherit(above, self._of, self._names[STANDARD])
        self._labels = [*self._names]

    def of(self, number: int) -> str:
        """The owner of an object."""
        return self._labels[self._of[number]]

    def shares(self) -> tuple[OwnerShare, ...]:
        """The owners, those first that have most."""
        counts: dict[tuple[int, int], list[int]] = {}
        file = self._file
        for owner, kind, size, atoms in zip(
            self._of, file.types, file.sizes, file.atoms, strict=True
        ):
            found = counts.setdefault((owner, kind), [0, 0])
            found[0] += 1
            found[1] += size + atoms
        by_owner: dict[int, dict[str, TypeCount]] = {}
        for (owner, kind), (count, size) in counts.items():
            types, name = by_owner.setdefault(owner, {}), file.facts.types[kind].full_name
            before = types.get(name, TypeCount(name, 0, 0))
            types[name] = TypeCount(name, before.count + count, before.bytes + size)
        found_shares = [share(self._labels[it], types.values()) for it, types in by_owner.items()]
        return tuple(sorted(found_shares, key=lambda it: (-it.bytes, it.owner)))

    def _own(self) -> "array[int]":
        """The owner that each object has by its type, or by a name of its own."""
        kinds = [self._of_module(it.module) for it in self._file.facts.types]
        found = array("H", map(kinds.__getitem__, self._file.types))
        for number, (module, *_) in self._file.own.items():
            if name := self._file.text(module):
                found[number] = self._of_module(name)
        for root in self._file.facts.roots:
            if root.namespace and root.target >= 0 and root_kind(root.kind).is_dotted:
                found[root.target] = self._of_module(root.label)
        return found

    def _of_module(self, module: str) -> int:
        package = module.partition(".")[0]
        known = self._of_packages.get(package)
        if known is None:
            known = self._of_packages[package] = self._of_package(package)
        return known

    def _of_package(self, package: str) -> int:
        if package in {"", "builtins"}:
            return UNKNOWN
        standard = is_standard_module(package)
        name = STANDARD if standard else self._distributions.get(package, package)
        return self._names.setdefault(name, len(self._names)) if len(self._names) < MOST else 0


def inherit(above: Sequence[int], owners: "array[int]", standard: int) -> None:
    """Give what is of no package to the owner of what dominates it, from above down.

    In pure Python: the definition of correct; `_index_native.c` says the same in C.

    Args:
        above: the immediate dominator of each object, or -1.
        owners: by object, or `UNKNOWN`; they are written over. What stays unknown has owner 0.
        standard: the owner of what is of the standard library.
    """
    settled = bytearray(len(owners))
    for number in range(len(owners)):
        path = []
        while number >= 0 and not settled[number]:
            path.append(number)
            number = above[number]  # noqa: PLW2901 - the loop is over where climbs begin
        inherited = owners[number] if number >= 0 else UNKNOWN
        for below in reversed(path):
            inherited = inherited_by(owners[below], inherited, standard)
            owners[below] = inherited
            settled[below] = 1
    for number, owner in enumerate(owners):
        if owner == UNKNOWN:
            owners[number] = 0


_inherit = native.inherit if native else inherit


def inherited_by(own: int, inherited: int, standard: int) -> int:
    """The owner of an object, from its own and that of its dominator."""
    if own == UNKNOWN or (own == standard and inherited != UNKNOWN):
        return inherited
    return own


def share(owner: str, types: Iterable[TypeCount]) -> OwnerShare:
    """What one owner has."""
    ordered = largest({it.type_name: it for it in types})
    return OwnerShare(
        owner, sum(it.count for it in ordered), sum(it.bytes for it in ordered), ordered
    )
