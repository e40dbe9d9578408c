# leaks with sympy==1.14.0
import sympy

from tests.known_leaks import in_scope


def work(scope):
    x = sympy.Symbol("x")
    scope.track(sympy.cos(x + 1))


in_scope(work)
