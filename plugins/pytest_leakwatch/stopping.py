"""What ended a run before its last test, in words."""

import pytest


def stopped_by(error: BaseException) -> str:
    """Why the loop over the tests was left: Ctrl-C, `pytest.exit`, `-x`, `--maxfail`."""
    if isinstance(error, pytest.exit.Exception):
        return f"pytest.exit: {error.msg}"
    if isinstance(error, pytest.Session.Failed | pytest.Session.Interrupted):
        return str(error)
    return "interrupted" if isinstance(error, KeyboardInterrupt) else type(error).__name__
