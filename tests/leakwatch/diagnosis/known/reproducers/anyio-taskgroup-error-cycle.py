# stand-in: anyio 4.6.0
import asyncio

from tests.known_leaks import module, without_collector

BACKEND = module(
    "anyio._backends._asyncio",
    """
    class TaskGroup:
        async def __aenter__(self):
            return self

        async def __aexit__(self, exc_type, exc_val, exc_tb):
            raise exc_val
    """,
)


async def main():
    try:
        async with BACKEND.TaskGroup():
            raise ValueError
    except ValueError:
        return


without_collector(lambda: asyncio.run(main()))
