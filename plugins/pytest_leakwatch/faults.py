"""Our own work, guarded and timed: a fault of ours ends nobody's test run, and is never green."""

import os
import traceback
from collections.abc import Callable

from leakwatch.integration import described, inherits, monotonic

TESTS = "tests"
END = "end"
IN_A_ROW = 3
"""So many tests one after the other that could not be judged: what stands in the way is not one
test's but in the process, and each further attempt costs time and finds nothing. Fewer may be one
class of tests with the same odd object."""
MOST_NAMED = 5
SEND = (
    "this is a fault of leakwatch, not of your tests: please send these lines to its maintainers, "
    "with what LEAKWATCH_DEBUG=1 adds to them"
)


class Faults:
    """What went wrong inside the plugin.

    Args:
        recover: brings the suite into a state from which the next test can be judged; called
            after each fault, and when our own work was interrupted.

    Attributes:
        notes: one text a fault.
        number: how often our work was broken off, by a fault or an interrupt: whoever remembers
            it can tell whether what was begun is still there.
        seconds: what the plugin took, beside the tests and at the end.
    """

    def __init__(self, recover: Callable[[], None]) -> None:
        self._recover = recover
        self._in_a_row = 0
        self.notes: list[str] = []
        self.number = 0
        self.seconds = {TESTS: 0.0, END: 0.0}

    @property
    def given_up(self) -> bool:
        """Whether nothing more is to be judged."""
        return self._in_a_row >= IN_A_ROW

    def went_well(self) -> None:
        """Note that a test was judged: the next fault is not one in a row."""
        self._in_a_row = 0

    def guarded(self, where: str, part: str = TESTS) -> "Guard":
        """Note an exception of the block and go on behind it; an interrupt passes."""
        return Guard(self, where, part)

    def note(self, where: str, error: Exception) -> None:
        """Remember a fault; of many only how many there were."""
        self.notes.append(fault_line(where, error))

    def summary(self) -> str | None:
        """All faults in one text, or None without any."""
        notes = list(dict.fromkeys(self.notes))
        more = len(notes) - MOST_NAMED
        shown = [*notes[:MOST_NAMED], *([f"and {more:,} more faults"] if more > 0 else [])]
        if self.given_up:
            shown.append(f"after {IN_A_ROW} faults in a row nothing more was judged")
        return "; ".join(shown) or None

    def broken_off(self, where: str, error: BaseException) -> bool:
        """Note that our work was broken off by an exception; whether to go on all the same."""
        is_fault = inherits(type(error), Exception)
        if is_fault:
            self.note(where, error)  # type: ignore[arg-type]
            self._in_a_row += 1
        self.number += 1
        try:
            self._recover()
        except Exception as further:  # noqa: BLE001 - whatever it is, the test run goes on
            self.note(f"to recover {where}", further)
        return is_fault


class Guard:
    """A block of our own work, see `Faults.guarded`."""

    __slots__ = ("_began", "_faults", "_part", "_where")

    def __init__(self, faults: Faults, where: str, part: str) -> None:
        self._faults = faults
        self._where = where
        self._part = part

    def __enter__(self) -> None:
        self._began = monotonic()

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        try:
            return error is not None and self._faults.broken_off(self._where, error)
        finally:
            self._faults.seconds[self._part] += monotonic() - self._began


def fault_line(where: str, error: Exception) -> str:
    """A fault in one line, with the place in our code; with the whole traceback if asked for."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {os.path.basename(frames[-1].filename)}:{frames[-1].lineno}" if frames else ""
    line = f"leakwatch itself failed {where}: {described(error)}{place}"
    if os.environ.get("LEAKWATCH_DEBUG", "") in {"", "0"}:
        return line
    return "\n".join([line, *(text.rstrip() for text in traceback.format_tb(error.__traceback__))])
