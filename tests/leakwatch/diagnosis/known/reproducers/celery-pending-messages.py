# stand-in: celery 5.4.0
from tests.known_leaks import in_scope, module

BACKEND = module(
    "celery.backends.redis",
    """
    class BufferMap:
        def __init__(self):
            self.data = {}

        def put(self, key, item):
            self.data.setdefault(key, []).append(item)

    class RedisBackend:
        def __init__(self):
            self._pending_messages = BufferMap()
    """,
)
APP = BACKEND.RedisBackend()


class Result:
    pass


def work(scope):
    APP._pending_messages.put("3f9c", {"result": scope.track(Result())})


in_scope(work)
