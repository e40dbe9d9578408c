"""How much is said: only what was found, the usual, or everything with the times of the stages.

One for the process, as the command line is: it is chosen when that has been parsed.
"""

import argparse
from enum import Enum

from leakwatch.interpreter import monotonic
from leakwatch.stages import Stage


class Level(Enum):
    """How much is said."""

    QUIET = "brief"
    USUAL = "text"
    VERBOSE = "full"

    @property
    def format(self) -> str:
        """The name of the format in which reports are read at this level."""
        return self.value


class StageTimes:
    """How long each stage has taken; hears of stages from the moment it is made."""

    __slots__ = ("_began", "_seconds", "_stage")

    def __init__(self) -> None:
        self._seconds: dict[Stage, float] = {}
        self._stage = Stage.START
        self._began = monotonic()

    def hear(self, stage: Stage, done: int) -> None:
        """Begin a stage, which ends the one before."""
        if not done:
            now = monotonic()
            before = self._seconds.get(self._stage, 0.0)
            self._seconds[self._stage] = before + now - self._began
            self._stage, self._began = stage, now

    def lines(self) -> list[str]:
        """The whole time, then that of each stage, in the order in which they began; once."""
        self.hear(Stage.START, 0)
        whole = f"{sum(self._seconds.values()):8.3f} s  in all"
        each = [f"{seconds:8.3f} s  {it.value}" for it, seconds in self._seconds.items()]
        self._seconds.clear()
        return [whole, *each]


class Chosen:
    """What the command line has chosen.

    Attributes:
        level: how much is said.
        times: of the stages, where they are wanted.
    """

    level = Level.USUAL
    times: StageTimes | None = None


chosen = Chosen()


def choose(namespace: argparse.Namespace) -> None:
    """Go by the options of a parsed command line; a command that has none is as usual."""
    quiet, verbose = getattr(namespace, "quiet", False), getattr(namespace, "verbose", False)
    chosen.level = Level.QUIET if quiet else Level.VERBOSE if verbose else Level.USUAL
    chosen.times = StageTimes() if verbose else None


def hear(stage: Stage, done: int) -> None:
    """Take the times of the stages, where they are wanted."""
    if chosen.times is not None:
        chosen.times.hear(stage, done)


def at_level(wanted: str) -> str:
    """The format to write, where another one is wanted or none but text."""
    return chosen.level.format if wanted == Level.USUAL.format else wanted


def is_quiet() -> bool:
    """Whether only what was found is to be said."""
    return chosen.level is Level.QUIET


def is_verbose() -> bool:
    """Whether everything is to be said."""
    return chosen.level is Level.VERBOSE


def add_level(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how much is said."""
    group = parser.add_mutually_exclusive_group()
    group.add_argument(
        "-q",
        "--quiet",
        action="store_true",
        help="only what was found, a line each, and nothing where nothing was; "
        "the exit code is the same",
    )
    group.add_argument(
        "-v",
        "--verbose",
        action="store_true",
        help="everything, nothing left out or cut short; and on stderr how long each stage took",
    )
