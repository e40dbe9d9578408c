"""What pytest keeps of a test and would drop a little later, or at the end of the session."""

import sys
from collections.abc import Iterable
from contextlib import suppress

import pytest

LAST = ("last_exc", "last_value", "last_type", "last_traceback")


def let_go_of(item: pytest.Item) -> None:
    """Drop what pytest itself would drop one step later."""
    values = item.__dict__.get("funcargs")
    if type(values) is dict:
        values.clear()
    forget_last_exception()


def let_go_of_instances(items: Iterable[pytest.Item]) -> None:
    """Drop the instances of test classes, which a suite may have by the thousand.

    pytest keeps them for the session, and makes a new one should anybody ask again. For the
    test cases of unittest it drops them itself.
    """
    for item in items:
        item.__dict__.pop("_instance", None)
        item.__dict__.pop("_obj", None)


def forget_last_exception() -> None:
    """The frames of a failed test, kept for a debugger until the next call."""
    for name in LAST:
        with suppress(AttributeError):
            delattr(sys, name)
