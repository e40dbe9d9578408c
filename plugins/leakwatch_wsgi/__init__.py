"""WSGI: each request is a unit of work, from its begin until its response is closed.

    app.wsgi_app = LeakwatchMiddleware(app.wsgi_app)        # Flask
    application = LeakwatchMiddleware(application)          # Django, any other

Nothing is judged at the end of a request: one monitor looks at the process every so often.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Unpack

import leakwatch  # noqa: F401 - it opens what LEAKWATCH_DOOR asks for, before the first request

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    from leakwatch.integration import MonitorOptions

__all__ = ["LeakwatchMiddleware"]

METHODS = frozenset({"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"})
"""A client may send any word as a method; further ones are no name of their own."""
KIND = "http"
"""The name of a request without a route."""


class LeakwatchMiddleware:
    """Counts what the application has served, for the monitor of this process.

    The monitor starts with the first request that ends in this process, and so after a fork; one
    that runs already is taken.

    Args:
        app: the WSGI application.
        options: of `leakwatch.monitor`.
    """

    def __init__(self, app: "WSGIApplication", **options: "Unpack[MonitorOptions]") -> None:
        self.app = app
        self._options = options

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Serve one request."""
        name = KIND

        def start(*response: Any) -> Any:
            nonlocal name
            # Not later: a framework forgets the request when it hands over the body.
            name = name_of(environ)
            return start_response(*response)

        def count() -> None:
            from leakwatch.integration import count_here

            count_here(name, **self._options)

        try:
            body = self.app(environ, start)
        except BaseException:
            count()
            raise
        if is_for_the_server(body, environ):
            count()
            return body
        return CountedBody(body, count)


class CountedBody:
    """The parts of a response; when it is closed, the request has ended.

    Args:
        body: what the application has returned.
        count: counts the request.
    """

    __slots__ = ("_body", "_count", "_parts")

    def __init__(self, body: Iterable[bytes], count: Callable[[], None]) -> None:
        self._body, self._parts, self._count = body, iter(body), count

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        return next(self._parts)

    def close(self) -> None:
        """Close what the application has returned, and count the request."""
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            self._count()


def is_for_the_server(body: object, environ: "WSGIEnvironment") -> bool:
    """Whether a server does something better with this very object than to iterate over it.

    It takes the length of a response from a list, and has the system send a file that was wrapped.
    """
    wrapper = environ.get("wsgi.file_wrapper")
    wrapped = isinstance(wrapper, type) and isinstance(body, wrapper)
    return wrapped or type(body) in (list, tuple)


def name_of(environ: "WSGIEnvironment") -> str:
    """What is served: the template of the route, where the framework has left its request here.

    Never the path itself, of which there are as many as clients think of.
    """
    rule = getattr(environ.get("werkzeug.request"), "url_rule", None)
    template = getattr(rule, "rule", None)
    if type(template) is not str:
        return KIND
    method = environ.get("REQUEST_METHOD")
    return f"{method if method in METHODS else KIND} {template}"
