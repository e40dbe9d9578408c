"""gunicorn with two workers: each has a monitor, and each leaves a report when it ends."""

import http.client
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager

from leakwatch import Report
from leakwatch.errors import DoorError
from leakwatch.monitoring.asking import ask
from tests.heaps import environment

APP = """
class Cart: pass
CARTS = []
def app(environ, start_response):
    if environ["PATH_INFO"] == "/add": CARTS.append(Cart())
    start_response("200 OK", [("Content-Length", "0")])
    return []
"""
SETTINGS = """
from leakwatch_workers import Workers
workers = 2
worker_class = "gthread"
_each = Workers("leaks-{pid}.json", every=0.2, budget=1.0)
post_worker_init, worker_exit = _each.post_worker_init, _each.worker_exit
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return taken.getsockname()[1]


@contextmanager
def gunicorn(folder, settings, *options):
    """The address of a server that is up; it is ended as a service manager ends it."""
    (folder / "shop.py").write_text(APP)
    (folder / "gunicorn.conf.py").write_text(settings)
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-b", f"127.0.0.1:{port}", *options, "shop:app"]
    log = (folder / "log.txt").open("w")
    server = subprocess.Popen(command, cwd=folder, env=environment(), stderr=log, stdout=log)
    try:
        until(lambda: answers(port))
        yield port
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0, (folder / "log.txt").read_text()
    finally:
        server.kill()
        server.wait()
        log.close()


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def answers(port):
    try:
        return get(port, "/")
    except OSError:
        return False


def get(port, path):
    """Whether a request is answered; each on a connection of its own, for whichever worker."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path)
    answered = connection.getresponse().status == 200
    connection.close()
    return answered


def is_monitored(pid):
    """Whether a monitor runs in the process; it has opened the door at which we ask."""
    try:
        status = ask(pid, {"verb": "status"}, 10)["status"]
    except DoorError:
        return False
    return [it["running"] for it in status["monitors"]] == [True]


def work(port, path, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert get(port, path)
        time.sleep(0.002)


def test_each_worker_that_leaks_says_so_when_it_ends(tmp_path):
    with gunicorn(tmp_path, SETTINGS) as port:
        work(port, "/add", 6)
    reports = [Report.load(file) for file in tmp_path.glob("leaks-*.json")]
    assert len(reports) == 2
    found = {(leak.type_name, str(leak.cause)) for it in reports for leak in it.leaks}
    assert found == {("shop.Cart", "shop.CARTS[*]")}
    assert not any(it.known for it in reports)


def test_workers_that_do_not_leak_say_nothing(tmp_path):
    with gunicorn(tmp_path, SETTINGS) as port:
        work(port, "/", 4)
    reports = [Report.load(file) for file in tmp_path.glob("leaks-*.json")]
    assert [it.leaks for it in reports] == [(), ()]


def test_one_line_of_configuration_is_enough_and_too_short_a_life_is_no_fault(tmp_path):
    line = "from leakwatch_workers import post_worker_init, worker_exit\n"
    with gunicorn(tmp_path, line, "--preload") as port:
        get(port, "/add")
        workers = re.findall(r"worker with pid: (\d+)", (tmp_path / "log.txt").read_text())
        until(lambda: all(is_monitored(int(it)) for it in workers))
    assert (len(workers), "Error" in (tmp_path / "log.txt").read_text()) == (1, False)


def test_a_report_that_cannot_be_written_does_not_disturb_the_end(tmp_path):
    with gunicorn(tmp_path, SETTINGS.replace("leaks-{pid}.json", "none/here-{pid}.json")) as port:
        get(port, "/add")
    assert "no report of this worker" in (tmp_path / "log.txt").read_text()
