"""Requests to servers on this machine: so many at once, each connection kept open."""

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

LONGEST_TURN = 2.0
"""Seconds after which a turn begins no more requests."""


class Server:
    """A server in a process of its own."""

    def __init__(self, mode: str, ballast: int = 0) -> None:
        self.mode = mode
        self.errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed when this goes
        command = [sys.executable, "-m", "benchmarks.service.server", mode, str(ballast)]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=self.errors, text=True
        )

    def wait_until_ready(self) -> None:
        """Read the port that it prints."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.errors.seek(0)
            raise RuntimeError(f"the server {self.mode!r} did not start:\n{self.errors.read()}")
        self.port = int(line)

    def ask(self, path: str) -> Any:
        """The answer to one request."""
        return json.loads(asyncio.run(answers(self.port, path, 1))[0])

    def turn(self, path: str, requests: int, at_once: int) -> tuple[int, float]:
        """How many requests were answered, and in how many seconds."""
        began = time.perf_counter()
        answered = len(asyncio.run(answers(self.port, path, requests, at_once)))
        return answered, time.perf_counter() - began

    def stop(self) -> None:
        """End it."""
        self.process.send_signal(2)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def servers(modes: tuple[str, ...], ballast: int = 0) -> Iterator[list[Server]]:
    """A server for each mode, all ready."""
    started = [Server(mode, ballast) for mode in modes]
    try:
        for server in started:
            server.wait_until_ready()
        yield started
    finally:
        for server in started:
            server.stop()


async def answers(port: int, path: str, requests: int, at_once: int = 1) -> list[bytes]:
    """The bodies of all answers."""
    left = iter(range(requests))
    deadline = time.perf_counter() + LONGEST_TURN
    connections = [connection(port, path, left, deadline) for _ in range(at_once)]
    return [body for bodies in await asyncio.gather(*connections) for body in bodies]


async def connection(port: int, path: str, left: Iterator[int], deadline: float) -> list[bytes]:
    """One connection that asks as long as requests are left."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    bodies = []
    for _ in left:
        writer.write(request)
        bodies.append(await body_of_answer(reader, path))
        if time.perf_counter() > deadline:
            break
    writer.close()
    return bodies


async def body_of_answer(reader: asyncio.StreamReader, path: str) -> bytes:
    """The body of one answer, which must be a 200 with a length."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
    body = await reader.readexactly(length)
    if not head.startswith(b"http/1.1 200"):
        raise RuntimeError(f"{path}: {head.splitlines()[0].decode()} {body.decode()}")
    return body
