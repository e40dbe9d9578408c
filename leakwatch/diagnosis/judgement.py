"""What an inspector is and what it answers."""

from collections.abc import Callable
from dataclasses import dataclass

from leakwatch.model import Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and the reason for it.

    Attributes:
        verdict: NOT_LEAKING, LEAKING or UNKNOWN.
        reason: a few words that the report prints behind the verdict.
        state: in which state the object was found, a `leakwatch.model.State` or a word of the
            inspector's own; patterns ask for this one and never for the words.
    """

    verdict: Verdict
    reason: str = ""
    state: str = ""


Inspector = Callable[[object], Judgement | None]


def needed(reason: str) -> Judgement:
    """The object is still needed."""
    return Judgement(Verdict.NOT_LEAKING, reason)


def dead(reason: str, state: str = "") -> Judgement:
    """The object's use is over by contract: closed, cancelled, shut down."""
    return Judgement(Verdict.LEAKING, reason, state)


def undecided(reason: str, state: str = "") -> Judgement:
    """The object may be needed or not; the reason says what state it is in."""
    return Judgement(Verdict.UNKNOWN, reason, state)
