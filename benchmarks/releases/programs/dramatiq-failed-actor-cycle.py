# leaks with dramatiq==2.2.0, not with dramatiq==2.2.1
import dramatiq.asyncio

from tests.known_leaks import without_collector

LOOP = dramatiq.asyncio.EventLoopThread(dramatiq.get_logger(__name__))
LOOP.start()


async def fail():
    raise ValueError


def work():
    try:
        LOOP.run_coroutine(fail())
    except ValueError:
        return


without_collector(work)
LOOP.stop()
