"""A fault of ours is a fact in the summary, and never the end of somebody's test run."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager


class Faults:
    """What went wrong inside the plugin; after the first fault nothing more is judged."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def __bool__(self) -> bool:
        return bool(self.notes)

    @contextmanager
    def guarded(self, where: str) -> Iterator[None]:
        """Note an exception of the block and go on behind it."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the test run goes on
            note = f"leakwatch failed {where} ({type(error).__name__}: {error}); it stopped judging"
            self.notes.append(note)
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn(note, RuntimeWarning, stacklevel=3)
