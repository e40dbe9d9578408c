"""A heap that was written to a file, to be asked."""

import heapq
import os
from dataclasses import dataclass

from leakwatch.errors import ConfigurationError, quoted
from leakwatch.report import Report
from leakwatch.reports.heap_format import HeapTables
from leakwatch.snapshots.asking import place_of_objects, report_on_largest, why
from leakwatch.snapshots.cause_changes import CauseChange, cause_changes
from leakwatch.snapshots.differences import TypeChange, TypeCount, changes, counted, largest
from leakwatch.snapshots.grouped import GROUPINGS, RetainedGroup, groups_by
from leakwatch.snapshots.heap_file import HeapFile
from leakwatch.snapshots.heapsnapshot import write_heapsnapshot, write_whole
from leakwatch.snapshots.index import HeapIndex
from leakwatch.snapshots.neighbourhood import neighbourhood
from leakwatch.snapshots.retained import Dominated, dominated
from leakwatch.snapshots.roots import RetainedRoot, retained_roots
from leakwatch.snapshots.tables import tables_of
from leakwatch.snapshots.waste import Wasted, wasted


@dataclass(frozen=True, slots=True)
class RetainedObject:
    """An object, and what would go if it alone went.

    Attributes:
        type_name: `module.qualname`.
        retained_bytes: exact, by dominators.
        bytes: of the object itself, with the values that only it holds.
        place: the shortest way to it from a root, as Python would write it.
    """

    type_name: str
    retained_bytes: int
    bytes: int
    place: str


class Snapshot:
    """The heap of one moment, read from a file; `load` gives one."""

    __slots__ = ("_dominated", "_file", "_index")

    def __init__(self, file: HeapFile) -> None:
        self._file = file
        self._index: HeapIndex | None = None
        self._dominated: Dominated | None = None

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Snapshot":
        """Read a file that `leakwatch.snapshot` wrote.

        Args:
            path: of the file.

        Raises:
            SnapshotError: the file cannot be read, or is no whole snapshot; the message says why.
        """
        return cls(HeapFile(path))

    @property
    def path(self) -> str:
        """The file."""
        return self._file.path

    @property
    def objects(self) -> int:
        """Number of objects."""
        return len(self._file)

    @property
    def references(self) -> int:
        """Number of references between them."""
        return len(self._file.targets)

    @property
    def facts(self) -> dict[str, str]:
        """What the file says of the process: versions, system."""
        return dict(self._file.metadata)

    def types(self) -> tuple[TypeCount, ...]:
        """The types with their numbers, those first that take most memory."""
        return largest(counted(self._file))

    def why(self, target: str) -> Report:
        """What holds the objects of a type.

        Args:
            target: the name of a class, such as `"shop.models.Cart"`.

        Returns:
            a report as `leakwatch.why` gives it of a living process.
        """
        return why(self._file, target)

    def retained(self, top: int = 20) -> tuple[RetainedObject, ...]:
        """The objects that retain most, each with what lies only behind it.

        What one of them retains is counted for those above it as well.

        Args:
            top: how many.
        """
        sizes, file = self._dominators().sizes, self._file
        most = heapq.nsmallest(top, range(len(sizes)), key=lambda it: (-sizes[it], it))
        places = place_of_objects(file, most)
        return tuple(
            RetainedObject(
                file.type_of(it).full_name, sizes[it], file.sizes[it] + file.atoms[it], place
            )
            for it, place in zip(most, places, strict=True)
        )

    @property
    def index(self) -> HeapIndex:
        """To look around in the heap, object by object; made when it is first asked for."""
        if self._index is None:
            self._index = HeapIndex(self._file, self._dominators())
        return self._index

    def _dominators(self) -> Dominated:
        if self._dominated is None:
            self._dominated = dominated(self._file)
        return self._dominated

    def retained_by(self, by: str) -> tuple[RetainedGroup, ...]:
        """What the objects of each type, module or distribution retain together, most first.

        Args:
            by: `"type"`, `"module"` or `"distribution"`; the last two by who owns an object.

        Raises:
            ConfigurationError: it is none of these.
        """
        if by not in GROUPINGS:
            raise ConfigurationError(f"by={quoted(by)}: expected one of {', '.join(GROUPINGS)}")
        return groups_by(self._file, self._dominators(), by)

    def roots(self, top: int = 20) -> tuple[RetainedRoot, ...]:
        """The roots whose objects retain most.

        Args:
            top: how many.
        """
        return retained_roots(self._file, self._dominators(), top)

    def report(self, top: int = 5) -> Report:
        """What holds the objects of the program's own types that take most.

        Args:
            top: types at the most.

        Returns:
            a report with a leak for each way in which they are held: none of them need be one.
        """
        return report_on_largest(self._file, top)

    def diff(self, older: "Snapshot") -> tuple[TypeChange, ...]:
        """The types of which there are more or fewer than in an older snapshot, or other sizes."""
        return changes(older._file, self._file)

    def duplicates(self) -> tuple[Wasted, ...]:
        """Memory that could be won without keeping less, by what it is spent on and who keeps it.

        Equal strings and bytes, empty containers, dicts with room for far more entries, and
        instances with a dict where slots would do. Most bytes first.
        """
        return wasted(self._file)

    def diff_causes(
        self, older: "Snapshot", baseline: "Snapshot | None" = None
    ) -> tuple[CauseChange, ...]:
        """What became of what each cause holds, the bad news first.

        The program's own types are asked for, and others of which there are more.

        Args:
            older: an older snapshot of the program.
            baseline: one that is older still: then it is told what the work between it and `older`
                has added, and whether this one still has it.
        """
        others = (older,) if baseline is None else (baseline, older)
        return cause_changes([it._file for it in (*others, self)])

    def tables(self) -> HeapTables:
        """The heap as tables of types, nodes and edges, for other formats."""
        return tables_of(self._file, self._dominators())

    def to_dot(self, path: str | os.PathLike[str], around: str, depth: int = 2) -> None:
        """Draw what stands around the objects of a type, as text for graphviz.

        Args:
            path: of the file.
            around: the name of the type, such as `"shop.models.Cart"`.
            depth: references to follow from its objects, in both directions.

        Raises:
            SnapshotError: there is no object of the type, or the file cannot be written.
        """
        lines = [*neighbourhood(self.index, around, depth)]
        write_whole(path, (f"{line}\n".encode() for line in lines))

    def to_heapsnapshot(self, path: str | os.PathLike[str]) -> None:
        """Write it as Chrome's DevTools and MemLab read heaps.

        Args:
            path: of the file; DevTools wants the suffix `.heapsnapshot`.

        Raises:
            SnapshotError: the file cannot be written.
        """
        write_heapsnapshot(self._file, path)
