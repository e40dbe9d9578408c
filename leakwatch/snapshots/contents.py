"""What is to be in a file, and how large it may be."""

from dataclasses import dataclass

from leakwatch.errors import ConfigurationError, quoted

MASKED, NONE = "masked", "none"
KEYS = (MASKED, NONE)


@dataclass(frozen=True, slots=True)
class Contents:
    """What is to be in a file.

    Attributes:
        keys: of dicts: `masked` as in reports, or `none`.
        max_bytes: nothing is written that would be larger; None for any size.

    Raises:
        ConfigurationError: one of them is not understood.
    """

    keys: str = MASKED
    max_bytes: int | None = None

    def __post_init__(self) -> None:
        if self.keys not in KEYS:
            raise ConfigurationError(f"keys={quoted(self.keys)}: expected 'masked' or 'none'")
        if self.max_bytes is not None and not (type(self.max_bytes) is int and self.max_bytes > 0):
            raise ConfigurationError(f"max_bytes={quoted(self.max_bytes)}: expected 1 or more")

    def refused(self, size: int, *, at_least: bool = False) -> str:
        """Why a file of a size is not written; empty where it is.

        Args:
            size: its bytes.
            at_least: whether more is to come.
        """
        if self.max_bytes is None or size <= self.max_bytes:
            return ""
        least = " at least" if at_least else ""
        return f"it would have{least} {size:,} bytes, and max_bytes is {self.max_bytes:,}"
