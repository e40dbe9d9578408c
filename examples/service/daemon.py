"""An asyncio daemon. It waits for the receipt of each message, and most receipts never come.

    python daemon.py

With FIXED=1 in the environment it waits for a tenth of a second only, and nothing leaks.
"""

import asyncio
import os

import leakwatch

PATIENCE = 0.1 if os.environ.get("FIXED") == "1" else None
WAITING = set()


class Message:
    def __init__(self, number):
        self.number = number
        self.receipt = asyncio.Event()


async def wait_for_receipt(message):
    try:
        async with asyncio.timeout(PATIENCE):
            await message.receipt.wait()
    except TimeoutError:
        pass


async def main():
    with leakwatch.monitor() as monitor:
        number = 0
        while True:
            task = asyncio.create_task(wait_for_receipt(Message(number)))
            WAITING.add(task)
            task.add_done_callback(WAITING.discard)
            monitor.count(name="message")
            number += 1
            await asyncio.sleep(0.01)


if __name__ == "__main__":
    asyncio.run(main())
