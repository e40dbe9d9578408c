"""Our own work, guarded and timed: a fault of ours never ends somebody's test run."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from leakwatch.integration import described, monotonic

TESTS = "tests"
END = "end"


class Faults:
    """What went wrong inside the plugin; after the first fault nothing more is judged.

    Attributes:
        notes: one sentence a fault.
        seconds: what the plugin took, beside the tests and at the end.
    """

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.seconds = {TESTS: 0.0, END: 0.0}

    def __bool__(self) -> bool:
        return bool(self.notes)

    @contextmanager
    def guarded(self, where: str, part: str = TESTS) -> Iterator[None]:
        """Note an exception of the block and go on behind it."""
        began = monotonic()
        try:
            yield
        except Exception as error:  # noqa: BLE001 - whatever it is, the test run goes on
            note = f"leakwatch failed {where} ({described(error)}); it stopped judging"
            self.notes.append(note)
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn(note, RuntimeWarning, stacklevel=3)
        finally:
            self.seconds[part] += monotonic() - began
