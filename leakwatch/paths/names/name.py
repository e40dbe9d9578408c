"""A reference's name, and the shape of the functions that find it.

A namer looks at a holder and what follows it on the path and says how Python would write
the reference, or None if it does not know the holder. It may take several objects at once:
an instance, its `__dict__` and a value are one reference, `.owner`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated


@dataclass(frozen=True, slots=True)
class Named:
    """The name of a reference.

    Attributes:
        name: as Python would write it: `.owner`, `['u42']`, `[3]`; in angle brackets where
            Python has no expression for it: `.<closure session>`.
        general: the name without keys, indexes and lines, for the signature.
        hops: how many objects of the path it covers, at least 1.
    """

    name: str
    general: str = ""
    hops: Annotated[int, range(1, 2**31)] = 1

    @property
    def signature_part(self) -> str:
        """What the signature takes of this reference."""
        return self.general or self.name


Namer = Callable[[Sequence[object]], Named | None]
"""Takes the rest of a path, holder first, at least two objects long."""
