"""Containers that keep growing by what the collector does not track: strings, numbers, bytes.

A leaked string is no object of the collector's, so no window shows it. The list that it was
put into does: its length is compared after every stretch of runs, and what grew in each of
them, by entries that refer to nothing, is a leak of those entries.
"""

from collections import deque
from collections.abc import Iterable
from io import TextIOWrapper
from itertools import islice
from typing import Any

from leakwatch.guest.collector import get_objects
from leakwatch.heap.graph import of_kinds, of_types, untracked_dicts
from leakwatch.heap.objects import (
    ATOMS,
    full_type_name,
    identities,
    is_exactly,
    shallow_size,
    type_name,
)
from leakwatch.heap.roots.namespaces import all_classes
from leakwatch.heap.structural_types import DICTS
from leakwatch.interpreter import get_referents, is_tracked
from leakwatch.model import GrownContainer

MEASURED = DICTS | identities((list, set, deque))
BOUNDED_ENTRY = "functools._lru_list_elem"
"""An entry of an `lru_cache` that has a `maxsize`."""
SAMPLE = 100
"""Newest entries that are looked at to tell what a container grows by."""


class Containers:
    """Lengths of the exact builtin containers of the process, by id; nothing is kept alive."""

    __slots__ = ("_kinds", "_lengths", "_started")

    def __init__(self) -> None:
        # Made before the window opens and never replaced: a new dict would be newborn in it.
        self._kinds: dict[int, int] = {}
        self._lengths: dict[int, int] = {}
        self._started: dict[int, int] = {}

    def start(self) -> None:
        """Note every container there is."""
        everything = every_container()
        self._note(everything)
        everything.clear()

    def keep_growing(self, least: float) -> None:
        """Forget the containers that did not grow by so many entries since the last look."""
        before = self._lengths
        grown = [it for it in self.still_there() if len(it) - before[id(it)] >= least]
        for container in grown:
            self._started.setdefault(id(container), before[id(container)])
        self._note(grown)
        grown.clear()

    def _note(self, containers: list[Any]) -> None:
        """Know these by their ids, types and lengths, and no others."""
        self._lengths.clear()
        self._lengths.update((id(container), len(container)) for container in containers)
        self._kinds.clear()
        self._kinds.update((id(container), id(type(container))) for container in containers)

    def notes_by_id(self) -> frozenset[int]:
        """Ids of the dicts in which this is noted."""
        return frozenset(map(id, (self._kinds, self._lengths, self._started)))

    def __len__(self) -> int:
        return len(self._lengths)

    def alive(self) -> list[object]:
        """The growing containers that grow by atoms; borrowed, to be cleared by the caller."""
        found = [container for container in self.still_there() if grows_by_atoms(container)]
        buffers = pending_writes() if found else frozenset()
        return [container for container in found if id(container) not in buffers]

    def still_there(self) -> list[Any]:
        """The known containers; borrowed.

        Only while one is missing is the whole heap asked for those that are not tracked.
        """
        if not self._lengths:
            return []
        everything = get_objects()
        found = self._known(of_types(everything, MEASURED))
        everything.clear()
        return found if len(found) == len(self._lengths) else self._known(every_container())

    def _known(self, containers: list[Any]) -> list[Any]:
        """Those that have grown at every look so far; the list is emptied."""
        found: list[Any] = of_kinds(containers, self._kinds)
        containers.clear()
        return found

    def growth_of(self, containers: Iterable[Any], runs: int) -> dict[int, GrownContainer]:
        """By how much each has grown over all runs, and by what, by id."""
        found = {}
        for container in containers:
            entries = len(container) - self._started[id(container)]
            sizes = list(map(shallow_size, newest(container)))
            size = round(entries * (sum(sizes) / len(sizes)))
            grown = GrownContainer(entries, entry_type(container), size, runs)
            found[id(container)] = grown
        return found


def every_container() -> list[Any]:
    """Every list, set, deque and mapping of exactly a builtin type; borrowed.

    A dict of strings and numbers is not tracked (CPython up to 3.13), so it is found only
    through the object that refers to it.
    """
    everything = get_objects()
    found = of_types(everything, MEASURED)
    found += untracked_dicts(everything)
    everything.clear()
    return found


def newest(container: Any) -> list[object]:
    """Some of the entries added last; of a set any, for it has no order."""
    if is_exactly(container, DICTS):
        # The own iterator of an OrderedDict asks each key for its hash.
        keys = list(islice(dict.__reversed__(container), SAMPLE))
        return [
            *keys,
            *(dict.__getitem__(container, key) for key in keys if is_exactly(key, ATOMS)),
        ]
    if type(container) is set:
        return list(islice(container, SAMPLE))
    return list(islice(reversed(container), SAMPLE))


def grows_by_atoms(container: Any) -> bool:
    """Whether the newest entries, if any, refer to nothing that the collector knows.

    The table of an `lru_cache` with a `maxsize` is left out: it is told by its results, if they
    have a name, and stops growing by itself.
    """
    entries = newest(container) if len(container) else []
    return bool(entries) and all(
        is_exactly(entry, ATOMS)
        or (not is_tracked(entry) and type_name(type(entry)) != BOUNDED_ENTRY)
        for entry in entries
    )


def pending_writes() -> frozenset[int]:
    """Ids of the lists in which text files collect what is printed, up to 8 KiB at a time."""
    kinds = identities(all_classes(TextIOWrapper))
    return frozenset(
        id(pending)
        for stream in of_types(get_objects(), kinds)
        for pending in get_referents(stream)
        if type(pending) is list
    )


def entry_type(container: Any) -> str:
    """Type of what the container grows by: of a dict's values, or of its keys if those are None."""
    entry = newest(container)[0]
    if is_exactly(container, DICTS) and is_exactly(entry, ATOMS):
        value = dict.__getitem__(container, entry)
        entry = entry if value is None else value
    return full_type_name(type(entry))
