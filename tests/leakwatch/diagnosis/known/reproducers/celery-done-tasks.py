# stand-in: celery 5.4.0
from tests.known_leaks import in_scope, module

COLLECTIONS = module(
    "celery.utils.collections",
    """
    class LimitedSet:
        def __init__(self, maxlen):
            self.maxlen, self._data = maxlen, {}

        def add(self, item):
            self._data[item] = (0.0, item)
    """,
)
STATE = module("celery.worker.state", "")
STATE.successful_requests = COLLECTIONS.LimitedSet(1_000)


class Identity:
    pass


def work(scope):
    STATE.successful_requests.add(scope.track(Identity()))


in_scope(work)
