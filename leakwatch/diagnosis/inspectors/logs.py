"""Loggers and log handlers."""

from leakwatch.diagnosis.inspectors.state import attribute, base_of
from leakwatch.diagnosis.judgement import Judgement, dead, needed


def logger_is_needed(subject: object) -> Judgement | None:
    """Named loggers live in logging's registry for ever."""
    if base_of(subject, "logging", "Logger") is None:
        return None
    return needed("loggers are never freed")


def closed_handler_is_dead(subject: object) -> Judgement | None:
    """A log handler that was closed has given its stream away."""
    if base_of(subject, "logging", "Handler") is None:
        return None
    return dead("closed") if attribute(subject, "_closed") is True else None


INSPECTORS = (logger_is_needed, closed_handler_is_dead)
