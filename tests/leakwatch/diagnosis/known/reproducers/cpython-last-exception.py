# real
import sys

from tests.known_leaks import in_scope


class Cart:
    pass


def fail(scope):
    cart = scope.track(Cart())
    raise ValueError


def work(scope):
    # What the interactive interpreter does with an uncaught one.
    try:
        fail(scope)
    except ValueError as error:
        sys.last_value = sys.last_exc = error


in_scope(work)
