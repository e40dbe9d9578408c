# stand-in: apscheduler 3.7.0
from tests.known_leaks import module, without_collector

EXECUTOR = module(
    "apscheduler.executors.base_py3",
    """
    import sys

    class JobExecutionEvent:
        def __init__(self, exception):
            self.exception = exception

    async def run_coroutine_job(job):
        events = []
        try:
            await job()
        except BaseException:
            exc, tb = sys.exc_info()[1:]
            events.append(JobExecutionEvent(exc))
            del tb
        return events
    """,
)


async def fail():
    raise ValueError


def work():
    try:
        EXECUTOR.run_coroutine_job(fail).send(None)
    except StopIteration:
        return


without_collector(work)
