"""The values that pass from stage to stage: frozen, slotted, without live objects.

Nothing here refers to a tracked object, a frame or a plugin, so a value may be kept,
pickled, logged or sent to another process without keeping a suspect alive.
"""

from leakwatch.model.environment import Environment
from leakwatch.model.leaks import (
    Birth,
    Company,
    GrownContainer,
    KnownLeak,
    Leak,
    Pattern,
    Reference,
    RetentionPath,
    Root,
    Settling,
    State,
    Verdict,
    repeated,
)
from leakwatch.model.memory import MemoryGrowth, MemoryPart, MemorySample, MemoryTrend

__all__ = [
    "Birth",
    "Company",
    "Environment",
    "GrownContainer",
    "KnownLeak",
    "Leak",
    "MemoryGrowth",
    "MemoryPart",
    "MemorySample",
    "MemoryTrend",
    "Pattern",
    "Reference",
    "RetentionPath",
    "Root",
    "Settling",
    "State",
    "Verdict",
    "repeated",
]
