"""The server as an agent has it: the client of the package `mcp`, over stdin and stdout."""

import asyncio
import sys

import pytest
from mcp import Client
from mcp.client.stdio import StdioServerParameters

from leakwatch import Report
from leakwatch.cli import main
from leakwatch.model import Cause, Leak, Reference, RetentionPath, Root
from leakwatch_mcp.serving import made_server
from tests import nursery
from tests.heaps import environment
from tests.leakwatch.cli.conftest import clean_environment
from tests.leakwatch.monitoring.test_door import service

SIGNATURE = "3f9c00000001"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("agent")
    references = (Reference("module", ".CARTS"), Reference("list", "[0]", cut=True))
    path = RetentionPath(Root("module global", "shop"), references, "shop.Cart")
    leak = Leak("shop.Cart", 3, None, 96, 96, SIGNATURE, path, cause=Cause("shop.CARTS", "[*]"))
    Report("work", leaks=(leak,)).save(folder / "leaks.json")
    (folder / "shop.py").write_text("class Cart: pass\nCARTS = [Cart()]\n")
    line = ["run", "--snapshot-at-exit", "heap.lwheap", "shop.py"]
    nursery.run("leakwatch", line, environment=clean_environment(), cwd=folder)
    return folder


def asked(server, *calls):
    """The structured answers to calls, each a name and arguments; of an error its text."""

    async def talk():
        async with Client(server) as client:
            return [answer_of(await client.call_tool(name, given)) for name, given in calls]

    return asyncio.run(talk())


def answer_of(result):
    return result.content[0].text if result.is_error else result.structured_content


def test_an_agent_asks_a_process_and_files_over_stdin_and_stdout(files, tmp_path):
    variables = environment() | {"XDG_RUNTIME_DIR": str(tmp_path)}
    server = StdioServerParameters(
        command=sys.executable, args=["-m", "leakwatch_mcp"], env=variables, cwd=files
    )
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("XDG_RUNTIME_DIR", str(tmp_path))
        with service() as pid:
            why, explained = asked(
                server,
                ("why", {"type_name": "Cart", "pid": pid}),
                ("explain", {"what": "3f9c", "report": "leaks.json"}),
            )
    assert why["leaks"][0]["type_name"] == "__main__.Cart"
    assert "CARTS" in why["text"]
    assert explained["reference"] == "[0] in shop.CARTS"


def test_every_tool_says_that_it_only_reads():
    async def listed():
        async with Client(made_server()) as client:
            return (await client.list_tools()).tools

    tools = {tool.name: tool for tool in asyncio.run(listed())}
    assert sorted(tools) == ["explain", "growing", "snapshot", "why"]
    assert all(tool.annotations.read_only_hint for tool in tools.values())
    assert all(tool.description for tool in tools.values())


def test_a_heap_is_asked_and_a_leak_of_the_answer_explained(files):
    heap = str(files / "heap.lwheap")
    server = made_server()
    types, why = asked(
        server,
        ("snapshot", {"heap": heap, "question": "types", "top": 3}),
        ("why", {"type_name": "Cart", "heap": heap}),
    )
    assert (len(types["types"]), types["objects"] > 1000) == (3, True)
    (leak,) = why["leaks"]
    (explained,) = asked(server, ("explain", {"what": leak["signature"]}))
    assert explained["holder"] == "__main__.CARTS"
    assert explained["path"][-1].startswith("  [0]")


def test_a_code_is_explained():
    (explained,) = asked(made_server(), ("explain", {"what": "lw104"}))
    assert (explained["code"], bool(explained["before"])) == ("LW104", True)


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("growing", {"pid": 999_999_999}, "there is no process 999999999"),
        ("growing", {"pid": 1, "seconds": 0}, "seconds 0: expected above 0"),
        ("why", {"type_name": "Cart"}, "give either pid or heap"),
        ("snapshot", {"heap": "none.lwheap"}, "none.lwheap: "),
        ("explain", {"what": "LW999"}, "there is no pattern 'LW999'"),
        ("explain", {"what": "3f", "report": "none.json"}, "none.json: cannot read the report"),
    ],
)
def test_what_cannot_be_answered_says_why(name, given, message):
    (said,) = asked(made_server(), (name, given))
    assert message in said


def test_without_the_package_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "mcp.server.mcpserver", None)
    monkeypatch.delitem(sys.modules, "leakwatch_mcp.serving")
    monkeypatch.setattr(sys, "__stderr__", sys.stderr)
    assert main(["mcp"]) == 2
    assert "install the extra `mcp`: pip install 'leakwatch-framework[mcp]'" in (
        capsys.readouterr().err
    )
