# real
import typing

from tests.known_leaks import in_scope


def work(scope):
    made = scope.track(type("Made", (), {}))
    typing.List[made]  # noqa: UP006 - the built-in list is not cached


in_scope(work)
