"""Writing the heap to a file: in a forked child, while the program goes on.

The child walks as for a judgement, without survivors, so that all is reached in the same order.
"""

import os
import secrets
from array import array
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

from leakwatch.announcing import environment
from leakwatch.errors import SnapshotError, shown_path
from leakwatch.guest.collector import paused_collector
from leakwatch.heap.edges import edges_of
from leakwatch.heap.graph import HIDDEN, HeapGraph
from leakwatch.heap.limits import Limits
from leakwatch.heap.listing import listed
from leakwatch.heap.of_class import Calls, loaded_calls
from leakwatch.heap.provenance import asking_frame
from leakwatch.heap.roots.root import HeapRoot, RootQuery, in_waves
from leakwatch.interpreter import CAN_FORK, monotonic
from leakwatch.paths.names.lookup import names_of_last
from leakwatch.paths.question import Question
from leakwatch.paths.search import enter, explained_share, left_without_ours, search
from leakwatch.paths.sizes import Size
from leakwatch.plugin_manager import plugins
from leakwatch.reports.files import cause
from leakwatch.snapshots.contents import Contents
from leakwatch.snapshots.drafts import whole_file
from leakwatch.snapshots.facts import (
    Sought,
    defining_modules,
    judged,
    own_names,
    roots_table,
    table_of,
    types_table,
)
from leakwatch.snapshots.layout import size_of, write
from leakwatch.snapshots.naming import Names, Planner, References, holds_jointly, joints
from leakwatch.tracking.window import suspended

LIMITS = Limits(seconds=600.0)
"""A service goes on meanwhile, and ten million objects take their time."""
NOT_REACHED = HIDDEN + 1
"""Parent of what no root leads to."""
EVERYTHING = Contents()
LEAST_BYTES = 20
"""Bytes that each object takes in a file, without its references."""

MANY = 64
"""References of one object from which on they are not searched one by one."""


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """What was written.

    Attributes:
        path: of the file.
        objects: in it.
        references: between them.
        bytes: of the file.
        seconds: from the call to the whole file.
        paused: seconds for which the program stood still.
        partial: why the file has not the whole heap, or None.
    """

    path: str
    objects: int
    references: int
    bytes: int
    seconds: float
    paused: float
    partial: str | None = None


def write_snapshot(
    path: str | os.PathLike[str], analyse: str, contents: Contents = EVERYTHING
) -> SnapshotInfo:
    """Write the heap of this moment to a file, see `leakwatch.snapshot`.

    Raises:
        SnapshotError: it cannot be written; what was at its place is still there.
    """
    target = os.path.realpath(os.fspath(path))
    draft = os.path.join(os.path.dirname(target), f".leakwatch-{secrets.token_hex(8)}.tmp")
    began, pauses = monotonic(), list[float]()
    query = RootQuery(asking=asking_frame())
    tools = Tools.of_plugins(contents)
    work = partial(written, target, draft, query, tools)
    try:
        answer = written_by(analyse, query, work, pauses)
        if type(answer) is str:
            raise SnapshotError(f"{shown_path(path)}: cannot write the snapshot: {answer}")
    except OSError as error:
        reason = cause(error)
        raise SnapshotError(f"{shown_path(path)}: cannot write the snapshot: {reason}") from None
    finally:
        # Where a draft has a name, whatever has ended the child: nothing half stays.
        with suppress(OSError):
            os.unlink(draft)
    seconds = monotonic() - began
    objects, references, size, incomplete = answer
    paused = pauses[0] if pauses else seconds
    return SnapshotInfo(os.fspath(path), objects, references, size, seconds, paused, incomplete)


def written_by(analyse: str, query: RootQuery, work: Callable[[], Any], pauses: list[float]) -> Any:
    """What the work gives, done in a forked child or here; a text where it has failed."""
    # Where a window is open, inside a scope or under pytest, the older heap is out of sight.
    with suspended():
        if analyse == "here" or not CAN_FORK:
            with paused_collector():
                return work()
        from leakwatch.forking.analysis import forked

        answer, reason = forked(query, work, str, LIMITS.seconds, pauses.append)
        return reason or answer


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Tools:
    """What plugins know, asked before the fork.

    Attributes:
        providers: give the roots.
        sizers: know sizes that the interpreter does not.
        hidden: look into what the collector cannot look into.
        recognisers: tell the tables that nothing in Python holds.
        namers: name references.
        inspectors: judge single objects.
        contents: of the file.
        metadata: of the file.
    """

    providers: Sequence[Any]
    sizers: Calls[Size]
    hidden: Calls[Any]
    recognisers: Sequence[Any]
    namers: Sequence[Any]
    inspectors: Sequence[Any]
    contents: Contents
    metadata: dict[str, str]

    @classmethod
    def of_plugins(cls, contents: Contents) -> "Tools":
        """What the plugins of this process offer."""
        hooks = plugins()
        there = environment(tuple(hooks.names()))
        return cls(
            hooks.extensions("leakwatch_root_providers"),
            loaded_calls(hooks.extensions("leakwatch_sizeof")),
            loaded_calls(hooks.extensions("leakwatch_hidden_references")),
            hooks.extensions("leakwatch_unheld_containers"),
            hooks.extensions("leakwatch_reference_names"),
            hooks.extensions("leakwatch_inspectors"),
            contents,
            {
                "python": there.python,
                "implementation": there.implementation,
                "platform": there.platform,
                "leakwatch": there.leakwatch,
                "heap_walk": there.heap_walk,
                "keys": contents.keys,
            },
        )

    def question(self, survivors: list[object], query: RootQuery) -> Question:
        """What the walk is to find."""
        known = (self.providers, self.sizers, self.hidden, self.recognisers)
        return Question(survivors, query, *known, LIMITS, whole_graph=True)


def written(
    target: str, draft: str, query: RootQuery, tools: Tools
) -> tuple[int, int, int, str | None] | str:
    """Walk and write; gives objects, references, bytes, and why it is not all.

    Or a text, where the system did not take the file: the child cannot raise.
    """
    roots = in_waves(root for provider in tools.providers for root in provider(query))
    tracked, early = listed(), len(roots)
    nobody = [object()]  # never reached, so that whatever can be looked into is
    graph, left = search(roots, tools.question(nobody, query), tracked)
    try:
        share = explained_share(graph, tracked, left)
        tracked.clear()
        first = first_position(graph)
        reached = len(graph) - first
        enter_unreached(graph, left)
        least = LEAST_BYTES * (len(graph) - first)
        if too_large := tools.contents.refused(least, at_least=True):
            return too_large
        columns = columns_of(graph, first, roots, early, tools)
        incomplete = LIMITS.reason(graph.spent)
        metadata = {
            **tools.metadata,
            "reached": str(reached),
            "explained_share": f"{share:.6f}",
            "partial": incomplete or "",
        }
        if too_large := tools.contents.refused(size_of(columns, metadata)):
            return too_large
        with whole_file(target, draft) as file:
            size = write(file, columns, metadata)
        return (
            len(columns["objects.type"]) // 4,
            len(columns["edges.target"]) // 4,
            size,
            incomplete,
        )
    except OSError as error:
        return cause(error)
    finally:
        for borrowed in (roots, tracked, left, nobody, names_of_last):
            borrowed.clear()
        graph.close()


def first_position(graph: HeapGraph) -> int:
    """The first position that is not one of ours, which stand before all others."""
    first = 0
    while first < len(graph) and graph.parent_of(first) == HIDDEN:
        first += 1
    return first


def enter_unreached(graph: HeapGraph, left: list[object]) -> None:
    """Add what no root leads to, native code and cyclic garbage have it; but nothing of ours."""
    missing = graph.unreached(left)
    theirs = left_without_ours(missing)
    for found in missing:
        if id(found) in theirs:
            enter(graph, found, NOT_REACHED)
    missing.clear()


def columns_of(
    graph: HeapGraph, first: int, roots: Sequence[HeapRoot], early: int, tools: Tools
) -> dict[str, bytes]:
    """Every column of a file, from a graph that has walked."""
    names = Names(tools.contents.keys)
    planner = Planner(names, tools.sizers)
    references = References(names, tools.namers)
    spaces = {graph.position_of(root.target) for root in roots if root.is_namespace}
    namespaces = [at for at in spaces if at is not None and at >= first]
    naming = (planner.plan, references.named, names.of_key, names.of_any_key, secrets.randbits(64))
    columns = edges_of(graph, first, namespaces, naming)
    edges = Edges(columns)
    columns["hidden.name"] = hidden_names(graph, first, columns, references)
    sought = Sought(graph, first, planner.types)
    columns |= joint_columns(graph, sought, edges, planner.types, references)
    columns |= own_names(sought, planner.types, names)
    columns |= judged(sought, planner.types, names, tools.inspectors)
    columns["types"] = types_table(planner, sought, graph)
    columns["roots"] = roots_table(roots, early, graph, first, defining_modules(graph, first))
    return columns | names.columns()


class Edges:
    """The references of a file while it is written."""

    __slots__ = ("_firsts", "_holder", "_offset", "_target")

    def __init__(self, columns: dict[str, bytes]) -> None:
        self._offset = memoryview(columns["edges.offset"]).cast("I")
        self._target = memoryview(columns["edges.target"]).cast("I")
        self._holder, self._firsts = -1, dict[int, int]()

    def between(self, holder: int, target: int) -> int | None:
        """The number of the first reference from one object to another; None without one."""
        first, end = self._offset[holder : holder + 2]
        if end - first > MANY:
            return self._first_by_target(holder, first, end).get(target)
        for edge in range(first, end):
            if self._target[edge] == target:
                return edge
        return None

    def _first_by_target(self, holder: int, first: int, end: int) -> dict[int, int]:
        """For the last large holder: the dict of a cache is asked about for each of its entries."""
        if holder != self._holder:
            backwards = range(end - 1, first - 1, -1)
            self._firsts = {self._target[edge]: edge for edge in backwards}
            self._holder = holder
        return self._firsts


def hidden_names(
    graph: HeapGraph, first: int, columns: dict[str, bytes], references: References
) -> bytes:
    """The names of the references that the collector does not show."""
    names = array("I")
    holders, targets = (
        memoryview(columns[f"hidden.{it}"]).cast("I") for it in ("holder", "target")
    )
    for holder, target in zip(holders, targets, strict=True):
        path = graph.object_at(holder + first), graph.object_at(target + first)
        names.append(references.of_path(path)[0])
    return names.tobytes()


def joint_columns(
    graph: HeapGraph, sought: Sought, edges: Edges, types: Sequence[type], references: References
) -> dict[str, bytes]:
    """The references that are written as one though they lead through several objects."""
    first, columns = sought.first, {it: array("I") for it in ("holder", "edge", "name", "hops")}
    holders = (it for _, it in sought.of(cls for cls in types if holds_jointly(cls)))
    for holder, (between, held), name, hops in joints(graph, holders, references):
        numbers = [graph.position_of(it) for it in (holder, between, held)]
        if any(at is None or at < first for at in numbers):
            continue
        at_holder, at_between, at_held = (at - first for at in numbers if at is not None)
        edge = edges.between(at_between, at_held)
        if edge is not None:
            for column, number in zip(columns, (at_holder, edge, name, hops), strict=True):
                columns[column].append(number)
    return table_of("joint", columns)
