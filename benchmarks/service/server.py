"""`python -m benchmarks.service.server MODE BALLAST`: FastAPI on uvicorn, one worker.

Prints its port on the loopback, and serves until SIGINT. MODE says how requests are watched,
and BALLAST is the number of objects on its heap that are not the requests'.
"""

import asyncio
import gc
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any

import uvicorn
from fastapi import FastAPI

import leakwatch
from benchmarks.heap import heap_of
from benchmarks.service import shop
from benchmarks.service.observed import Observed, Ring

MODES: dict[str, dict[str, Any] | None] = {
    "plain": None,
    "registered": {},
    "types": {"types": [f"{shop.__name__}:*"]},
    "discover": {"discover": True},
}
"""What a request's scope is asked for; None for no scope."""
WAIT = 0.01
"""Seconds that a handler waits for something."""
ONE_IN = 10
"""Of so many requests to `/leaking` one leaks."""
SECONDS = 400
"""After which a server ends whose benchmark has forgotten it."""

observed = Observed()


class Scopes:
    """The middleware that a user writes: each request in a scope, named after its path."""

    def __init__(self, app: Any, options: dict[str, Any]) -> None:
        self.app = app
        self.options = options

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/control/"):
            await self.app(scope, receive, send)
            return
        async with leakwatch.scope(scope["path"], **self.options) as opened:
            await self.app(scope, receive, send)
        if opened.report is not None:
            observed.note(opened.report)


def service(mode: str) -> FastAPI:
    """The application; all modes serve the same."""
    app = FastAPI(lifespan=ticking)
    options = MODES[mode]
    if options is not None:
        app.add_middleware(Scopes, options=options)
    add_shop(app, leakwatch.track if options == {} else lambda cart: cart)
    add_control(app)
    return app


@asynccontextmanager
async def ticking(app: FastAPI) -> AsyncIterator[None]:
    """Watch the event loop while the service runs."""
    ticker = asyncio.create_task(observed.watch_loop())
    yield
    ticker.cancel()


def add_shop(app: FastAPI, track: Callable[[shop.Cart], shop.Cart]) -> None:
    """What the load asks for."""
    numbers = iter(range(sys.maxsize))

    @app.get("/waiting")
    async def waiting() -> dict[str, int]:
        cart = track(shop.Cart())
        Ring()
        await asyncio.sleep(WAIT)
        return {"total": cart.total()}

    @app.get("/thread")
    def thread() -> dict[str, int]:
        cart = track(shop.Cart())
        Ring()
        time.sleep(WAIT)
        return {"total": cart.total()}

    @app.get("/leaking")
    async def leaking() -> dict[str, int]:
        cart = track(shop.Cart())
        Ring()
        await asyncio.sleep(WAIT)
        if next(numbers) % ONE_IN == 0:
            shop.KEPT.append(cart)
        return {"total": cart.total()}


def add_control(app: FastAPI) -> None:
    """What the benchmark asks for; no scope is open meanwhile."""

    @app.get("/control/start")
    async def start() -> dict[str, Any]:
        gc.collect()
        observed.start_again()
        return observed.state()

    @app.get("/control/state")
    async def state() -> dict[str, Any]:
        return observed.state()

    @app.get("/control/check")
    async def check() -> dict[str, Any]:
        report = leakwatch.check()
        leaks = [(leak.type_name, leak.count, leak.path.expression) for leak in report.leaks]
        return {
            "kept": len(shop.KEPT),
            "leaks": leaks,
            "signatures": [leak.signature for leak in report.leaks],
            "not_judged": report.not_judged,
        }


def main() -> None:
    """Serve."""
    signal.alarm(SECONDS)
    mode, ballast = sys.argv[1], int(sys.argv[2])
    heap = heap_of(ballast)
    # asyncio sends at once (TCP_NODELAY) only where the socket names its protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(service(mode), access_log=False, log_level="warning")
    with suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    heap.clear()


if __name__ == "__main__":
    main()
