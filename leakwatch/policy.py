"""What happens when a scope has found leaks."""

import warnings
from collections.abc import Callable
from typing import Literal, get_args

from leakwatch.errors import ConfigurationError, LeakError, LeakWarning
from leakwatch.report import Report

Policy = Literal["raise", "warn", "log"]
OnLeak = Policy | Callable[[Report], object] | None
POLICIES = get_args(Policy)


def checked(on_leak: OnLeak) -> OnLeak:
    """The policy, if it is one.

    Raises:
        ConfigurationError: it is neither a known word nor a callable nor None.
    """
    if on_leak is None or on_leak in POLICIES or callable(on_leak):
        return on_leak
    raise ConfigurationError(
        f"on_leak: expected {', '.join(map(repr, POLICIES))}, a callable or None, got {on_leak!r}"
    )


def act(report: Report, on_leak: OnLeak, error: BaseException | None) -> None:
    """Carry out the policy; an exception of the scope's body is never masked.

    Args:
        report: what was found; nothing happens if it is clean.
        on_leak: the policy; None leaves it to the plugins, which were told already.
        error: the exception on its way out of the body, which gets a note instead.

    Raises:
        LeakError: the policy is `raise` and the body raised nothing itself.
    """
    if report.ok or on_leak is None:
        return
    if callable(on_leak):
        on_leak(report)
    elif error is not None:
        error.add_note(str(report))
    elif on_leak == "raise":
        raise LeakError(str(report), report)
    elif on_leak == "warn":
        warnings.warn(str(report), LeakWarning, stacklevel=4)
    else:
        log(report)


def log(report: Report) -> None:
    """One record of the logger `leakwatch`: a constant message, plain data as arguments."""
    import logging

    logging.getLogger("leakwatch").warning(
        "objects outlived %s: %s", report.scope, str(report), extra={"leakwatch": report.to_dict()}
    )
