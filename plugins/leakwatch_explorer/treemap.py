"""Areas as large as what they stand for: a treemap, drawn as SVG without a script.

The layout is that of Bruls, Huizing and van Wijk, "Squarified Treemaps" (2000): row after row, each
as long as its areas get nearer to squares by it.

Widths are per cent and heights are pixels: the picture is as wide as the page, and the letters in
it stay as large as all others.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 1000.0, 420.0
"""The page that the shapes are made for; on a narrow one they are higher than wide."""
HEAD = 20.0
"""Height of the name above the areas of a group."""
GAP = 2.0
ROOM_FOR_TEXT = (46.0, 17.0)


@dataclass(frozen=True, slots=True)
class Area:
    """Something to be shown.

    Attributes:
        label: the text in it.
        title: the text beside it.
        weight: how large it is; more than 0.
        link: where it leads.
        areas: what it is made of.
    """

    label: str
    title: str
    weight: float
    link: str
    areas: tuple["Area", ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float

    @property
    def percent(self) -> tuple[str, str]:
        """Left side and width for an attribute of SVG."""
        return f"{100 * self.x / WIDTH:.3f}%", f"{100 * self.width / WIDTH:.3f}%"

    @property
    def pixels(self) -> tuple[str, str]:
        """Upper side and height for an attribute of SVG."""
        return f"{self.y:.1f}", f"{self.height:.1f}"

    @property
    def has_room(self) -> bool:
        """Whether a word fits."""
        return self.width >= ROOM_FOR_TEXT[0] and self.height >= ROOM_FOR_TEXT[1]

    def without_head(self) -> "Box":
        """What is left below a name."""
        return Box(self.x, self.y + HEAD, self.width, self.height - HEAD)

    def smaller(self) -> "Box":
        """The same with a gap on two sides."""
        return Box(self.x, self.y, max(0.0, self.width - GAP), max(0.0, self.height - GAP))


@dataclass(frozen=True, slots=True)
class Tile:
    """An area in its place.

    Attributes:
        area: what it shows.
        box: where.
        group: the number of the colour.
        is_head: whether it stands behind others.
    """

    area: Area
    box: Box
    group: int
    is_head: bool = False


def tiles(areas: Sequence[Area]) -> Iterator[Tile]:
    """Each area with its parts, from behind to the front."""
    whole = Box(0.0, 0.0, WIDTH, HEIGHT)
    for group, (area, box) in enumerate(placed(areas, whole)):
        box = box.smaller()  # noqa: PLW2901 - the gap is part of its place
        yield Tile(area, box, group, is_head=True)
        inner = box.without_head()
        if area.areas and inner.has_room:
            for part, place in placed(area.areas, inner):
                yield Tile(part, place.smaller(), group)


def placed(areas: Sequence[Area], box: Box) -> list[tuple[Area, Box]]:
    """Each area with its place inside a box, the largest first."""
    ordered = sorted((it for it in areas if it.weight > 0), key=lambda it: -it.weight)
    total = sum(it.weight for it in ordered)
    if not ordered:
        return []
    scale = box.width * box.height / total
    boxes = squarified([it.weight * scale for it in ordered], box)
    return list(zip(ordered, boxes, strict=True))


def squarified(sizes: Sequence[float], box: Box) -> Iterator[Box]:
    """Boxes of such sizes, which together fill a box.

    Args:
        sizes: falling; their sum is the size of the box.
        box: to be filled.
    """
    start = 0
    while start < len(sizes):
        side = min(box.width, box.height)
        end = start + 1
        while end < len(sizes) and worst(sizes[start : end + 1], side) <= worst(
            sizes[start:end], side
        ):
            end += 1
        row, box = split(sizes[start:end], box)
        yield from row
        start = end


def worst(row: Sequence[float], side: float) -> float:
    """How far from a square the worst of a row is, along a side: 1 for a square."""
    total = sum(row)
    if total <= 0 or side <= 0:
        return float("inf")
    depth = total / side
    return max(max(depth * depth / it, it / (depth * depth)) for it in row)


def split(row: Sequence[float], box: Box) -> tuple[list[Box], Box]:
    """A row along the shorter side of a box, and what is left of the box."""
    total, made = sum(row), []
    if box.width >= box.height:
        depth, at = total / box.height if box.height else 0.0, box.y
        for size in row:
            made.append(Box(box.x, at, depth, size / depth if depth else 0.0))
            at += made[-1].height
        return made, Box(box.x + depth, box.y, max(0.0, box.width - depth), box.height)
    depth, at = total / box.width if box.width else 0.0, box.x
    for size in row:
        made.append(Box(at, box.y, size / depth if depth else 0.0, depth))
        at += made[-1].width
    return made, Box(box.x, box.y + depth, box.width, max(0.0, box.height - depth))
