# real
import asyncio
import socket

from tests.known_leaks import without_collector


async def main():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    try:
        await asyncio.open_connection("127.0.0.1", port, happy_eyeballs_delay=0.25)
    except OSError:
        return


without_collector(lambda: asyncio.run(main()))
