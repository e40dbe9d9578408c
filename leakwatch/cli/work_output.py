"""What repeated work prints: shown for its first calls, then hidden, so that the report is seen.

Hidden are the descriptors 1 and 2 themselves: C code, child processes and what has kept a stream
of its own write there too.
"""

import os
import sys
from contextlib import suppress
from tempfile import TemporaryFile
from typing import Self, TextIO

from leakwatch.cli.messages import say
from leakwatch.cli.program import flush
from leakwatch.reports.wording import counted

STDOUT, STDERR = 1, 2
SHOWN = 10
"""Calls whose output is shown: as many as a hunt makes where nothing grows."""
CHUNK = 1 << 16
MOST_KEPT = 1 << 20
"""Bytes of hidden output after which the file is emptied."""


class WorkOutput:
    """Hides what is printed after the first calls; use it in a `with` block around all work.

    Everything is opened at the beginning: it must not look like descriptors that the work leaks.

    Attributes:
        stderr: the real stderr also while that of the work is hidden.
        lines: hidden so far.
    """

    def __init__(self) -> None:
        self.stderr: TextIO | None = sys.__stderr__
        self.lines = 0
        self._saved: dict[int, int] = {}
        self._file = None
        self._hidden = False
        self._calls = 0
        # Where a stream is closed or no file can be made, all is shown.
        with suppress(OSError):
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115 - see `__exit__`
            for stream in (STDOUT, STDERR):
                self._saved[stream] = os.dup(stream)
            self.stderr = open(self._saved[STDERR], "w", closefd=False)  # noqa: SIM115 - see `__exit__`

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.show()
        self.stderr = sys.__stderr__
        for saved in self._saved.values():
            os.close(saved)
        self._saved.clear()
        if self._file is not None:
            self._file.close()

    def before_call(self) -> None:
        """Note that the work is called, and hide what it prints if it was called often enough."""
        self._calls += 1
        if self._calls == SHOWN + 1:
            self._hide()

    def _hide(self) -> None:
        if self._file is not None and len(self._saved) == 2:
            flush()
            self._hidden = True
            for stream in self._saved:
                os.dup2(self._file.fileno(), stream)

    def show(self) -> None:
        """Show what is printed from now on."""
        if self._hidden:
            flush()
            self._hidden = False
            for stream, saved in self._saved.items():
                os.dup2(saved, stream)
            self.empty(0)

    def empty(self, most: int = MOST_KEPT) -> None:
        """Count the hidden lines and forget them, where they are more than so many bytes."""
        if self._file is None or os.fstat(self._file.fileno()).st_size <= most:
            return
        # The work writes from where this file is read: they share one position.
        self._file.seek(0)
        while part := self._file.read(CHUNK):
            self.lines += part.count(b"\n")
        self._file.seek(0)
        self._file.truncate()

    def tell(self) -> None:
        """Say how much was hidden, if anything."""
        if self.lines:
            say(
                f"leakwatch: {counted(self.lines, 'line')} that the work printed after its first "
                f"{SHOWN} calls are not shown; --show-output shows all"
            )
