"""Kinds of mistake, recognised from the path, with what to write instead.

The first whose rule fits wins (`rules`); the general ones are last. The other files have the
texts of the patterns, with the shortest program that makes the mistake and the same without it.
"""

from leakwatch.diagnosis.patterns import callbacks, containers, definitions, frames, native, tasks
from leakwatch.diagnosis.patterns.rules import Mistake, Rule, says
from leakwatch.model import Pattern, RetentionPath

__all__ = ["BY_CODE", "PATTERNS", "Mistake", "Rule", "recognise"]

PATTERNS: tuple[Mistake, ...] = (
    containers.CACHED_METHOD,
    containers.WEAK_VALUE,
    containers.MOCK,
    containers.MEMO,
    frames.EXCEPTION,
    tasks.CAPTURED_CONTEXT,
    tasks.FUTURE,
    callbacks.TIMER,
    tasks.TASK,
    tasks.CONTEXT,
    frames.GENERATOR,
    frames.THREAD_LOCAL,
    frames.LAST_ITEM,
    frames.RUNNING,
    callbacks.SIGNAL,
    callbacks.FINALIZER,
    native.FINALIZED_CYCLE,
    native.CYCLE,
    native.AT_EXIT,
    native.NATIVE,
    definitions.LOGGER,
    definitions.HANDLER,
    definitions.CLASS,
    callbacks.METHOD,
    callbacks.CALLBACK,
    native.OWNER,
    containers.RESOURCE,
    containers.WARNING,
    containers.SMALL_VIEW,
    containers.KEY,
    containers.VALUES,
    containers.GROWING,
)
"""The particular before the general."""

BY_CODE = {mistake.pattern.code: mistake for mistake in PATTERNS}


def recognise(path: RetentionPath) -> Pattern | None:
    """The first pattern whose rule fits the path, or None."""
    has_sign = says(path).__contains__
    for mistake in PATTERNS:
        if (mistake.signs is None or any(map(has_sign, mistake.signs))) and mistake.fits(path):
            return mistake.pattern
    return None
