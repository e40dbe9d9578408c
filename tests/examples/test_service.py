"""The services of `examples/service` under load: `attach` names what leaks, and nothing else."""

import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from leakwatch import Report
from tests.heaps import environment
from tests.printed import ROOT
from tests.services import free_port, is_open, module, redis, service


@pytest.fixture
def here(tmp_path):
    """A copy of the examples, in which the services run and leave their reports."""
    shutil.copytree(ROOT / "examples" / "service", tmp_path, dirs_exist_ok=True)
    (tmp_path / "client").mkdir()
    return tmp_path


@contextmanager
def served(here, variables, command, path):
    """A server that is up, with requests coming in."""
    port = free_port()
    command = [part.replace("PORT", str(port)) for part in command]
    url = f"http://127.0.0.1:{port}{path}"
    with service(here, command, variables) as server:
        server.wait_for(lambda: is_open(port))
        load = [sys.executable, str(here / "load.py"), url, "--seconds", "240"]
        with service(here / "client", load):
            yield server


@contextmanager
def api(here, variables):
    command = module("uvicorn", "--port", "PORT", "api:app")
    with (
        redis(here / "redis") as address,
        served(here, variables | {"REDIS": address}, command, "/carts/{n}") as server,
    ):
        yield server


def web(here, variables):
    options = ("--workers", "2", "--threads", "2", "--bind", "127.0.0.1:PORT", "web:app")
    return served(here, variables, module("gunicorn", *options), "/visits/{n}")


@contextmanager
def tasks(here, variables):
    with redis(here / "redis") as address:
        variables = variables | {"REDIS": address}
        sender = [sys.executable, str(here / "tasks.py")]
        command = module("celery", "-A", "tasks", "worker", "--concurrency", "2", "-l", "INFO")
        with (
            service(here / "client", sender, variables),
            service(here, command, variables) as worker,
        ):
            worker.wait_for(lambda: "ready." in worker.printed())
            yield worker


def daemon(here, variables):
    return service(here, [sys.executable, "daemon.py"], variables)


def attached(here, pid, seconds):
    """What `attach` says of a process and all below it."""
    file = here / "answer.json"
    options = ["growing", "--children", "--seconds", str(seconds), "-o", str(file)]
    done = subprocess.run(
        module("leakwatch", "attach", str(pid), *options),
        env=environment(),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert file.exists(), done.stdout + done.stderr
    return Report.load(file)


LEAKS = {
    api: ("api.Cart", "api.FEED.subscribers[*]", "LW104"),
    web: ("web.Session", "web.SESSIONS[*]", "LW101"),
    tasks: ("tasks.PaymentRefused", "tasks.REFUSED[*]", "LW103"),
    daemon: ("__main__.Message", "__main__.WAITING{member}", "LW107"),
}
each = pytest.mark.parametrize("start", LEAKS, ids=lambda start: start.__name__)


@each
def test_attach_names_the_lead_type_the_cause_and_the_pattern(here, start):
    with start(here, {"LEAKWATCH_DOOR": "1"}) as server:
        report = attached(here, server.pid, 10)
    assert report.leaks, (report, server.printed())
    leak = report.leaks[0]
    assert (leak.type_name, str(leak.cause), leak.pattern.code) == LEAKS[start], str(report)
    assert len(report.leaks) == 1, str(report)


@each
def test_attach_finds_nothing_in_the_twin_that_does_not_leak(here, start):
    with start(here, {"LEAKWATCH_DOOR": "1", "FIXED": "1"}) as server:
        report = attached(here, server.pid, 10)
    assert report.leaks == (), str(report)
