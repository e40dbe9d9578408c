"""Containers that keep growing by what the collector does not track: strings, numbers, bytes.

A context is one: it grows by each `ContextVar` that is made anew and set.

A leaked string is no object of the collector's, so no window shows it. The list that it was
put into does: its length is compared after every stretch of runs, and what grew in each of
them, by entries that refer to nothing, is a leak of those entries. So it is with a file in memory
that is written to and never emptied; there it is the position that is compared.
"""

import sys
from array import array
from collections import deque
from collections.abc import Iterable, Mapping
from contextvars import Context
from dataclasses import replace
from io import BytesIO, StringIO, TextIOWrapper
from itertools import islice
from typing import Any

from leakwatch.growth.own_notes import Notes
from leakwatch.guest.collector import get_objects
from leakwatch.heap.graph import of_kinds, of_types, untracked_containers
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
from leakwatch.paths.question import Question
from leakwatch.paths.sizes import bytes_of_groups

MEASURED = DICTS | identities((list, set, deque, Context))
FILES = {id(StringIO): "builtins.str", id(BytesIO): "builtins.bytes"}
"""What is written to a file in memory, by the id of its exact type."""
BUFFERS = identities((StringIO, BytesIO, bytearray, array))
COMPARED = MEASURED | BUFFERS
BYTES_WRITTEN = 64
"""Of what is written, so many bytes count as an entry: a short line."""
BOUNDED_ENTRY = "functools._lru_list_elem"
"""An entry of an `lru_cache` that has a `maxsize`."""
SAMPLE = 100
"""Newest entries that are looked at to tell what a container grows by."""


class Containers:
    """Lengths of the exact builtin containers of the process, by id; nothing is kept alive."""

    __slots__ = ("_first_kinds", "_first_lengths", "_kinds", "_lengths", "_started")

    def __init__(self) -> None:
        self._kinds = Notes[int]()
        self._lengths = Notes[int]()
        self._first_kinds = Notes[int]()
        self._first_lengths = Notes[int]()
        self._started = Notes[int]()

    def start(self) -> None:
        """Note every container there is."""
        everything = every_container()
        self._note(everything)
        everything.clear()

    def keep_growing(self, least: float) -> None:
        """Forget the containers that did not grow by so many entries since the last look."""
        before = self._lengths
        grown = [it for it in self.still_there() if length_of(it) - before[id(it)] >= least]
        if grown:
            # Now: a flush frees them, and whatever is made next may get their addresses.
            buffers = pending_writes() | standard_streams()
            grown[:] = [it for it in grown if id(it) not in buffers]
        for container in grown:
            self._started.setdefault(id(container), before[id(container)])
        self._put_first_aside()
        self._note(grown)
        grown.clear()

    def _put_first_aside(self) -> None:
        """Keep the notes of the first look, which has every container of the process.

        They take half a megabyte and more. Given back in the course of the runs, that hides as
        much growth of the program.
        """
        if not self._first_lengths:
            self._first_kinds, self._kinds = self._kinds, self._first_kinds
            self._first_lengths, self._lengths = self._lengths, self._first_lengths

    def _note(self, containers: list[Any]) -> None:
        """Know these by their ids, types and lengths, and no others."""
        self._lengths.clear()
        self._lengths.update((id(container), length_of(container)) for container in containers)
        self._kinds.clear()
        self._kinds.update((id(container), id(type(container))) for container in containers)

    def __len__(self) -> int:
        return len(self._lengths)

    def alive(self) -> list[object]:
        """The growing containers that grow by atoms; borrowed, to be cleared by the caller."""
        # What has not been looked at twice, as work that ended early leaves it, has not grown yet;
        # what has become shorter was emptied, or is another one at the same address.
        return [
            it
            for it in self.still_there()
            if id(it) in self._started
            and length_of(it) >= self._lengths[id(it)]
            and grows_by_atoms(it)
        ]

    def still_there(self) -> list[Any]:
        """The known containers; borrowed.

        Only while one is missing is the whole heap asked for those that are not tracked.
        """
        if not self._lengths:
            return []
        everything = get_objects()
        found = self._known(of_types(everything, COMPARED))
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
            entries = length_of(container) - self._started[id(container)]
            if is_buffer(container):
                size = entries * bytes_of_an_entry(container)
                some = min(entries, runs)
                found[id(container)] = GrownContainer(some, entry_type(container), size, runs)
                continue
            # Of a mapping, keys and values together are an entry.
            sample = sum(map(shallow_size, newest(container)))
            size = round(entries * sample / min(len(container), SAMPLE))
            grown = GrownContainer(entries, entry_type(container), size, runs)
            found[id(container)] = grown
        return found


def weighed(
    grown: Mapping[int, GrownContainer], containers: Iterable[Any], question: Question
) -> dict[int, GrownContainer]:
    """The growth of containers with what their entries keep alive, estimated from the newest.

    Args:
        grown: by id.
        containers: live ones, among them those.
        question: has the sizes that plugins know.
    """
    found = dict(grown)
    for container in containers:
        known = grown.get(id(container))
        if known is None or is_buffer(container) or not len(container):
            continue
        groups = [[entry] for entry in newest(container)]
        total = bytes_of_groups(groups, question.sizers, question.shared)
        beside = total.process - sum(shallow_size(entry) for (entry,) in groups)
        groups.clear()
        share = known.entries / min(len(container), SAMPLE)
        found[id(container)] = replace(
            known,
            retained=known.size + round(beside * share),
            device=round(total.device * share),
            unseen=round(total.unseen * share),
        )
    return found


def every_container() -> list[Any]:
    """Every list, set, deque, context, mapping, array, bytearray and file in memory; borrowed.

    Of exactly a builtin type: what others are made of is theirs.

    A bytearray is not tracked, nor is a dict of strings and numbers (CPython up to 3.13), so they
    are found only through the object that refers to them.
    """
    everything = get_objects()
    found = of_types(everything, COMPARED)
    found += untracked_containers(everything)
    everything.clear()
    return found


def is_buffer(container: object) -> bool:
    """Whether it has its entries as bytes and not as objects."""
    return is_exactly(container, BUFFERS)


def bytes_of_an_entry(buffer: Any) -> int:
    """How large each entry is, of those that `length_of` counts."""
    if id(type(buffer)) in FILES:
        return BYTES_WRITTEN
    return buffer.itemsize if type(buffer) is array else 1


def length_of(container: Any) -> int:
    """How many entries a container has; of a file in memory how far it was written."""
    if id(type(container)) not in FILES:
        return len(container)
    try:
        return int(container.tell()) // BYTES_WRITTEN
    except ValueError:  # it is closed
        return 0


def standard_streams() -> frozenset[int]:
    """Ids of the files in memory to which is written what the program prints."""
    streams = [sys.stdout, sys.stderr]
    return frozenset(id(it) for stream in streams for it in (stream, *get_referents(stream)))


def newest(container: Any) -> list[object]:
    """Some of the entries added last; of a set or a context any, for those have no order."""
    if is_exactly(container, DICTS):
        # The own iterator of an OrderedDict asks each key for its hash.
        keys = list(islice(dict.__reversed__(container), SAMPLE))
        return [
            *keys,
            *(dict.__getitem__(container, key) for key in keys if is_exactly(key, ATOMS)),
        ]
    if type(container) is Context:
        return variables_of(container)
    if is_buffer(container):
        return []
    if type(container) is set:
        return list(islice(container, SAMPLE))
    return list(islice(reversed(container), SAMPLE))


def variables_of(context: Context) -> list[object]:
    """Variables of a context whose values the collector does not track; none if they are few.

    A value that it does track is known by itself.
    """
    some = list(islice(context.items(), SAMPLE))
    found: list[object] = [variable for variable, value in some if not is_tracked(value)]
    return found if len(found) * 2 > len(some) else []


def grows_by_atoms(container: Any) -> bool:
    """Whether the newest entries, if any, refer to nothing that the collector knows."""
    if is_buffer(container):
        return True
    entries = newest(container) if len(container) else []
    return bool(entries) and all(is_exactly(it, ATOMS) or not is_tracked(it) for it in entries)


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
    """Type of what the container grows by: of a dict's values, or of its keys if those are None.

    So it is where only C code can look into the value, as in the table of an `lru_cache`.
    """
    if is_buffer(container):
        if type(container) is array:
            return full_type_name(type(container[0]))
        return FILES.get(id(type(container)), "builtins.bytes")
    entry = newest(container)[0]
    if is_exactly(container, DICTS) and is_exactly(entry, ATOMS):
        value = dict.__getitem__(container, entry)
        entry = entry if value is None or type_name(type(value)) == BOUNDED_ENTRY else value
    return full_type_name(type(entry))
