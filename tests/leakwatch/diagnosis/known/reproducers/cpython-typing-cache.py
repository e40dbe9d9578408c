# real
import typing

from tests.known_leaks import in_scope


class Lasting:
    """A class of the program."""


def work(scope):
    made = scope.track(type("Made", (), {}))
    typing.List[made]  # noqa: UP006 - the built-in list is not cached
    # The result alone is a survivor where the class was there before.
    scope.track(typing.List[Lasting])  # noqa: UP006 - as above


in_scope(work)
