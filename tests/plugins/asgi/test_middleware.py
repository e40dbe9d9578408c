"""The middleware around real frameworks, each on a real uvicorn: what is counted, and when."""

import ast
import re
from importlib.util import find_spec

import pytest

from tests.heaps import run_python
from tests.services import COUNTED

SERVE = """
import http.client, threading, time
import uvicorn
from leakwatch.integration import running_here
from leakwatch_asgi import LeakwatchMiddleware

class Served:
    def __init__(self, app, lifespan="auto"):
        config = uvicorn.Config(app, port=0, lifespan=lifespan, log_level="error")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run)
    def __enter__(self):
        self.thread.start()
        until(lambda: self.server.started)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        return self
    def __exit__(self, *_):
        self.server.should_exit = True
        self.thread.join(30)
    def get(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        return answer.status, body
"""
FASTAPI = """
from fastapi import APIRouter, FastAPI
app = FastAPI()
router = APIRouter(prefix="/shop")
@router.get("/carts/{number}")
async def show(number: int): return number
@router.get("/slow/{number}")
def slow(number: int): return number
app.include_router(router)
"""
ADDED = "app.add_middleware(LeakwatchMiddleware, every=60.0)\n"
STARLETTE = """
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
async def show(request): return PlainTextResponse("here")
routes = [Route("/shop/carts/{number:int}", show), Route("/shop/slow/{number}", show)]
app = Starlette(routes=routes, middleware=[Middleware(LeakwatchMiddleware)])
"""
# Not in the extra `dev`: it brings a plugin of pytest along, which the tests of ours would hear of.
NEEDS_LITESTAR = pytest.mark.skipif(find_spec("litestar") is None, reason="needs litestar")
LITESTAR = """
from litestar import Litestar, get
@get("/shop/carts/{number:int}")
async def show(number: int) -> int: return number
@get("/shop/slow/{number:int}", sync_to_thread=True)
def slow(number: int) -> int: return number
app = LeakwatchMiddleware(Litestar([show, slow]))
"""
LITESTAR_INSIDE = LITESTAR.replace(
    "LeakwatchMiddleware(Litestar([show, slow]))",
    "Litestar([show, slow], middleware=[LeakwatchMiddleware])",
)
DJANGO = """
import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpResponse
from django.urls import path
def show(request, number): return HttpResponse(str(number))
settings.configure(ROOT_URLCONF="__main__", ALLOWED_HOSTS=["*"], SECRET_KEY="x")
urlpatterns = [path("shop/carts/<int:number>", show), path("shop/slow/<int:number>", show)]
app = LeakwatchMiddleware(get_asgi_application())
"""
REQUESTS = """
with Served(app) as served:
    answers = [served.get(f"/shop/carts/{number}")[0] for number in range(20)]
    answers += [served.get(f"/shop/slow/{number}")[0] for number in range(5)]
    assert set(answers) == {200}, answers
    assert served.get("/nowhere/4711")[0] == 404
    assert served.get("/shop/carts/1", "BREW")[0] in (405, 200)
    print(units())
"""
NAMED = {"GET /shop/carts/{}": 20, "GET /shop/slow/{}": 5}


def printed(*parts: str) -> str:
    return run_python("-c", SERVE + COUNTED + "".join(parts))


def without_converters(counted: dict[str, int]) -> dict[str, int]:
    """Names of routes as all frameworks would write them."""
    return {re.sub(r"\{[^}]*\}", "{}", name): number for name, number in counted.items()}


@pytest.mark.parametrize(
    "app",
    [
        FASTAPI + ADDED,
        STARLETTE,
        pytest.param(LITESTAR, marks=NEEDS_LITESTAR),
        pytest.param(LITESTAR_INSIDE, marks=NEEDS_LITESTAR),
    ],
    ids=["fastapi", "starlette", "litestar", "inside_litestar"],
)
def test_requests_are_counted_by_the_template_of_their_route(app):
    counted = without_converters(ast.literal_eval(printed(app, REQUESTS)))
    assert {name: counted[name] for name in NAMED} == NAMED
    # What has no route, and what has no known method, has no name that a client could choose.
    assert all("4711" not in name and "BREW" not in name for name in counted)


def test_where_a_framework_leaves_no_route_in_the_scope_all_requests_count_as_one_kind():
    assert ast.literal_eval(printed(DJANGO, REQUESTS)) == {"http": 27}


STREAMS = """
import asyncio
from fastapi import FastAPI, WebSocket
from fastapi.responses import StreamingResponse
app = FastAPI()
go_on = threading.Event()
@app.get("/stream")
async def stream():
    async def parts():
        yield b"one"
        while not go_on.is_set(): await asyncio.sleep(0.01)
        yield b"two"
    return StreamingResponse(parts())
@app.websocket("/feed/{name}")
async def feed(websocket: WebSocket, name: str):
    await websocket.accept()
    async for text in websocket.iter_text(): await websocket.send_text(text)
@app.get("/fails")
async def fails(): raise ZeroDivisionError
app.add_middleware(LeakwatchMiddleware)
"""


def test_a_response_that_streams_is_counted_when_it_has_ended():
    lines = """
with Served(app) as served:
    connection = http.client.HTTPConnection("127.0.0.1", served.port)
    connection.request("GET", "/stream")
    answer = connection.getresponse()
    print(answer.read(3), units())
    go_on.set()
    print(answer.read(), units())
"""
    assert printed(STREAMS, lines) == "b'one' {}\nb'two' {'GET /stream': 1}\n"


def test_a_websocket_is_counted_when_it_is_closed():
    lines = """
from websockets.sync.client import connect
with Served(app) as served:
    with connect(f"ws://127.0.0.1:{served.port}/feed/a17") as feed:
        feed.send("on"); print(feed.recv(), units())
    print(units())
"""
    assert printed(STREAMS, lines) == "on {}\n{'websocket /feed/{name}': 1}\n"


def test_a_request_that_fails_is_counted_and_its_exception_goes_on():
    lines = """
with Served(app) as served: print(served.get("/fails")[0], units())
"""
    assert printed(STREAMS, "uvicorn.config.LOGGING_CONFIG['loggers'] = {}\n", lines).endswith(
        "500 {'GET /fails': 1}\n"
    )


PLAIN = """
async def app(scope, receive, send):
    if scope["type"] == "lifespan":
        assert (await receive())["type"] == "lifespan.startup"
        print("starts up", running_here())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(running_here() is not None).encode()})
"""
TWICE = """
for _ in range(2):
    with Served(LeakwatchMiddleware(app)) as served: print(served.get("/"))
    print(running_here())
"""


def test_the_monitor_lives_from_the_end_of_the_startup_to_the_shutdown_as_often_as_that_happens():
    once = "starts up None\n(200, b'True')\nNone\n"
    assert printed(PLAIN, TWICE) == once * 2


def test_a_monitor_that_runs_already_is_taken_and_goes_on():
    lines = """
import leakwatch
own = leakwatch.monitor(every=60.0)
with Served(LeakwatchMiddleware(app)) as served: served.get("/")
print(running_here() is own, monitor_here() is own, units())
"""
    assert printed(PLAIN, lines).splitlines()[1:] == ["True True {'http': 1}"]


def test_where_a_server_tells_of_no_lifespan_the_first_request_starts_the_monitor():
    lines = """
with Served(LeakwatchMiddleware(app, every=7.0), lifespan="off") as served:
    print(running_here(), served.get("/"))
    while running_here() is None: time.sleep(0.01)  # it is counted once the answer has gone out
    print(units(), monitor_here().status["every"])
"""
    assert printed(PLAIN, lines) == "None (200, b'False')\n{'http': 1} 7.0\n"


def test_what_the_application_keeps_is_named_through_the_middleware():
    lines = """
from fastapi import Request
class Cart: pass
app.state.carts = []
@app.get("/add")
async def add(request: Request): request.app.state.carts.append(Cart())
app = LeakwatchMiddleware(app)
with Served(app) as served: report = report_on(lambda: served.get("/add"))
# Beside it perhaps uvicorn's timers of connections, which live for seconds.
(leak,) = [it for it in report.leaks if it.type_name == "__main__.Cart"]
print(leak.type_name, leak.count > 3, leak.growth_per)
print(*(it.name for it in leak.path.references[:-1]))
print(*(it for it in report.notes if "of work" in it))
"""
    leak, path, work = printed(FASTAPI, lines).splitlines()
    assert (leak, path) == ("__main__.Cart True unit", ".app .app .state ._state ['carts']")
    assert re.fullmatch(r"\d+ units of work: \d+ GET /add", work)


def test_importing_it_imports_neither_what_judges_nor_a_framework():
    found = run_python(
        "-c",
        "import sys, leakwatch_asgi; "
        "print('leakwatch.integration' in sys.modules, 'starlette' in sys.modules)",
    )
    assert found == "False False\n"
