"""What happens when a scope has found leaks."""

import sys
import warnings
from collections.abc import Callable
from typing import Any, Literal, get_args

from leakwatch.errors import ConfigurationError, LeakError, LeakWarning
from leakwatch.fields import entry, file_of, globals_of, has_plain_keys, text
from leakwatch.heap.asking import asking_frame
from leakwatch.report import Report

Policy = Literal["raise", "warn", "log"]
OnLeak = Policy | Callable[[Report], object] | None
POLICIES = get_args(Policy)
LOGGING_PLUGIN = "leakwatch_logging"
REGISTRY = "__warningregistry__"
MESSAGE = "objects outlived %s: %s"


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
    if error is not None:
        error.add_note(str(report))
        if callable(on_leak):
            noted(lambda: on_leak(report), error)
    elif callable(on_leak):
        on_leak(report)
    elif on_leak == "raise":
        raise LeakError(str(report), report)
    elif on_leak == "warn":
        warn(report)
    else:
        log(report)


def noted(call: Callable[[], object], error: BaseException) -> None:
    """Call; what it raises becomes a note on an exception that is on its way already."""
    try:
        call()
    except Exception as second:  # noqa: BLE001 - the first exception is the one to be seen
        error.add_note(f"on_leak failed: {type(second).__name__}: {second}")


def warn(report: Report) -> None:
    """Warn at the line of the program that runs the scope, not at one of ours."""
    frame = asking_frame()
    if frame is None:
        warnings.warn(str(report), LeakWarning, stacklevel=2)
        return
    namespace = globals_of(frame)
    place = (file_of(frame.f_code), frame.f_lineno)
    module = text(entry(namespace, "__name__")) or ""
    warnings.warn_explicit(str(report), LeakWarning, *place, module, registry_of(namespace))


def registry_of(namespace: dict[str, object]) -> dict[Any, Any]:
    """Where `warnings` notes what it has shown of a module, made as `warnings.warn` makes it.

    Code that `exec` runs may have globals of the program's own kind, which are not written to.
    """
    registry: Any = entry(namespace, REGISTRY)
    if type(registry) is dict:
        return registry
    made: dict[Any, Any] = {}
    if type(namespace) is dict and has_plain_keys(namespace):
        namespace[REGISTRY] = made
    return made


def log(report: Report) -> None:
    """One record of the logger `leakwatch`: a constant message, plain data as arguments.

    The logging plugin has written its records by now, so there is nothing to add; but in a
    program that never set up logging nobody sees them, and this one is printed.
    """
    import logging

    configured = bool(logging.getLogger().handlers)
    if configured and LOGGING_PLUGIN in sys.modules:
        return
    logger = logging.getLogger("leakwatch")
    details = {"leakwatch": report.to_dict()}
    arguments = (report.scope, str(report))
    record = logger.makeRecord(
        logger.name, logging.WARNING, "", 0, MESSAGE, arguments, None, extra=details
    )
    if configured or logging.lastResort is None:
        logger.handle(record)
    else:
        logging.lastResort.handle(record)
