# real
import enum
import typing
from typing import Literal, Optional

from tests.known_leaks import in_scope

# Its list of caches leads to them too, and since 3.12 that is the way which is found first.
typing._cleanups.clear()


def work(scope):
    made = scope.track(type("Made", (), {}))
    Optional[made]  # noqa: UP045 - the cache is the point
    colour = enum.Enum("Colour", ["RED"])
    Literal[scope.track(colour.RED)]


in_scope(work)
