"""The server: its tools, and what each tells an agent of itself."""

from collections.abc import Callable
from typing import Annotated, Any, Literal, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from leakwatch import __version__
from leakwatch.errors import LeakwatchError
from leakwatch_mcp.answers import Answers

INSTRUCTIONS = """\
leakwatch tells which objects of a Python process outlived their work, what holds them and which
single reference to cut. Begin with `growing` for a service that runs, or with `snapshot` for a
heap in a file; then `explain` a signature to get the lines of the source to change, with a program
before and after the fix. `ok` alone is no clean answer: `partial` and `not_judged` say what is
missing. Nothing is changed by any of this.
"""
READ_ONLY = ToolAnnotations(read_only_hint=True, destructive_hint=False, open_world_hint=False)
HEAP = "a file that leakwatch.snapshot has written (.lwheap)"

Pid = Annotated[int, Field(description="number of a process of this user that has a door", gt=0)]
Arguments = ParamSpec("Arguments")


def serve() -> None:
    """Serve over stdin and stdout until stdin ends."""
    made_server().run("stdio")


def made_server() -> MCPServer:
    """A server with the four tools; it remembers the reports of its session."""
    server = MCPServer("leakwatch", instructions=INSTRUCTIONS, version=__version__)
    answers = Answers()

    @server.tool(annotations=READ_ONLY)
    def growing(
        pid: Pid,
        seconds: Annotated[float, Field(description="how long to look, up to 600")] = 5.0,
    ) -> dict[str, Any]:
        """What becomes more while a Python process runs, and what holds it."""
        return answered(answers.growing, pid, seconds)

    @server.tool(annotations=READ_ONLY)
    def why(
        type_name: Annotated[str, Field(description="`module.Class`, or `Class` alone")],
        pid: Pid | None = None,
        heap: Annotated[str | None, Field(description=HEAP)] = None,
    ) -> dict[str, Any]:
        """What holds the objects of a type: in a process (pid), or in a file (heap)."""
        return answered(answers.why, type_name, pid, heap)

    @server.tool(annotations=READ_ONLY)
    def snapshot(
        heap: Annotated[str, Field(description=HEAP)],
        question: Literal["types", "retained", "roots", "duplicates", "report"] = "report",
        top: Annotated[int, Field(description="rows at the most")] = 20,
    ) -> dict[str, Any]:
        """What is in the heap of a file: its types, what retains most, or a report of causes."""
        return answered(answers.snapshot, heap, question, top)

    @server.tool(annotations=READ_ONLY)
    def explain(
        what: Annotated[str, Field(description="the signature of a leak, or a code: LW104")],
        report: Annotated[str | None, Field(description="a report as JSON, in a file")] = None,
    ) -> dict[str, Any]:
        """How to mend a leak: reference to cut, lines of the source, program before and after."""
        return answered(answers.explain, what, report)

    return server


def answered(
    question: Callable[Arguments, dict[str, Any]],
    *given: Arguments.args,
    **named: Arguments.kwargs,
) -> dict[str, Any]:
    """The answer to a question.

    Raises:
        ToolError: there is none; it says why, and what to do.
    """
    try:
        return question(*given, **named)
    except LeakwatchError as error:
        raise ToolError(str(error)) from None
