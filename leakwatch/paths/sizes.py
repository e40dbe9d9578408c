"""What would be freed if a survivor were gone, with memory that several objects may use.

What an object has for itself is its size. What it shares, the array that views show or a storage,
is counted once, and for a leak only if all who use it are of leaked objects: the rest of the
program keeps it alive otherwise.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from leakwatch.heap.objects import shallow_size, sizeof_of
from leakwatch.heap.of_class import Calls, calls_for
from leakwatch.heap.structural_types import named_groups

Kind = tuple[type, int, int]
"""A type, how many objects there are of exactly that, and their bytes."""


@dataclass(frozen=True, slots=True)
class Buffer:
    """Memory that several objects may use.

    Attributes:
        key: equal for all objects that use it, and for no other memory: such as its address.
        size: bytes.
        holders: how many use it in the whole process, leaked or not; 1 where that is not known.
        on_device: whether the memory is a device's, and not the process's.
        shown: bytes of it that the object shows; None for all.
        is_object: whether it is an object that is found, and counted, like any other.
    """

    key: int
    size: int
    holders: int = 1
    on_device: bool = False
    shown: int | None = None
    is_object: bool = False


@dataclass(frozen=True, slots=True)
class SharedSize:
    """The size of an object that shares memory with others.

    Attributes:
        own: bytes of the object itself.
        buffers: what it uses beside.
    """

    own: int
    buffers: Sequence[Buffer] = ()


Size = SharedSize | Annotated[int, range(2**63)] | None
"""Bytes of an object, what it shares with others apart; or None where they are not known."""
Sizer = Callable[[object], Size]
"""Bytes of an object that the interpreter does not know, or None if it is not the sizer's."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """Bytes, apart by where they are.

    Attributes:
        process: in the process's memory.
        device: in that of devices.
        unseen: of those in the process, what lies in buffers and no object shows.
    """

    process: int = 0
    device: int = 0
    unseen: int = 0

    def __add__(self, other: "Bytes") -> "Bytes":
        return Bytes(
            self.process + other.process,
            self.device + other.device,
            self.unseen + other.unseen,
        )


LEAST_UNSEEN = 4096
"""Bytes for each object below which a copy of what it shows saves too little to speak of."""


def is_mostly_unseen(unseen: int, retained: int, objects: int = 1) -> bool:
    """Whether most of what objects retain is the rest of buffers that they show a part of.

    Args:
        unseen: bytes of that rest. Where more is unseen than retained, others have the buffer too.
        retained: bytes.
        objects: how many.
    """
    return LEAST_UNSEEN * objects <= unseen <= retained and 4 * unseen >= 3 * retained


class SharedBuffers:
    """The buffers that leaked objects of one analysis use, each credited once."""

    __slots__ = ("_shown", "_users")

    def __init__(self) -> None:
        self._users: dict[int, int] = {}
        self._shown: dict[int, int] = {}

    def credit(self, shared: SharedSize) -> Bytes:
        """The bytes of an object, with the buffers of which it is the last known user."""
        total = Bytes(shared.own)
        for buffer in shared.buffers:
            total += self._use(buffer)
        return total

    def _use(self, buffer: Buffer) -> Bytes:
        """The bytes of a buffer that one more use of it brings."""
        key = buffer.key
        users = self._users[key] = self._users.get(key, 0) + 1
        before = self._shown.get(key, 0)
        self._shown[key] = before + (buffer.size if buffer.shown is None else buffer.shown)
        if users < buffer.holders:
            return Bytes()
        unseen = max(0, buffer.size - self._shown[key])
        if users > buffer.holders:
            # More than were known of: what they show is unseen no longer.
            return Bytes(unseen=unseen - max(0, buffer.size - before))
        if buffer.on_device:
            return Bytes(device=buffer.size)
        return Bytes(0 if buffer.is_object else buffer.size, unseen=unseen)


def size_of_groups(
    groups: Iterable[list[object]],
    sizers: Calls[Size] = (),
    shared: SharedBuffers | None = None,
) -> int:
    """Bytes of the process's memory only, as of `bytes_of_groups`."""
    return bytes_of_groups(groups, sizers, shared or SharedBuffers()).process


def kinds_in(
    groups: Iterable[list[object]], owner: object, sizers: Calls[Size] = ()
) -> Iterator[Kind]:
    """Yield the types with a name that a survivor retains, nearest first; not its own.

    Args:
        groups: what it alone keeps alive, in groups of one exact type each, in the order of
            discovery (`HeapGraph.owned`).
        owner: the survivor.
        sizers: sizes that plugins know.
    """
    for group in named_groups(groups, owner):
        yield type(group[0]), len(group), size_of_groups([group], sizers)


def bytes_of_groups(
    groups: Iterable[list[object]], sizers: Calls[Size], shared: SharedBuffers
) -> Bytes:
    """Bytes of objects that come in groups of one exact type each.

    Args:
        groups: the objects.
        sizers: sizes that plugins know.
        shared: the buffers that were used so far.
    """
    total = Bytes()
    for group in groups:
        cls = type(group[0])
        asked = calls_for(cls, sizers) if sizers else []
        if asked:
            for member in group:
                total += _bytes_of(member, asked, shared)
        else:
            sizeof, header = sizeof_of(cls)
            total += Bytes(sum(map(sizeof, group)) + header * len(group))
    return total


def _bytes_of(subject: object, sizers: Sequence[Sizer], shared: SharedBuffers) -> Bytes:
    """Bytes of one object: a plugin's answer if there is one, else the interpreter's."""
    for sizer in sizers:
        known = sizer(subject)
        if type(known) is SharedSize:
            return shared.credit(known)
        if type(known) is int:
            return Bytes(known)
    return Bytes(shallow_size(subject))


def size_with_exporter(view: Any) -> SharedSize:
    """Bytes of a memoryview, which shows a part of another object perhaps, and keeps all of it."""
    try:
        base, shown = view.obj, view.nbytes
    except ValueError:  # it is released
        return SharedSize(shallow_size(view))
    return SharedSize(
        shallow_size(view), [Buffer(id(base), shallow_size(base), shown=shown, is_object=True)]
    )
