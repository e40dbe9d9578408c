"""What happens when a scope has found leaks."""

import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, get_args

from leakwatch.errors import ConfigurationError, LeakError, LeakWarning
from leakwatch.heap.fields import entry, file_of, globals_of, has_plain_keys, text
from leakwatch.heap.provenance import asking_frame
from leakwatch.isolation.calls import add_note, attempted
from leakwatch.report import Report

if TYPE_CHECKING:
    from logging import Logger

Policy = Literal["raise", "warn", "log"]
OnLeak = Policy | Callable[[Report], object] | None
POLICIES = get_args(Policy)
REGISTRY = "__warningregistry__"
MESSAGE = "objects outlived %s: %s"


def checked(on_leak: OnLeak) -> OnLeak:
    """The policy, if it is one.

    Raises:
        ConfigurationError: it is neither a known word nor a callable nor None.
    """
    if on_leak is None or on_leak in POLICIES or callable(on_leak):
        return on_leak
    # Here: who names references needs half of the heap walk, and every plugin that logs has us.
    from leakwatch.paths.names.name import given

    raise ConfigurationError(
        f"on_leak: expected {', '.join(map(repr, POLICIES))}, a callable or None, "
        f"got {given(on_leak)}"
    )


def act(
    report: Report, on_leak: Policy | Callable[[Report], object], error: BaseException | None
) -> None:
    """Carry out the policy; an exception of the scope's body is never masked.

    Args:
        report: what was found; nothing happens if it is clean.
        on_leak: the policy.
        error: the exception on its way out of the body, which gets a note instead.

    Raises:
        LeakError: the policy is `raise` and the body raised nothing itself.
    """
    if report.ok:
        return
    if error is not None:
        act_beside(report, on_leak, error)
    elif callable(on_leak):
        on_leak(report)
    elif on_leak == "raise":
        raise LeakError(str(report), report)
    elif on_leak == "warn":
        warn(report)
    else:
        log(report)


def act_beside(report: Report, on_leak: OnLeak, error: BaseException) -> None:
    """Add the findings to an exception that is on its way already, which comes out whatever fails.

    One that takes no note is left as it is, and the findings go to the logger `leakwatch`.
    """
    fault = attempted(lambda: noted(report, error))
    if callable(on_leak):
        fault = attempted(lambda: on_leak(report)) or fault
    if fault is not None and not add_note(error, f"on_leak failed: {fault}"):
        attempted(lambda: logger().warning("on_leak of %s failed: %s", report.scope, fault))


def noted(report: Report, error: BaseException) -> None:
    """Add the findings to the exception, or log them where it takes no note."""
    if not add_note(error, str(report)):
        log(report)


def warn(report: Report) -> None:
    """Warn at the line of the program that runs the scope, not at one of leakwatch."""
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


_logged_by_plugin = False


def leaks_are_logged() -> None:
    """Note, for a plugin, that it logs each leak: `on_leak="log"` has nothing to add then.

    To be called when the plugin is imported; its records go to the logger `leakwatch`.
    """
    global _logged_by_plugin  # noqa: PLW0603 - one process, one logger
    _logged_by_plugin = True


def logger() -> "Logger":
    """The logger `leakwatch`; programs that do not log need not load the module."""
    import logging

    return logging.getLogger("leakwatch")


def log(report: Report) -> None:
    """One record of the logger `leakwatch`: a constant message, plain data as arguments.

    A plugin that logs has written its records by now, so there is nothing to add; but in a
    program that never set up logging nobody sees them, and this one is printed.
    """
    import logging

    configured = bool(logging.getLogger().handlers)
    if configured and _logged_by_plugin:
        return
    details = {"leakwatch": report.to_dict()}
    arguments = (report.scope, str(report))
    record = logger().makeRecord(
        "leakwatch", logging.WARNING, "", 0, MESSAGE, arguments, None, extra=details
    )
    if configured or logging.lastResort is None:
        logger().handle(record)
    else:
        logging.lastResort.handle(record)
