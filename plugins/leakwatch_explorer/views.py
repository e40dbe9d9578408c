"""What each page says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from leakwatch_explorer import causes
from leakwatch_explorer.heaps import OpenHeap
from leakwatch_explorer.paging import chosen, number_in, part, part_of
from leakwatch_explorer.treemap import HEIGHT, Area, tiles

MOST_OWNERS = 12
MOST_TYPES = 10
"""Areas of the treemap: more cannot be told apart."""
LARGEST = 10
MANY, MOST_CAUSES = 10, 5
"""Objects that a cause must hold, and causes, of those on the first page."""

Said = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a page.

    Attributes:
        base: the beginning of every address.
        heaps: those that are open.
        path: numbers in the address, by name.
        query: what stands behind the question mark.
    """

    base: str
    heaps: Sequence[OpenHeap]
    path: Mapping[str, int]
    query: Mapping[str, str]

    @property
    def heap(self) -> OpenHeap:
        """The heap that is asked."""
        return chosen(self.heaps, self.path["heap"], "heaps")

    @property
    def type(self) -> Any:
        """The type that is asked about."""
        return chosen(self.heap.types, self.path["rank"], "types")

    @property
    def object(self) -> int:
        """The number of the object that is asked about."""
        return chosen(range(len(self.heap.index)), self.path["number"], "objects")

    def number(self, name: str) -> int:
        """A number of the query."""
        return number_in(self.query.get(name))


def overview(asked: Question) -> Said:
    """What is in a heap."""
    heap = asked.heap
    report = heap.index.suspected()
    found = causes.shown(report, least=MANY)
    return {
        "title": heap.name,
        "current": "Overview",
        "owners": heap.index.owners()[:MOST_OWNERS],
        "more_owners": max(0, len(heap.index.owners()) - MOST_OWNERS),
        "tiles": list(tiles(areas(asked))),
        "height": f"{HEIGHT:.0f}",
        "causes": found[:MOST_CAUSES],
        "more_causes": max(0, len(found) - MOST_CAUSES),
        "partial": report.partial or report.not_judged,
        "largest": largest(heap),
        "facts": heap.snapshot.facts,
    }


def areas(asked: Question) -> list[Area]:
    """The owners of a heap and their types, as areas."""
    found = []
    for place, owner in enumerate(asked.heap.index.owners()[:MOST_OWNERS]):
        link = f"{asked.base}/{asked.heap.number}/types?owner={place + 1}"
        inner = tuple(
            Area(it.type_name, it.type_name, it.bytes, type_link(asked, it.type_name))
            for it in owner.types[:MOST_TYPES]
        )
        rest = owner.bytes - sum(it.bytes for it in owner.types[:MOST_TYPES])
        if rest > 0:
            inner += (Area("others", "others", rest, link),)
        found.append(Area(owner.owner, owner.owner, owner.bytes, link, inner))
    return found


def type_link(asked: Question, type_name: str) -> str:
    """The address of a type."""
    return f"{asked.base}/{asked.heap.number}/types/{asked.heap.rank(type_name)}"


def largest(heap: OpenHeap) -> list[Any]:
    """The objects that retain most, each with its place."""
    return placed(heap, heap.index.dominated(count=LARGEST))


def placed(heap: OpenHeap, objects: Sequence[Any]) -> list[Any]:
    """Objects with the shortest ways to them."""
    return [(it, heap.index.way(it.number).expression) for it in objects]


def types(asked: Question) -> Said:
    """The types of a heap, or of one owner in it, with the words that they must have."""
    heap, number = asked.heap, asked.number("owner")
    owner = chosen(heap.index.owners(), number - 1, "owners") if number else None
    found = owner.types if owner else heap.types
    words = asked.query.get("search", "").lower().split()
    rows = [it for it in found if all(word in it.type_name.lower() for word in words)]
    return {
        "title": "Types",
        "current": "" if owner else "Types",
        "owner": owner.owner if owner else "",
        "owner_number": number,
        "search": asked.query.get("search", ""),
        "part": part_of(rows, asked.number("first")),
        "count": len(rows),
        "whole": len(found),
    }


def one_type(asked: Question) -> Said:
    """The objects of one type."""
    heap, row = asked.heap, asked.type

    def instances(first: int, count: int) -> list[Any]:
        return placed(heap, heap.index.instances(row.type_name, first, count))

    return {
        "title": row.type_name,
        "row": row,
        "rank": asked.path["rank"],
        "part": part(asked.number("first"), instances),
    }


def why(asked: Question) -> Said:
    """What holds the objects of one type."""
    row, report = asked.type, asked.heap.why(asked.path["rank"])
    ways = len(report.leaks) + len(report.known) + len(report.in_use)
    return {
        "title": f"What holds {row.type_name}",
        "row": row,
        "rank": asked.path["rank"],
        "report": report,
        "ways": ways,
        "causes": causes.shown(report),
        "more": max(0, ways - causes.MOST_SHOWN),
    }


def dominators(asked: Question) -> Said:
    """What is kept alive by one object alone, or by none alone."""
    heap, number = asked.heap, asked.object if "number" in asked.path else None

    def below(first: int, count: int) -> list[Any]:
        return placed(heap, heap.index.dominated(number, first, count))

    return {
        "title": "Dominators" if number is None else "Kept alive by this object",
        "current": "Dominators" if number is None else "",
        "above": () if number is None else heap.index.dominators(number),
        "object": None if number is None else heap.index.object(number),
        "count": heap.index.count_dominated(number),
        "part": part(asked.number("first"), below),
    }


def one_object(asked: Question) -> Said:
    """An object, its way to a root, and the references from it and to it."""
    heap, number = asked.heap, asked.object
    index = heap.index
    found = index.object(number)
    return {
        "title": found.name or found.type_name,
        "object": found,
        "rank": heap.rank(found.type_name),
        "way": index.way(number),
        "dominator": index.dominator(number),
        "dominated": index.count_dominated(number),
        "out": part(asked.number("out"), lambda first, n: index.references(number, first, n)),
        "back": part(asked.number("back"), lambda first, n: index.referrers(number, first, n)),
    }


def compare(asked: Question) -> Said:
    """What became more from one heap to another."""
    last = str(len(asked.heaps) - 1)
    newer = chosen(asked.heaps, number_in(asked.query.get("newer", last)), "heaps")
    older = chosen(asked.heaps, asked.number("older"), "heaps")
    words = asked.query.get("search", "").lower().split()
    changed = newer.snapshot.diff(older.snapshot)
    rows = [it for it in changed if all(word in it.type_name.lower() for word in words)]
    return {
        "title": "Compare",
        "current": "Compare",
        "older": older,
        "newer": newer,
        "search": asked.query.get("search", ""),
        "grown": causes.grown(older.index.suspected(), newer.index.suspected()),
        "owners": changed_owners(older, newer),
        "part": part_of([(it, newer.rank(it.type_name)) for it in rows], asked.number("first")),
        "count": len(rows),
    }


def changed_owners(older: OpenHeap, newer: OpenHeap) -> list[tuple[str, int, int]]:
    """Owners with what they have, and how much more than before; those first that grew most."""
    before = {it.owner: it.bytes for it in older.index.owners()}
    now = {it.owner: it.bytes for it in newer.index.owners()}
    rows = [(it, now.get(it, 0), now.get(it, 0) - before.get(it, 0)) for it in before | now]
    changed = sorted((row for row in rows if row[2]), key=lambda row: (-row[2], row[0]))
    return list(islice(changed, MOST_OWNERS))
