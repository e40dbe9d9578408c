# leaks with anyio==4.6.0, not with anyio==4.6.1
import asyncio

import anyio

from tests.known_leaks import without_collector


async def fail():
    raise ValueError


async def main():
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(fail)
    except* ValueError:
        pass


without_collector(lambda: asyncio.run(main()))
