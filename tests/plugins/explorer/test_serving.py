"""Who may ask, and what a server and its command do: by requests as anybody could send them."""

import http.client
import signal
import socket
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from leakwatch_explorer.guard import HEADERS, new_token
from leakwatch_explorer.serving import listener
from tests.heaps import environment


@pytest.fixture
def ask(address):
    """Send one request to the server; gives the response, read."""
    place = urlsplit(address)

    def send(path=place.path + "0/", method="GET", hosts=(place.netloc,)):
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        connection.putrequest(method, path, skip_host=True)
        for host in hosts:
            connection.putheader("Host", host)
        connection.endheaders()
        response = connection.getresponse()
        response.text = response.read().decode()
        connection.close()
        return response

    send.token = place.path.strip("/")
    send.port = place.port
    return send


def test_the_whole_address_is_answered(ask):
    assert ask().status == 200
    assert ask(hosts=[f"localhost:{ask.port}"]).status == 200
    assert ask(f"/{ask.token}/").getheader("Location") == f"/{ask.token}/0/"


@pytest.mark.parametrize(
    "path", ["/", "/0/", "//", "/style.css", "/{token}x/0/", "/{short}/0/", "/%E2%82%AC/0/"]
)
def test_without_the_token_nothing_is_told(ask, path):
    response = ask(path.format(token=ask.token, short=ask.token[:-1]))
    assert response.status == 404
    assert response.text == "not found: the whole address is needed\n"


@pytest.mark.parametrize(
    "hosts", [(), ("evil.example",), ("127.0.0.1",), ("evil.example", "127.0.0.1:{port}")]
)
def test_a_name_that_leads_here_but_is_not_ours_is_refused(ask, hosts):
    response = ask(hosts=[it.format(port=ask.port) for it in hosts])
    assert response.status in {400, 421}
    assert "lwheap" not in response.text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_nothing_but_reading_is_possible(ask, method):
    assert ask(method=method).status == 405


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("compare?older=7", 404),
        ("0/types?owner=99999", 404),
        ("0/types?first=-1", 400),
        ("0/types?first=" + "9" * 5000, 400),
        ("0/objects/" + "9" * 5000, 414),
        ("0/types?first=99999999999", 200),
        ("0/objects/1?out=99999&back=99999", 200),
        ("0/objects/-1", 404),
        ("0/../1/types", 404),
    ],
)
def test_an_odd_address_is_answered_by_a_page_or_refused(ask, path, status):
    response = ask(f"/{ask.token}/{path}")
    assert response.status == status
    assert "Traceback" not in response.text


@pytest.mark.parametrize("path", ["", "0/", "style.css", "nothing"])
def test_every_answer_forbids_scripts_frames_and_caches(ask, path):
    for found in (f"/{ask.token}/{path}", f"/{path}"):
        response = ask(found)
        for name, value in HEADERS.items():
            assert response.headers.get_all(name) == [value]
    assert "script-src" not in HEADERS["Content-Security-Policy"]
    assert "default-src 'none'" in HEADERS["Content-Security-Policy"]


def test_the_server_listens_to_this_machine_only():
    with listener(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


def test_tokens_are_long_and_never_the_same():
    tokens = {new_token() for _ in range(100)}
    assert len(tokens) == 100
    assert min(map(len, tokens)) >= 43


# -- the command ----------------------------------------------------------------------------------


def test_ctrl_c_ends_it_with_0_and_the_token_is_in_no_log(files, explore):
    with explore(files[0]) as (process, address):
        place = urlsplit(address)
        connection = http.client.HTTPConnection(place.hostname, place.port, timeout=60)
        connection.request("GET", place.path + "0/")
        assert connection.getresponse().status == 200
        connection.close()
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode == 0
    assert place.path.strip("/") not in told
    assert "Traceback" not in told


def command(*arguments, before=""):
    code = f"{before}\nimport sys\nfrom leakwatch.cli import main\nsys.exit(main(sys.argv[1:]))"
    return subprocess.run(
        [sys.executable, "-P", "-c", code, "explore", *arguments],
        env={**environment(), "LEAKWATCH_DISABLE_PLUGINS": ""},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_what_to_install(files, missing):
    result = command(files[0], before=f"import sys; sys.modules[{missing!r}] = None")
    assert result.returncode == 2
    assert f"explore needs {missing}" in result.stderr
    assert "pip install 'leakwatch-framework[explorer]'" in result.stderr
    assert result.stdout == ""


def test_wrong_arguments_end_with_2(files, tmp_path):
    (tmp_path / "no.lwheap").write_bytes(b"nothing")
    for arguments in (
        ["--port", "65536", files[0]],
        [str(tmp_path / "no.lwheap")],
        [str(tmp_path / "missing.lwheap")],
        files[:1] * 21,
        [],
    ):
        result = command(*arguments)
        assert (result.returncode, result.stdout) == (2, ""), arguments
        assert result.stderr.count("\n") <= 2


def test_a_port_that_is_taken_is_told(files):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        result = command("--port", str(taken.getsockname()[1]), files[0])
    assert result.returncode == 2
    assert "without --port a free one is taken" in result.stderr
