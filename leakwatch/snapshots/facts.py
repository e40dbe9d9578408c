"""What is said of single objects in a file, and of its types and roots; no values.

The names that functions, classes and modules give themselves, the verdicts of the inspectors, and
which of several modules defines a global: all that a path is judged by when it is read.
"""

import json
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from types import BuiltinMethodType, FrameType, FunctionType, ModuleType
from typing import Any

from leakwatch.diagnosis.distributions import distribution_of
from leakwatch.diagnosis.inspectors import BY_CLASS
from leakwatch.diagnosis.judgement import Inspector
from leakwatch.diagnosis.notes import VARIADIC, cache_info_of
from leakwatch.diagnosis.verdicts import UNDECIDED, inspect
from leakwatch.heap.fields import (
    bases,
    class_attribute,
    code_of,
    entry,
    globals_of,
    inherits,
    module_name,
    module_namespace,
    mro,
    own_field,
    own_text,
    qualified_name,
    text,
)
from leakwatch.heap.graph import HeapGraph
from leakwatch.heap.keys import masked
from leakwatch.heap.objects import ATOMS, is_class, is_heap_type, is_module
from leakwatch.heap.roots.frames import FRAME_FIELDS, place_of
from leakwatch.heap.roots.homes import Homes, every_global
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Verdict
from leakwatch.paths.names.name import LRU_WRAPPER
from leakwatch.snapshots.naming import Names, Planner, holds_jointly

VERDICTS = (Verdict.NOT_LEAKING, Verdict.LEAKING, Verdict.UNKNOWN)
"""By the number that a file has for each."""
WITH_NAMES = (FunctionType, BuiltinMethodType, ModuleType, LRU_WRAPPER, type)
"""Types whose instances, and those of derived types, have a name of their own."""


def table_of(table: str, columns: dict[str, "array[int]"]) -> dict[str, bytes]:
    """Columns with the name of their table."""
    return {table + "." + field: column.tobytes() for field, column in columns.items()}


class Sought:
    """The objects of which more is told than their type, found in one pass for all who ask.

    Args:
        graph: a walk.
        first: the position of object 0.
        types: of the objects.
    """

    __slots__ = ("_by_type", "_graph", "first")

    def __init__(self, graph: HeapGraph, first: int, types: Iterable[type]) -> None:
        self._graph, self.first = graph, first
        self._by_type: dict[int, list[int]] = {id(cls): [] for cls in types if is_sought(cls)}
        for position in graph.kinds_from(first, frozenset(self._by_type)):
            self._by_type[id(type(graph.object_at(position)))].append(position)

    def of(self, classes: Iterable[type]) -> Iterator[tuple[int, object]]:
        """The objects of exactly some types, with their numbers in the file."""
        wanted = (self._by_type.get(id(cls), []) for cls in classes)
        for position in sorted(it for positions in wanted for it in positions):
            yield position - self.first, self._graph.object_at(position)


def is_sought(cls: type) -> bool:
    """Whether instances of a type have names of their own, are judged or are holders."""
    return has_own_name(cls) or (id(cls) not in ATOMS and may_be_judged(cls)) or holds_jointly(cls)


# -- names of their own -----------------------------------------------------------------------


def own_names(sought: Sought, types: Sequence[type], names: Names) -> dict[str, bytes]:
    """Module, name and place of what has them: functions, classes, modules, what is suspended."""
    columns = {name: array("I") for name in ("object", "module", "name", "place")}
    wanted = [cls for cls in types if has_own_name(cls)]
    for number, found in sought.of(wanted):
        columns["object"].append(number)
        for column, said in zip(("module", "name", "place"), name_of(found), strict=True):
            columns[column].append(names.number(said))
    return table_of("own", columns)


def has_own_name(cls: type) -> bool:
    """Whether instances of a type have a name of their own."""
    return id(cls) in FRAME_FIELDS or any(inherits(cls, base) for base in WITH_NAMES)


def name_of(found: Any) -> tuple[str, str, str]:
    """The module that an object is of, its name, and the place in the code where it is."""
    if id(type(found)) in FRAME_FIELDS:
        frame: FrameType | None = own_field(found, FRAME_FIELDS[id(type(found))])
        home, place = ("", "") if frame is None else (home_of(frame), place_of(frame))
        return home, own_text(found, "__qualname__"), place
    if is_class(found):
        return module_name(found), qualified_name(found), ""
    if is_module(found):
        return text(entry(module_namespace(found), "__name__")) or "", "", ""
    if type(found) is LRU_WRAPPER:
        _, _, most, entries = cache_info_of(found)
        return "", "", f"{entries},{'' if most is None else most}"
    if type(found) is FunctionType:
        return own_text(found, "__module__"), own_text(found, "__qualname__"), arguments_of(found)
    return "", own_text(found, "__name__"), ""


def home_of(holder: FrameType) -> str:
    """The module of the function that a frame runs."""
    return text(entry(globals_of(holder), "__name__")) or ""


def arguments_of(function: FunctionType) -> str:
    """The arguments that a function takes: names, number by keyword only, flags for the rest."""
    code = code_of(function)
    names = ",".join(texts_in_order(code.co_varnames[: code.co_argcount]))
    return f"{names};{code.co_kwonlyargcount};{code.co_flags & VARIADIC}"


def texts_in_order(names: Iterable[object]) -> Iterator[str]:
    """The strings among some objects, as exact ones."""
    return (exact for name in names if (exact := text(name)) is not None)


# -- verdicts ---------------------------------------------------------------------------------


def judged(
    sought: Sought,
    types: Sequence[type],
    names: Names,
    inspectors: Sequence[Inspector],
) -> dict[str, bytes]:
    """What the inspectors say, of objects of the types that there are inspectors for."""
    columns = {name: array("I") for name in ("object", "verdict", "reason", "state")}
    wanted = [cls for cls in types if id(cls) not in ATOMS and may_be_judged(cls)]
    said: dict[tuple[str, str], tuple[int, int]] = {}  # thousands are told in a few words
    for number, found in sought.of(wanted):
        own = inspect(found, inspectors)
        if own is UNDECIDED:
            continue
        words = said.get((own.reason, own.state))
        if words is None:
            words = names.number(masked(own.reason)), names.number(own.state)
            said[own.reason, own.state] = words
        row = (number, VERDICTS.index(own.verdict), *words)
        for column, value in zip(columns.values(), row, strict=True):
            column.append(value)
    return table_of("judged", columns)


def may_be_judged(cls: type) -> bool:
    """Whether an inspector is for a type, or one that it is derived from."""
    for base in mro(cls):
        if base is object:
            # Of any class at all it is asked only whether it has a finalizer.
            return any(class_attribute(it, "__del__") is not None for it in mro(cls))
        if f"{module_name(base)}.{qualified_name(base)}" in BY_CLASS:
            return True
    return False


# -- types and roots --------------------------------------------------------------------------


def types_table(planner: Planner, sought: Sought, graph: HeapGraph) -> bytes:
    """Every type with its bases, and what object it is; also classes without instances."""
    first = sought.first
    for _, cls in sought.of([it for it in planner.types if inherits(it, type)]):
        planner.number_of(cls)  # type: ignore[arg-type]
    table = []
    for cls in planner.types:  # it grows meanwhile
        position = graph.position_of(cls)
        table.append(
            {
                "module": module_name(cls),
                "name": qualified_name(cls),
                "bases": [planner.number_of(base) for base in bases(cls)],
                "heap": is_heap_type(cls),
                "object": -1 if position is None or position < first else position - first,
            }
        )
    return dumped({"types": table, "distributions": distributions(row["module"] for row in table)})


def distributions(modules: Iterable[Any]) -> dict[str, str]:
    """The installed distributions, with their versions, by the modules that are theirs."""
    found = {module: distribution_of(module) for module in dict.fromkeys(modules)}
    return {module: known for module, known in found.items() if known}


def roots_table(
    roots: Sequence[HeapRoot], early: int, graph: HeapGraph, first: int, homes: dict[int, Any]
) -> bytes:
    """Every root in search order.

    Args:
        roots: of the walk.
        early: how many of them were known before it.
        graph: the walk.
        first: the position of object 0.
        homes: the module that defines a global, and its name there, by the number of the object.
    """
    shown = cache(masked)  # most roots are of one of a few hundred modules
    rows = [root_row(root, graph, first, shown, late=at >= early) for at, root in enumerate(roots)]
    return dumped({"roots": rows, "homes": homes})


def root_row(
    root: HeapRoot, graph: HeapGraph, first: int, shown: Callable[[str], str], *, late: bool
) -> dict[str, Any]:
    """One root; fields with the usual value are left out, and texts as they are shown."""
    row = {
        "kind": root.facts.name,
        "label": shown(root.label),
        "target": number_of(root.target, graph, first),
        "name": root.name,
        "holder": root.holder_type,
        "wave": int(root.wave),
        "barrier": root.barrier,
        "alias": number_of(root.alias, graph, first),
        "identity": shown(root.identity),
        "owner": number_of(root.owner, graph, first),
        "in_use": root.in_use,
        "state": root.state,
        "home": root.home,
        "located": root.located,
        "namespace": root.is_namespace,
        "late": late,
    }
    return {name: value for name, value in row.items() if value != USUAL.get(name)}


USUAL: dict[str, Any] = {
    **dict.fromkeys(("name", "holder", "identity", "state", "home"), ""),
    **dict.fromkeys(("barrier", "in_use", "namespace", "late"), False),
    **dict.fromkeys(("target", "alias", "owner"), -1),
    "located": True,
}
"""What a root has where its row does not say."""


def number_of(found: object, graph: HeapGraph, first: int) -> int:
    """The number of an object in the file, or -1 where it is not in it."""
    position = None if found is None else graph.position_of(found)
    return -1 if position is None or position < first else position - first


def defining_modules(graph: HeapGraph, first: int) -> dict[int, Any]:
    """Of globals that several modules have, the one that defines each, and its name there."""
    places: dict[int, set[int]] = {}
    held: dict[int, object] = {}
    for number, (_, module, variable) in every_global():
        places.setdefault(number, set()).add(id(module))
        if len(places[number]) == 2:
            held[number] = entry(module_namespace(module), variable)
    homes, found = Homes(), {}
    for value in held.values():
        position = number_of(value, graph, first)
        if position >= 0 and not is_module(value) and (place := homes.defining(value)):
            found[position] = [place[0], place[2]]
    held.clear()
    return found


def dumped(table: object) -> bytes:
    """A table as JSON."""
    return json.dumps(table, separators=(",", ":")).encode("ascii")
