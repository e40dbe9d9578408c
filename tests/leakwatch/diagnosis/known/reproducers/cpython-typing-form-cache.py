# real
import enum
from typing import Literal, Optional

from tests.known_leaks import in_scope


def work(scope):
    made = scope.track(type("Made", (), {}))
    Optional[made]  # noqa: UP045 - the cache is the point
    colour = enum.Enum("Colour", ["RED"])
    Literal[scope.track(colour.RED)]


in_scope(work)
