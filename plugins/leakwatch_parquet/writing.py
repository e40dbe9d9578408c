"""Columns of a heap as tables of Arrow, and those as files."""

import os
import secrets
import shutil
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from leakwatch.errors import SnapshotError, shown_path
from leakwatch.extending import HeapColumn, HeapTables

TABLES = ("types", "nodes", "edges")
NUMBERS = {4: pa.uint32(), 8: pa.uint64()}
"""By the bytes of a number."""


def write_folder(tables: HeapTables, path: str) -> None:
    """Write three files into a new folder and move it to its place.

    Raises:
        SnapshotError: it cannot be written, or something else is there.
    """
    target = os.path.abspath(path)
    if os.path.lexists(target) and not is_ours(target):
        raise SnapshotError(f"{shown_path(path)}: there is something else; nothing is replaced")
    draft = os.path.join(os.path.dirname(target), f".leakwatch-{secrets.token_hex(8)}.tmp")
    try:
        os.mkdir(draft, 0o700)
        for name in TABLES:
            table = table_of(getattr(tables, name), tables.facts)
            pq.write_table(table, os.path.join(draft, f"{name}.parquet"), compression="zstd")
        if os.path.lexists(target):
            shutil.rmtree(target)
        os.rename(draft, target)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SnapshotError(f"{shown_path(path)}: cannot write: {reason}") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def is_ours(folder: str) -> bool:
    """Whether it is a folder with such files and nothing else."""
    if os.path.islink(folder) or not os.path.isdir(folder):
        return False
    return set(os.listdir(folder)) == {f"{name}.parquet" for name in TABLES}


def table_of(columns: Mapping[str, HeapColumn], facts: Mapping[str, str]) -> pa.Table:
    """A table of Arrow; it says of which process it is."""
    arrays = {name: array_of(column) for name, column in columns.items()}
    return pa.table(arrays).replace_schema_metadata(dict(facts))


def array_of(column: HeapColumn) -> pa.Array:
    """A column of Arrow, over the same memory."""
    values = memoryview(column.values)  # type: ignore[arg-type]  # it has the buffer's protocol
    kind = NUMBERS[values.itemsize]
    found = pa.Array.from_buffers(kind, len(values), [None, pa.py_buffer(values)])
    if column.missing is not None:
        nothing = pa.scalar(None, kind)
        found = pc.if_else(pc.equal(found, pa.scalar(column.missing, kind)), nothing, found)
    if column.texts is None:
        return found
    # A name may have half a pair of surrogates, which is no text elsewhere.
    texts = [text.encode("utf-8", "replace").decode() for text in column.texts]
    return pa.DictionaryArray.from_arrays(found, pa.array(texts, pa.string()))
