# real
import asyncio

from tests.known_leaks import without_collector


async def fail():
    raise ValueError


async def main():
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail())
    except* ValueError:
        pass


without_collector(lambda: asyncio.run(main()))
