"""Retained sizes of groups of objects: by type, and by the module or distribution that owns them.

What a group retains is what its objects retain, where one of them lies within what another one
retains counted once. What two of them hold together and neither alone is not in it.

An instance is owned by the module of its class, a function, class or module by itself; what is of
builtin types belongs to what dominates it, and that is how a dict gets an owner.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.native import native
from leakwatch.snapshots.retained import NOTHING, Dominated

INHERITED = (1 << 32) - 1
"""In the place of a group: that of what dominates the object."""
NOBODY = "(nobody)"
"""Owner of what is of builtin types throughout, up to a root."""
BUILTIN = frozenset({"builtins", "collections", "types", "functools", "_weakrefset", "weakref"})
"""Modules of types that programs use for what is theirs."""
Numbers = Sequence[int]


@dataclass(frozen=True, slots=True)
class RetainedGroup:
    """Objects that belong together, and what would go with them.

    Attributes:
        name: the type, the module or the distribution.
        retained_bytes: what they retain, at least.
        bytes: of the objects themselves, with the values that only they hold.
        count: of the objects.
    """

    name: str
    retained_bytes: int
    bytes: int
    count: int


def groups_by(file: HeapFile, found: Dominated, by: str) -> tuple[RetainedGroup, ...]:
    """The groups of a file, those first that retain most.

    Args:
        file: the heap.
        found: its dominators.
        by: `type`, `module` or `distribution`.
    """
    names, groups = GROUPINGS[by](file)
    total = native.group_totals if native else group_totals
    sizes = (found.dominators, found.sizes, file.sizes, file.atoms)
    totals = memoryview(total(*sizes, groups, len(names))).cast("Q")
    rows = [
        RetainedGroup(name, *totals[3 * at : 3 * at + 3])
        for at, name in enumerate(names)
        if totals[3 * at + 2]
    ]
    return tuple(sorted(rows, key=lambda it: (-it.retained_bytes, it.name)))


def group_totals(  # noqa: PLR0917 - the columns of a table
    dominators: Numbers,
    retained: Numbers,
    sizes: Numbers,
    atoms: Numbers,
    groups: Numbers,
    count: int,
) -> bytes:
    """What each group retains, its own bytes, and its objects: numbers of 64 bits; in pure Python.

    Args:
        dominators: of each object, or `NOTHING`.
        retained: bytes that each retains.
        sizes: bytes of each.
        atoms: bytes of the values that only it holds.
        groups: the number of the group of each, or `INHERITED`; by nothing, group 0 is.
        count: of the groups.
    """
    below: dict[int, list[int]] = {}
    for number, dominator in enumerate(dominators):
        below.setdefault(dominator, []).append(number)
    totals, within = array("Q", [0]) * (3 * count), [0] * count
    path = [(0, iter(below.get(NOTHING, ())))]
    while path:
        inherited, children = path[-1]
        number = next(children, NOTHING)
        if number == NOTHING:
            path.pop()
            within[inherited] -= bool(path)
            continue
        group = inherited if groups[number] == INHERITED else groups[number]
        totals[3 * group] += 0 if within[group] else retained[number]
        totals[3 * group + 1] += sizes[number] + atoms[number]
        totals[3 * group + 2] += 1
        within[group] += 1
        path.append((group, iter(below.get(number, ()))))
    return totals.tobytes()


# -- groupings --------------------------------------------------------------------------------


Grouping = tuple[list[str], "array[int]"]
"""The names of the groups, and the number of the group of each object."""


def by_type(file: HeapFile) -> Grouping:
    """A group for each name of a type."""
    numbers: dict[str, int] = {}
    of_types = [numbers.setdefault(it.full_name, len(numbers)) for it in file.facts.types]
    return [*numbers] or [NOBODY], array("I", (of_types[kind] for kind in file.types))


def by_owner(file: HeapFile, owner_of: Callable[[str], str]) -> Grouping:
    """A group for each owner of modules."""
    numbers = {NOBODY: 0}

    def number_of(module: str) -> int:
        return numbers.setdefault(owner_of(module) or NOBODY, len(numbers))

    of_types = [
        INHERITED if (it.module or "builtins") in BUILTIN else number_of(it.module)
        for it in file.facts.types
    ]
    groups = array("I", (of_types[kind] for kind in file.types))
    for number, (text, _, _) in file.own.items():
        if module := file.text(text):
            groups[number] = number_of(module)
    for root in file.facts.roots:
        own = file.own.get(root.alias)
        module = file.text(own[0]) if own else root.home
        if module and root.target >= 0 and groups[root.target] == INHERITED:
            groups[root.target] = number_of(module)
    return [*numbers], groups


def by_module(file: HeapFile) -> Grouping:
    """A group for each module."""
    return by_owner(file, lambda module: module)


def by_distribution(file: HeapFile) -> Grouping:
    """A group for each installed distribution; other modules are named by their package."""
    known = file.facts.distributions
    packages = {module.partition(".")[0]: name for module, name in known.items()}

    def owner_of(module: str) -> str:
        package = module.partition(".")[0]
        return known.get(module) or packages.get(package) or package

    return by_owner(file, owner_of)


GROUPINGS: dict[str, Callable[[HeapFile], Grouping]] = {
    "type": by_type,
    "module": by_module,
    "distribution": by_distribution,
}
