"""The entries of a dict at one moment."""

from typing import TypeVar

__all__ = ["pairs_of"]

K = TypeVar("K")
V = TypeVar("V")


def pairs_of(data: dict[K, V]) -> list[tuple[K, V]]:
    """Return the pairs of `data`, without a call of any `__eq__`.

    Since CPython 3.12 that is one step: the collector waits until the list is made. On 3.11 each
    pair may set off a collection, whose callbacks take entries out of `data`; then it begins again.
    `dict.copy` is no one step either: where a third of the entries were removed it inserts them
    one by one, so it compares keys of equal hash, and raises if a comparison changes `data`.
    """
    while True:
        try:
            return list(data.items())
        except RuntimeError:  # "dictionary changed size during iteration"
            continue
