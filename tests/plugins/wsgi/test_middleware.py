"""The middleware around real frameworks, on a server that checks the protocol on both sides."""

import pytest

from tests.heaps import run_python
from tests.services import COUNTED

SERVE = """
import http.client, io, socketserver, threading, time
from wsgiref import simple_server, validate
from leakwatch.integration import running_here
from leakwatch_wsgi import LeakwatchMiddleware

class Quiet(simple_server.WSGIRequestHandler):
    def log_message(self, *_): pass
class Threads(socketserver.ThreadingMixIn, simple_server.WSGIServer): pass

class Served:
    def __init__(self, app):
        self.server = simple_server.make_server("127.0.0.1", 0, app, Threads, Quiet)
        self.thread = threading.Thread(target=self.server.serve_forever)
    def __enter__(self):
        self.thread.start()
        return self
    def __exit__(self, *_):
        self.server.shutdown(); self.thread.join(30); self.server.server_close()
    def ask(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.server_port, timeout=30)
        connection.request(method, path)
        return connection.getresponse()
    def get(self, path, method="GET"):
        answer = self.ask(path, method)
        return answer.status, answer.read()
"""
FLASK = """
from flask import Flask
app = Flask(__name__)
@app.get("/shop/carts/<int:number>")
def show(number): return str(number)
app.wsgi_app = validate.validator(LeakwatchMiddleware(validate.validator(app.wsgi_app)))
"""
DJANGO = """
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path
def show(request, number): return HttpResponse(str(number))
settings.configure(ROOT_URLCONF="__main__", ALLOWED_HOSTS=["*"], SECRET_KEY="x")
urlpatterns = [path("shop/carts/<int:number>", show)]
app = LeakwatchMiddleware(get_wsgi_application())
"""
REQUESTS = """
with Served(app) as served:
    answers = [served.get(f"/shop/carts/{number}") for number in range(20)]
    assert answers == [(200, str(number).encode()) for number in range(20)], answers
    assert served.get("/nowhere/4711")[0] == 404
    print(sorted(units().items()))
"""


def printed(*parts: str) -> str:
    return run_python("-c", SERVE + COUNTED + "".join(parts))


def test_requests_of_flask_are_counted_by_the_template_of_their_route():
    expected = "[('GET /shop/carts/<int:number>', 20), ('http', 1)]\n"
    assert printed(FLASK, REQUESTS) == expected


def test_where_a_framework_tells_no_route_all_requests_count_as_one_kind():
    assert printed(DJANGO, REQUESTS) == "[('http', 21)]\n"


def test_an_unknown_method_is_no_name():
    lines = """
app.add_url_rule("/any", "any", show, methods=["BREW"])
with Served(app) as served: served.get("/any", "BREW"); print(units())
"""
    assert printed(FLASK.replace("validate.validator", ""), lines) == "{'http /any': 1}\n"


BODIES = """
go_on, closed = threading.Event(), []
class Slowly:
    def __iter__(self):
        yield b"one"
        go_on.wait(30)
        yield b"two"
    def close(self): closed.append(1)
def late(environ, start_response):
    start_response("200 OK", [])
    yield b"late"
def app(environ, start_response):
    kind = environ["PATH_INFO"]
    if kind == "/fails": raise ZeroDivisionError
    if kind == "/late": return late(environ, start_response)
    start_response("200 OK", [])
    if kind == "/list": return [b"four"]
    if kind == "/file": return environ["wsgi.file_wrapper"](io.BytesIO(b"file"))
    return Slowly()
app = LeakwatchMiddleware(app)
simple_server.ServerHandler.log_exception = lambda *_: None
"""


def test_a_response_that_streams_is_counted_when_it_is_closed():
    lines = """
with Served(app) as served:
    answer = served.ask("/slowly")
    print(answer.read(3), units(), closed)
    go_on.set()
    print(answer.read(), units(), closed)
"""
    assert printed(BODIES, lines) == "b'one' {} []\nb'two' {'http': 1} [1]\n"


def test_a_generator_that_starts_its_response_late_and_a_request_that_fails_are_counted():
    lines = """
with Served(app) as served: print(served.get("/late"), served.get("/fails")[0], units())
"""
    assert printed(BODIES, lines) == "(200, b'late') 500 {'http': 2}\n"


@pytest.mark.parametrize("kind", ["list", "file"])
def test_the_server_gets_what_it_treats_better_than_an_iterable_as_it_is(kind):
    lines = f"""
def inspected(environ, start_response):
    body = app(environ, start_response)
    print(type(body) in (list, environ["wsgi.file_wrapper"]))
    return body
with Served(inspected) as served: print(served.get("/{kind}"), units())
"""
    assert printed(BODIES, lines).splitlines()[0] == "True"
    assert printed(BODIES, lines).endswith("{'http': 1}\n")


def test_a_worker_that_was_forked_after_the_application_was_made_has_a_monitor_of_its_own():
    lines = """
import os
def serve():
    list(body := app({"PATH_INFO": "/slowly", "wsgi.file_wrapper": None}, lambda *_: None))
    body.close()
go_on.set(); serve()
child = os.fork()
if not child:
    print(running_here(), end=" "); serve(); print(units(), flush=True); os._exit(0)
os.waitpid(child, 0)
print(units(), flush=True); os._exit(0)
"""
    assert printed(BODIES, lines) == "None {'http': 1}\n{'http': 1}\n"


def test_what_a_request_leaves_is_named_by_the_monitor_that_the_middleware_starts():
    lines = """
class Cart: pass
CARTS = []
@app.get("/add")
def add(): CARTS.append(Cart()); return ""
app.wsgi_app = LeakwatchMiddleware(app.wsgi_app)
with Served(app) as served: (leak,) = report_on(lambda: served.get("/add")).leaks
print(leak.type_name, leak.cause, leak.growth_per)
"""
    app = "\n".join(FLASK.splitlines()[:-1])
    assert printed(app, lines) == "__main__.Cart __main__.CARTS[*] unit\n"


def test_importing_it_imports_neither_what_judges_nor_a_framework():
    found = run_python(
        "-c",
        "import sys, leakwatch_wsgi; "
        "print('leakwatch.integration' in sys.modules, 'werkzeug' in sys.modules)",
    )
    assert found == "False False\n"
