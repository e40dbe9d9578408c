# stand-in: ipython 8.20.0
from tests.known_leaks import in_scope, module

SESSION = module("__main__", "")


class Frame:
    pass


def work(scope):
    SESSION._1 = scope.track(Frame())


in_scope(work)
