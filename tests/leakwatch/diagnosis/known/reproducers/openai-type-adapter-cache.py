# stand-in: openai 2.8.0
from tests.known_leaks import in_scope, module

MODELS = module(
    "openai._models",
    """
    from functools import lru_cache

    class _TypeAdapter:
        def __init__(self, kind):
            self.kind = kind

    _CachedTypeAdapter = lru_cache(maxsize=None)(_TypeAdapter)
    TypeAdapter = _CachedTypeAdapter
    """,
)


def work(scope):
    MODELS.TypeAdapter(scope.track(type("Answer", (), {})))


in_scope(work)
