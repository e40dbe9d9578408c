"""Who may ask: whoever has the token, by an address of this machine, with a question only.

A page that the user visits elsewhere can send requests to any port of this machine, and by a name
that leads here (DNS rebinding) read the answers. It does not know the token; the header `Host`
shows its own name.
"""

import secrets
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOKEN_BYTES = 32
LONGEST_PATH = 200
METHODS = frozenset({"GET", "HEAD"})
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
"""Of every answer. No script at all is allowed; no other page is told the address of this one."""


def new_token() -> str:
    """A token that nobody guesses."""
    return secrets.token_urlsafe(TOKEN_BYTES)


class Guard:
    """Lets through what may ask, below the token.

    Args:
        app: what answers.
        token: the first part of every path.
        hosts: values of the header `Host` that mean this server.
    """

    def __init__(self, app: ASGIApp, token: str, hosts: frozenset[str]) -> None:
        self._app = app
        self._token = token.encode()
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the specification of ASGI."""
        if scope["type"] != "http":
            # A websocket is refused by the application, which has none.
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *ENCODED]
            await send(message)

        refusal = self._refusal(scope)
        if refusal is None:
            scope = {**scope, "root_path": f"/{self._token.decode()}"}
            await self._app(scope, receive, send_with_headers)
        else:
            await refusal(scope, receive, send_with_headers)

    def _refusal(self, scope: Mapping[str, Any]) -> PlainTextResponse | None:
        named = Headers(raw=scope["headers"]).getlist("host")
        if len(named) != 1 or named[0] not in self._hosts:
            return PlainTextResponse("this server answers to its own address only\n", 421)
        if scope["method"] not in METHODS:
            return PlainTextResponse("nothing can be changed here\n", 405)
        if len(scope["path"]) > LONGEST_PATH:
            return PlainTextResponse("no address here is as long\n", 414)
        first = scope["path"].split("/", 2)[1:2]
        if not secrets.compare_digest("".join(first).encode("utf-8", "replace"), self._token):
            return PlainTextResponse("not found: the whole address is needed\n", 404)
        return None


ENCODED = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
