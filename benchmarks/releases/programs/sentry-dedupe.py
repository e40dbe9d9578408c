# leaks with sentry-sdk==2.75.0
import sentry_sdk

from tests.known_leaks import in_scope

sentry_sdk.init("https://key@localhost/1", transport=lambda _: None)


class Cart:
    pass


def fail(scope):
    cart = scope.track(Cart())  # noqa: F841 - kept by the frame
    raise ValueError


def work(scope):
    try:
        fail(scope)
    except ValueError as error:
        sentry_sdk.capture_exception(error)


in_scope(work)
