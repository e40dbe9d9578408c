# stand-in: sympy 1.14.0
from tests.known_leaks import in_scope, module

CACHE = module(
    "sympy.core.cache",
    """
    from functools import lru_cache, wraps

    class _cache(list):
        pass

    CACHE = _cache()

    def cacheit(func):
        cfunc = lru_cache(1000, typed=True)(func)

        @wraps(func)
        def wrapper(*args, **kwargs):
            return cfunc(*args, **kwargs)

        wrapper.cache_info = cfunc.cache_info
        CACHE.append(wrapper)
        return wrapper
    """,
)


class Symbol:
    pass


FUNCTIONS = module(
    "sympy.functions",
    """
    from sympy.core.cache import cacheit

    @cacheit
    def cos(argument):
        return argument
    """,
)


def work(scope):
    FUNCTIONS.cos(scope.track(Symbol()))


in_scope(work)
