"""All the ways that hold one object, merged into a tree that begins at the object."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from leakwatch.model import RetentionPath

MOST_MERGED = 50
"""Ways in the tree, which also bounds its depth: it only goes deeper where ways part."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step away from the object.

    Attributes:
        edge: the reference by name; empty if it has none.
        holder: the type of what holds it, or the root.
    """

    edge: str
    holder: str


@dataclass(frozen=True, slots=True)
class Branch:
    """A stretch that several ways share, and the branches into which they part behind it.

    Attributes:
        links: at least one, the nearest to the object first.
        branches: how it goes on towards the roots.
    """

    links: tuple[Link, ...]
    branches: tuple["Branch", ...]


def merged(paths: Sequence[RetentionPath]) -> tuple[Branch, ...]:
    """The first ways read from the object back to their roots; what they share stands once."""
    return branches([backwards(path) for path in paths[:MOST_MERGED]])


def backwards(path: RetentionPath) -> list[Link]:
    """Links from the survivor to the root."""
    links = [Link(reference.name, reference.holder_type) for reference in path.references[::-1]]
    root = str(path.root)
    if links and path.root.facts.is_holder:
        return [*links[:-1], Link(links[-1].edge, root)]
    return [*links, Link("", root)]


def branches(ways: Iterable[list[Link]]) -> tuple[Branch, ...]:
    """One branch for each first link, in the order in which they come."""
    groups: dict[Link, list[list[Link]]] = {}
    for way in ways:
        groups.setdefault(way[0], []).append(way)
    return tuple(map(branch, groups.values()))


def branch(ways: list[list[Link]]) -> Branch:
    """Ways that begin alike, as far as they do, and then each of the rest."""
    shared = shared_length(ways)
    return Branch(
        tuple(ways[0][:shared]), branches(way[shared:] for way in ways if len(way) > shared)
    )


def shared_length(ways: list[list[Link]]) -> int:
    """How many links all these ways have in common."""
    shortest = min(map(len, ways))
    for index in range(shortest):
        if any(way[index] != ways[0][index] for way in ways):
            return index
    return shortest
