"""The bytes of a file: named columns behind a header in JSON, as `safetensors` lays them out.

Eight bytes say how long the header is; it says of each column the type, the shape and where it
lies; the columns follow, little-endian, without gaps. No code runs on reading. Whoever reads checks
every length and bound before anything is used: a file may come from anywhere.
"""

import json
import mmap
import os
import struct
import sys
from array import array
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from leakwatch.errors import SnapshotError, quoted, shown_path
from leakwatch.reports.files import cause

SCHEMA = "leakwatch.heap/1"
SUFFIX = ".lwheap"
LENGTH = struct.Struct("<Q")
LARGEST_HEADER = 1 << 20
"""Bytes; ours has four thousand."""
MOST_METADATA = 64
WIDTHS = {"U8": 1, "U32": 4}
ALIGNED = 8

COLUMNS = {
    "objects.type": "U32",
    "objects.size": "U32",
    "objects.atoms": "U32",
    "objects.length": "U32",
    "edges.offset": "U32",
    "edges.target": "U32",
    "edges.name": "U32",
    "hidden.holder": "U32",
    "hidden.target": "U32",
    "hidden.name": "U32",
    "joint.holder": "U32",
    "joint.edge": "U32",
    "joint.name": "U32",
    "joint.hops": "U32",
    "own.object": "U32",
    "own.module": "U32",
    "own.name": "U32",
    "own.place": "U32",
    "judged.object": "U32",
    "judged.verdict": "U32",
    "judged.reason": "U32",
    "judged.state": "U32",
    "equal.type": "U32",
    "equal.copies": "U32",
    "equal.bytes": "U32",
    "equal.holder": "U32",
    "names.offset": "U32",
    "names.general": "U32",
    "names.text": "U8",
    "types": "U8",
    "roots": "U8",
}
"""Every column of a file, with the type of its numbers."""


def write(file: BinaryIO, columns: Mapping[str, bytes], metadata: Mapping[str, str]) -> int:
    """Write everything into a new file.

    Args:
        file: open and empty.
        columns: little-endian, one for each of `COLUMNS`.
        metadata: what is known of the whole.

    Returns:
        its bytes.
    """
    ordered = sorted(COLUMNS, key=lambda name: -WIDTHS[COLUMNS[name]])
    header = header_of([(name, len(columns[name])) for name in ordered], metadata)
    file.write(header)
    file.writelines(columns[name] for name in ordered)
    return file.tell()


def size_of(columns: Mapping[str, bytes], metadata: Mapping[str, str]) -> int:
    """The bytes of the file that would be written."""
    sizes = [(name, len(columns[name])) for name in COLUMNS]
    return len(header_of(sizes, metadata)) + sum(size for _, size in sizes)


def header_of(sizes: list[tuple[str, int]], metadata: Mapping[str, str]) -> bytes:
    """The header with its length; columns of wider numbers come first, so that all are aligned."""
    header: dict[str, Any] = {"__metadata__": {"schema": SCHEMA, **metadata}}
    at = 0
    for name, size in sizes:
        width = WIDTHS[COLUMNS[name]]
        header[name] = {
            "dtype": COLUMNS[name],
            "shape": [size // width],
            "data_offsets": [at, at + size],
        }
        at += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % ALIGNED)
    return LENGTH.pack(len(text)) + text


class Broken(Exception):
    """What is wrong with a file, in words."""


class Mapped:
    """A file whose header was checked, mapped into memory.

    Attributes:
        columns: the numbers, by name.
        metadata: what is known of the whole.
        size: bytes of the file.
    """

    __slots__ = ("_map", "columns", "metadata", "size")

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open and check.

        Raises:
            SnapshotError: the file cannot be read, or is no whole snapshot.
        """
        try:
            with open(path, "rb") as file:
                self.size = os.fstat(file.fileno()).st_size
                header, start = read_header(file.read(LENGTH.size + LARGEST_HEADER), self.size)
                self._map = mapped(file.fileno(), self.size)
            self.metadata = metadata_of(header)
            self.columns = {
                name: numbers(self._map, dtype, start + first, start + last)
                for name, dtype, first, last in checked_columns(header, self.size - start)
            }
        except (OSError, ValueError) as error:
            raise SnapshotError(
                f"{shown_path(path)}: cannot read the snapshot: {cause(error)}"
            ) from None
        except Broken as reason:
            raise refused(path, str(reason)) from None


def mapped(descriptor: int, size: int) -> mmap.mmap:
    """A file in memory."""
    found = mmap.mmap(descriptor, 0, access=mmap.ACCESS_READ)
    if len(found) != size:
        raise Broken("it changed while it was read")
    return found


def refused(path: str | os.PathLike[str], reason: str) -> SnapshotError:
    """The error for a file that is no snapshot."""
    return SnapshotError(f"{shown_path(path)}: not a whole snapshot: {reason}")


def read_header(start: bytes, size: int) -> tuple[dict[str, Any], int]:
    """The header, and where the columns begin."""
    if len(start) < LENGTH.size:
        raise Broken("it is too short")
    (length,) = LENGTH.unpack_from(start)
    end = LENGTH.size + length
    if length > LARGEST_HEADER or end > size:
        raise Broken(f"its header would have {length:,} bytes")
    try:
        header = json.loads(start[LENGTH.size : end])
    except (ValueError, RecursionError):
        raise Broken("its header is not JSON") from None
    if type(header) is not dict:
        raise Broken("its header is no object")
    return header, end


def metadata_of(header: dict[str, Any]) -> dict[str, str]:
    """What is known of the whole; taken out of the header."""
    found = header.pop("__metadata__", None)
    if type(found) is not dict or len(found) > MOST_METADATA:
        raise Broken("it has no metadata")
    if not all(type(value) is str for value in found.values()):
        raise Broken("its metadata are no strings")
    if found.get("schema") != SCHEMA:
        raise Broken(f"its schema is {quoted(found.get('schema'))}, expected {SCHEMA}")
    return found


def checked_columns(header: dict[str, Any], room: int) -> Iterator[tuple[str, str, int, int]]:
    """Name, type, start and end of each column; they must fill the room without gaps."""
    if header.keys() != COLUMNS.keys():
        odd = sorted(header.keys() ^ COLUMNS.keys())
        raise Broken(f"it lacks a column or has one too many: {quoted(odd[0])}")
    found = sorted((checked_column(name, header[name]) for name in COLUMNS), key=lambda it: it[2:])
    at = 0
    for name, _, first, last in found:
        if first != at:
            raise Broken(f"column {name} does not follow the one before it")
        at = last
    if at != room:
        raise Broken(f"its columns have {at:,} bytes, the file has {room:,} for them")
    yield from found


def checked_column(name: str, column: Any) -> tuple[str, str, int, int]:
    """One column, if what is said of it fits together."""
    if type(column) is not dict or column.keys() != {"dtype", "shape", "data_offsets"}:
        raise Broken(f"column {name} is not described")
    shape, offsets = column["shape"], column["data_offsets"]
    for given, length in ((shape, 1), (offsets, 2)):
        if type(given) is not list or [*map(type, given)] != [int] * length or min(given) < 0:
            raise Broken(f"column {name} has an odd shape or place")
    if column["dtype"] != COLUMNS[name]:
        raise Broken(f"column {name} has another type of numbers")
    first, last = offsets
    width = WIDTHS[COLUMNS[name]]
    if last - first != shape[0] * width or first % width:
        raise Broken(f"column {name} has another length than its shape says")
    return name, COLUMNS[name], first, last


def numbers(file: mmap.mmap, dtype: str, first: int, last: int) -> memoryview:
    """A column of the file, in place; copied only where the machine has the other byte order."""
    view = memoryview(file)[first:last]
    if dtype == "U8":
        return view
    if sys.byteorder == "little":
        return view.cast("I")
    copied = array("I", bytes(view))
    copied.byteswap()
    return memoryview(copied)
