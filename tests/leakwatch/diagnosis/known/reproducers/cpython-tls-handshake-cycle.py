# real
import asyncio
import ssl
from contextlib import suppress

from tests.known_leaks import without_collector

CONTEXT = ssl.create_default_context()


async def hang_up(reader, writer):
    writer.close()


async def main():
    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    with suppress(OSError):
        await asyncio.open_connection("127.0.0.1", port, ssl=CONTEXT)
    server.close()
    await server.wait_closed()


without_collector(lambda: asyncio.run(main()))
