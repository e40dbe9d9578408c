"""What leakwatch says on stderr: one line each, beginning with its name."""

import sys
import traceback
from contextlib import suppress

from leakwatch.reports.wording import printable


def complain(text: str) -> None:
    """An error: what, where, what was expected, what to do."""
    say(f"leakwatch: error: {text}")


def warn(text: str) -> None:
    """Something that the user should know and that stops nothing."""
    say(f"leakwatch: warning: {text}")


def complain_of_fault(error: Exception, *, debug: bool) -> None:
    """leakwatch itself failed; the traceback is there for those who ask for it."""
    if debug:
        traceback.print_exception(error)
    hint = "" if debug else "; run again with LEAKWATCH_DEBUG=1 for the traceback"
    complain(f"a fault of leakwatch itself: {type(error).__name__}: {error}{hint}")


def say(text: str) -> None:
    """One line on stderr, if there is a stderr."""
    with suppress(OSError, ValueError, AttributeError):
        # The program may have replaced or closed sys.stderr.
        stream = sys.__stderr__
        assert stream is not None
        stream.write(f"{printable(text)}\n")
        stream.flush()
