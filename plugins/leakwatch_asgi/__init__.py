"""ASGI: each request and each websocket is a unit of work, from its begin to its end.

    app.add_middleware(LeakwatchMiddleware)     # FastAPI, Starlette
    app = LeakwatchMiddleware(app)              # any other

Nothing is judged at the end of a request: one monitor looks at the process every so often.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, Unpack

import leakwatch  # noqa: F401 - it opens what LEAKWATCH_DOOR asks for, before the first request

if TYPE_CHECKING:
    from leakwatch.integration import MonitorOptions

__all__ = ["LeakwatchMiddleware"]

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""A client may send any word as a method; further ones are no name of their own."""


class LeakwatchMiddleware:
    """Counts what the application has served, for the monitor of this process.

    The monitor starts when the application has started up, and ends when it has shut down. Where a
    server tells neither, it starts with the first request. One that runs already is taken.

    Args:
        app: the ASGI application.
        options: of `leakwatch.monitor`.
    """

    def __init__(self, app: App, **options: "Unpack[MonitorOptions]") -> None:
        self.app = app
        self._options = options

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, one websocket, or the lifespan of the application."""
        if scope["type"] == "lifespan":
            await self._serve_lifespan(scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self._count(scope)

    def _count(self, scope: Scope) -> None:
        from leakwatch.integration import count_here

        count_here(name_of(scope), **self._options)

    async def _serve_lifespan(self, scope: Scope, receive: Receive, send: Send) -> None:
        from leakwatch.integration import monitor_here, running_here

        started = []

        async def send_and_start(message: Message) -> None:
            # Not before: what the application loads while it starts up is no growth.
            if message["type"] == "lifespan.startup.complete" and running_here() is None:
                started.append(monitor_here(**self._options))
            await send(message)

        try:
            await self.app(scope, receive, send_and_start)
        finally:
            for monitor in started:
                monitor.stop()


def name_of(scope: Scope) -> str:
    """What was served: the template of the route, which a framework leaves in the scope.

    Never the path itself, of which there are as many as clients think of.
    """
    template = scope.get("path_template") or getattr(scope.get("route"), "path", None)
    kind = scope["type"]
    if type(template) is not str:
        return str(kind)
    method = scope.get("method", "WEBSOCKET")
    return f"{method if method in METHODS else kind} {template}"
