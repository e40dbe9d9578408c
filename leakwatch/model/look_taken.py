"""What is told of one look of a monitor, whether or not it led to a judgement."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LookTaken:
    """One look of a monitor at its process.

    Attributes:
        every: seconds between looks, as the monitor was told.
        seconds: what the look took of the time of its thread.
        objects: how many objects the collector knew.
        units: units of work that were counted since the look before.
    """

    every: float
    seconds: float
    objects: int
    units: int
