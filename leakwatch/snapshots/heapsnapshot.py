"""A file in the format of V8's heap snapshots, for Chrome's DevTools and MemLab.

One JSON document: rows of numbers for nodes and edges, and the strings that they name. V8 counts
sizes as we do, and computes retained sizes by itself. The first node stands above all roots. It may
refer to an object once only: DevTools refuses a file in which it does so twice. So where several
roots hold one object, the further ones stand below a second node.
"""

import json
import os
from collections.abc import Iterable, Iterator

from leakwatch.errors import SnapshotError, shown_path
from leakwatch.heap.edges import INDEX, Name
from leakwatch.reports.files import cause, replace
from leakwatch.snapshots.heap_file import HeapFile, RootInFile
from leakwatch.snapshots.roots import label_of

NODE_FIELDS = (*("type", "name", "id", "self_size", "edge_count", "trace_node_id", "detachedness"),)
NODE_TYPES = (
    *("hidden", "array", "string", "object", "code", "closure", "regexp", "number", "native"),
    *("synthetic", "concatenated string", "sliced string", "symbol", "bigint", "object shape"),
)
EDGE_FIELDS = ("type", "name_or_index", "to_node")
EDGE_TYPES = ("context", "element", "property", "internal", "hidden", "shortcut", "weak")
WIDTH = len(NODE_FIELDS)
OBJECT, CLOSURE, CODE, ARRAY, SYNTHETIC = (
    NODE_TYPES.index(kind) for kind in ("object", "closure", "code", "array", "synthetic")
)
ELEMENT, PROPERTY, INTERNAL = (
    EDGE_TYPES.index(kind) for kind in ("element", "property", "internal")
)
OF_TYPES = {
    "builtins.list": ARRAY,
    "builtins.tuple": ARRAY,
    "builtins.function": CLOSURE,
    "builtins.frame": CODE,
}
FURTHER = "(further roots)"
ABOVE = 2
"""Nodes before the first object."""
CHUNK = 4096
"""Rows that are written at once."""


def write_heapsnapshot(file: HeapFile, path: str | os.PathLike[str]) -> None:
    """Write a file in V8's format.

    Raises:
        SnapshotError: it cannot be written.
    """
    write_whole(path, Document(file).parts())


def write_whole(path: str | os.PathLike[str], parts: Iterable[bytes]) -> None:
    """Write a file that is there as a whole or not at all.

    Raises:
        SnapshotError: it cannot be written.
    """
    try:
        replace(os.path.realpath(os.fspath(path)), parts)
    except (OSError, ValueError) as error:
        reason = cause(error)
        raise SnapshotError(f"{shown_path(path)}: cannot write the snapshot: {reason}") from None


class Document:
    """The document, part by part, so that it may be larger than memory.

    Args:
        file: the heap.
    """

    def __init__(self, file: HeapFile) -> None:
        self._file = file
        self._strings: dict[str, int] = {}
        held = [root for root in file.facts.roots if root.target >= 0]
        firsts = {root.target: root for root in reversed(held)}
        self._roots = [root for root in held if firsts[root.target] is root]
        self._further = [root for root in held if firsts[root.target] is not root]
        self._kinds = [self._string(it.full_name) for it in file.facts.types]
        self._nodes = [OF_TYPES.get(it.full_name, OBJECT) for it in file.facts.types]
        self._unseen = range(file.reached, len(file))

    def _string(self, text: str) -> int:
        return self._strings.setdefault(text, len(self._strings))

    def parts(self) -> Iterator[bytes]:
        """The text of the document."""
        edges = len(self._file.targets) + len(self._file.hidden)
        edges += 1 + len(self._roots) + len(self._unseen) + len(self._further)
        meta = {
            "node_fields": NODE_FIELDS,
            "node_types": [NODE_TYPES, "string", *["number"] * 5],
            "edge_fields": EDGE_FIELDS,
            "edge_types": [EDGE_TYPES, "string_or_number", "node"],
            "trace_function_info_fields": [],
            "trace_node_fields": [],
            "sample_fields": [],
            "location_fields": [],
        }
        head = {
            "meta": meta,
            "node_count": len(self._file) + ABOVE,
            "edge_count": edges,
            "trace_function_count": 0,
        }
        yield b'{"snapshot":' + json.dumps(head).encode()
        yield from array_of(b"nodes", self._node_rows())
        yield from array_of(b"edges", self._edge_rows())
        yield b',"trace_function_infos":[],"trace_tree":[],"samples":[],"locations":[]'
        strings = (json.dumps(text) for text in self._strings)
        yield from array_of(b"strings", strings)
        yield b"}\n"

    def _node_rows(self) -> Iterator[str]:
        file = self._file
        top, further = self._string("(roots)"), self._string(FURTHER)
        yield f"{SYNTHETIC},{top},1,0,{1 + len(self._roots) + len(self._unseen)},0,0"
        yield f"{SYNTHETIC},{further},2,0,{len(self._further)},0,0"
        for number, kind in enumerate(file.types):
            size = file.sizes[number] + file.atoms[number]
            held = file.offsets[number + 1] - file.offsets[number]
            held += len(file.hidden_by_holder.get(number, ()))
            # DevTools takes odd numbers for objects of the program.
            yield f"{self._nodes[kind]},{self._name(number)},{2 * number + 3},{size},{held},0,0"

    def _name(self, number: int) -> int:
        """The type, with the name of its own that an object has."""
        own = self._file.own.get(number)
        kind = self._file.types[number]
        if own is None:
            return self._kinds[kind]
        name = ".".join(filter(None, map(self._file.text, own[:2])))
        return (
            self._string(f"{self._file.facts.types[kind].name} {name}")
            if name
            else self._kinds[kind]
        )

    def _edge_rows(self) -> Iterator[str]:
        file = self._file
        yield self._edge(PROPERTY, self._string(FURTHER), 1 - ABOVE)
        yield from map(self._of_root, self._roots)
        unseen = self._string("(no root leads to it)")
        for number in self._unseen:
            yield self._edge(PROPERTY, unseen, number)
        yield from map(self._of_root, self._further)
        names = {target: name for target, _, name in file.hidden}
        for number in range(len(file)):
            for edge in file.references(number):
                yield self._reference(file.names[edge], file.targets[edge])
            for target in file.hidden_by_holder.get(number, ()):
                yield self._reference(names[target], target)

    def _of_root(self, root: RootInFile) -> str:
        return self._edge(PROPERTY, self._string(label_of(root)), root.target)

    def _reference(self, name: int, target: int) -> str:
        if name >= INDEX:
            return self._edge(ELEMENT, name - INDEX, target)
        text = self._file.text(name).removeprefix(".") or "(held inside)"
        return self._edge(
            INTERNAL if name == Name.UNNAMED else PROPERTY, self._string(text), target
        )

    @staticmethod
    def _edge(kind: int, name: int, target: int) -> str:
        return f"{kind},{name},{(target + ABOVE) * WIDTH}"


def array_of(name: bytes, rows: Iterable[str]) -> Iterator[bytes]:
    """A member of the document that is an array."""
    yield b',"' + name + b'":['
    chunk: list[str] = []
    first = True
    for row in rows:
        chunk.append(row)
        if len(chunk) == CHUNK:
            yield (b"" if first else b",") + ",\n".join(chunk).encode()
            first = False
            chunk.clear()
    if chunk:
        yield (b"" if first else b",") + ",\n".join(chunk).encode()
    yield b"]"
