"""The values that pass from stage to stage: frozen, slotted, without live objects.

Nothing here refers to a tracked object, a frame or a plugin, so a value may be kept,
pickled, logged or sent to another process without keeping a suspect alive.
"""

from leakwatch.model.environment import Environment
from leakwatch.model.leaks import (
    Birth,
    Cause,
    GrownContainer,
    KnownLeak,
    Leak,
    LeakedType,
    Pattern,
    Reference,
    RetentionPath,
    Root,
    Settling,
    State,
    Verdict,
    repeated,
)
from leakwatch.model.look_taken import LookTaken
from leakwatch.model.memory import MemoryGrowth, MemoryPart, MemorySample, MemoryTrend
from leakwatch.model.places import Place

__all__ = [
    "Birth",
    "Cause",
    "Environment",
    "GrownContainer",
    "KnownLeak",
    "Leak",
    "LeakedType",
    "LookTaken",
    "MemoryGrowth",
    "MemoryPart",
    "MemorySample",
    "MemoryTrend",
    "Pattern",
    "Place",
    "Reference",
    "RetentionPath",
    "Root",
    "Settling",
    "State",
    "Verdict",
    "repeated",
]
