"""A picture of what stands around the objects of a type, as text for graphviz."""

from collections.abc import Iterator
from dataclasses import dataclass

from leakwatch.errors import SnapshotError, quoted, shortened
from leakwatch.reports.wording import printable, size
from leakwatch.snapshots.heap_objects import Link, ObjectInHeap
from leakwatch.snapshots.index import HeapIndex

MOST_STARTS = 3
"""Objects of the type, those that retain most; all are alike to look at."""
MOST_LINKS = 8
"""References drawn of an object in each direction."""
MOST_DRAWN = 200
"""Objects; a larger picture cannot be read."""
LONGEST_LABEL = 60
HEAD = """\
digraph heap {
  rankdir=LR;
  graph [fontname="Helvetica", fontsize=11, labelloc=t, labeljust=l];
  node [fontname="Helvetica", fontsize=11, shape=box, style="rounded,filled", fillcolor="white"];
  edge [fontname="Courier", fontsize=11];"""


@dataclass(frozen=True, slots=True)
class Drawn:
    """What is in the picture.

    Attributes:
        objects: by number.
        starts: the numbers of those that it is about.
        edges: holder, name and held object of each reference.
        left_out: references that are not drawn.
    """

    objects: dict[int, ObjectInHeap]
    starts: frozenset[int]
    edges: dict[tuple[int, str, int], None]
    left_out: bool


def neighbourhood(index: HeapIndex, around: str, depth: int) -> Iterator[str]:
    """The lines of the picture.

    Args:
        index: the heap.
        around: the type, `module.qualname`.
        depth: references to follow from its objects, in both directions.

    Raises:
        SnapshotError: there is no object of the type.
    """
    starts = index.instances(around, count=MOST_STARTS)
    if not starts:
        raise SnapshotError(f"no object of {quoted(around)} is in the file; see `types`")
    found = looked_around(index, starts, depth)
    note = "; not all references are drawn" if found.left_out else ""
    yield HEAD
    yield f"  label={dot_text(f'around {around}, {depth} deep{note}')};"
    for number, one in sorted(found.objects.items()):
        label = f"{shortened(one.name or one.type_name, LONGEST_LABEL)}\n{size(one.retained_bytes)}"
        fill = ', fillcolor="#f6d5d5"' if number in found.starts else ""
        yield f"  n{number} [label={dot_text(label)}{fill}];"
    for holder, name, held in found.edges:
        yield f"  n{holder} -> n{held} [label={dot_text(shortened(name, LONGEST_LABEL))}];"
    yield "}"


def looked_around(index: HeapIndex, starts: tuple[ObjectInHeap, ...], depth: int) -> Drawn:
    """The objects around some, nearest first, until there are enough."""
    objects = {it.number: it for it in starts}
    edges: dict[tuple[int, str, int], None] = {}
    left_out, layer = False, [*objects]
    for _ in range(depth):
        following: list[int] = []
        for number in layer:
            out = index.references(number, count=MOST_LINKS + 1)
            back = index.referrers(number, count=MOST_LINKS + 1)
            left_out |= max(len(out), len(back)) > MOST_LINKS
            for link, is_holder in both(out, back):
                other = link.object.number
                if other not in objects:
                    if len(objects) >= MOST_DRAWN:
                        left_out = True
                        continue
                    objects[other] = link.object
                    following.append(other)
                ends = (other, link.name, number) if is_holder else (number, link.name, other)
                edges[ends] = None
        layer = following
    return Drawn(objects, frozenset(it.number for it in starts), edges, left_out)


def both(out: tuple[Link, ...], back: tuple[Link, ...]) -> Iterator[tuple[Link, bool]]:
    """The references that are drawn, and whether the other end holds; classes are left out."""
    yield from ((it, False) for it in out[:MOST_LINKS] if it.name != ".__class__")
    yield from ((it, True) for it in back[:MOST_LINKS])


def dot_text(text: str) -> str:
    """A text as DOT writes it; its line breaks stay."""
    lines = [printable(line).replace("\\", "\\\\").replace('"', '\\"') for line in text.split("\n")]
    return '"' + "\\n".join(lines) + '"'
