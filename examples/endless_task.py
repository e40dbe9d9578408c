"""asyncio tasks that nobody cancels: each keeps its coroutine, and that its `self`."""

import asyncio

TASKS: set[asyncio.Task[None]] = set()


class Connection:
    """A client that is pinged while it is connected."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.pings = 0

    async def keep_alive(self) -> None:
        """Ping for ever."""
        while True:
            self.pings += 1
            await asyncio.sleep(3600)

    def open(self) -> None:
        """Start pinging. Nothing ever cancels the task: this is the leak."""
        task = asyncio.create_task(self.keep_alive())
        TASKS.add(task)
        task.add_done_callback(TASKS.discard)


async def serve() -> None:
    """Ten clients come, are served and go."""
    for number in range(10):
        Connection(number).open()
        await asyncio.sleep(0)
    print(f"served 10 clients, {len(TASKS)} tasks are still pending")


def main() -> None:
    """Run the server on a loop that stays, as the loop of a service does."""
    loop = asyncio.new_event_loop()
    loop.run_until_complete(serve())


if __name__ == "__main__":
    main()
