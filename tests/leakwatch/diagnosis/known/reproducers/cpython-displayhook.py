# real
import io
import sys

from tests.known_leaks import in_scope


class Cart:
    pass


def work(scope):
    before, sys.stdout = sys.stdout, io.StringIO()
    sys.displayhook(scope.track(Cart()))
    sys.stdout = before


in_scope(work)
