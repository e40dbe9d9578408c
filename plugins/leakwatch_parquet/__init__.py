"""Heaps as Parquet, for DuckDB, Polars, Spark and whatever else reads columns.

    leakwatch snapshot -o monday.parquet monday.lwheap convert

One folder with three files: `types.parquet`, `nodes.parquet` and `edges.parquet`. pyarrow is
imported when the first is written, and comes with the extra `parquet`.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable

from leakwatch import hookimpl
from leakwatch.errors import ConfigurationError
from leakwatch.extending import HeapFormat, HeapTables

__all__ = ["leakwatch_heap_formats", "write"]


def write(tables: HeapTables, path: str) -> None:
    """Write the tables of a heap into a folder.

    Args:
        tables: of the heap.
        path: of the folder, which is made; one that has such files only is replaced.

    Raises:
        ConfigurationError: pyarrow is not installed.
        SnapshotError: the folder cannot be written.
    """
    try:
        from leakwatch_parquet.writing import write_folder
    except ImportError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        raise ConfigurationError(
            "a .parquet needs pyarrow; install the extra `parquet`: "
            "pip install 'leakwatch-framework[parquet]'"
        ) from None
    write_folder(tables, path)


@hookimpl
def leakwatch_heap_formats() -> Iterable[HeapFormat]:
    """`parquet`."""
    return [HeapFormat("parquet", (".parquet",), write, "three tables, for DuckDB and the like")]
