# stand-in: dramatiq 1.18.0
from tests.known_leaks import module, without_collector

LOOP = module(
    "dramatiq.asyncio",
    """
    from concurrent.futures import Future

    class EventLoopThread:
        def run_coroutine(self, kind):
            future = Future()
            future.set_exception(kind())
            return future.result()
    """,
)


def work():
    try:
        LOOP.EventLoopThread().run_coroutine(ValueError)
    except ValueError:
        return


without_collector(work)
