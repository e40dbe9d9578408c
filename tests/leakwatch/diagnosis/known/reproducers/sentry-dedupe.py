# stand-in: sentry-sdk 2.30.0
from tests.known_leaks import in_scope, module

DEDUPE = module(
    "sentry_sdk.integrations.dedupe",
    """
    from contextvars import ContextVar

    class DedupeIntegration:
        def __init__(self):
            self._last_seen = ContextVar("last-seen")

    INTEGRATION = DedupeIntegration()
    """,
)


class Cart:
    pass


def fail(scope):
    cart = scope.track(Cart())
    raise ValueError


def work(scope):
    try:
        fail(scope)
    except ValueError as error:
        DEDUPE.INTEGRATION._last_seen.set(error)


in_scope(work)
