"""`%%leakwatch`: runs a cell inside a scope and shows the report."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.interactiveshell import InteractiveShell
from IPython.display import display

import leakwatch
from leakwatch import Report
from leakwatch.integration import described, take_part
from leakwatch_jupyter.session_roots import SessionRoots, names_of_results

MAGIC = "leakwatch"
AT_TOP_LEVEL = compile("with scope:\n    run()", "<leakwatch>", "exec")
"""Run with the variables of the session for globals: so they are those of who asks, and in use."""


def add_magic(shell: Any) -> None:
    """Register the magic, and tell leakwatch what the session keeps."""
    take_part(SessionRoots(shell), "jupyter")
    with loop_hidden():
        # In which cells await: made now, and not by the first one that does.
        get_asyncio_loop()  # type: ignore[no-untyped-call]

    def magic(line: str, cell: str) -> None:
        """`%%leakwatch [TYPES ...]`: what the cell made and left behind, and what holds it.

        TYPES are patterns, such as `shop.models:*`, of the types that are judged; all without one.
        """
        show(judged(shell, cell, line.split()))

    shell.register_magic_function(magic, "cell", MAGIC)


def judged(shell: Any, cell: str, types: list[str]) -> Report:
    """Run a cell; the report on it."""
    name = f"cell [{len(shell.user_ns['In']) - 1}]"
    scope = leakwatch.scope(name, discover=True, types=types or None)
    with results_hidden(shell) as hide, loop_hidden():
        run = Run(shell, cell, hide)
        exec(AT_TOP_LEVEL, shell.user_ns, {"scope": scope, "run": run})  # noqa: S102
    if run.error is not None:
        # Its traceback has all variables of its frames, and IPython keeps it.
        return Report(name, not_judged=f"the cell raised {described(run.error)}")
    assert scope.report is not None
    return scope.report


class Run:
    """Runs a cell as the session does, inside of another that is running.

    Attributes:
        error: what the cell raised, or None.
    """

    def __init__(self, shell: Any, cell: str, hide: Callable[[], None]) -> None:
        self._shell, self._cell, self._hide = shell, cell, hide
        self.error: BaseException | None = None

    def __call__(self) -> None:
        before = self._shell.last_execution_result
        result = self._shell.run_cell(self._cell)
        self.error = result.error_before_exec or result.error_in_exec
        self._shell.last_execution_result = before  # that of the cell around is to come
        self._hide()


class Kept(dict[str, Any]):
    """Variables that were taken from a session; of a type of our own, which is never counted."""


@contextmanager
def results_hidden(shell: InteractiveShell) -> Iterator[Callable[[], None]]:
    """Gives a function that takes IPython's names of results from the session; they come back.

    By these names results are held by variables of the program; by `Out` they are IPython's.
    """
    kept, namespace = Kept(), shell.user_ns

    def hide() -> None:
        kept.update((name, namespace.pop(name)) for name in names_of_results(namespace))

    try:
        yield hide
    finally:
        namespace.update(kept)


@contextmanager
def loop_hidden() -> Iterator[None]:
    """Let a cell run and be judged as outside of the kernel's event loop.

    A kernel runs cells in a task, and while one runs the loop stands still: its other tasks are no
    work beside it. What the cell awaits runs in a loop of IPython's, as on a terminal.
    """
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    try:
        yield
    finally:
        asyncio._set_running_loop(running)


def show(report: Report) -> None:
    """Show a report as a table on the page, and as text on a terminal."""
    shown = {"text/plain": str(report), "text/html": report._repr_html_()}
    display({kind: text for kind, text in shown.items() if text}, raw=True)  # type: ignore[no-untyped-call]
