"""Small heaps with known leaks, each judged in a process of its own.

A case is a few lines of a module named `app`. Its `Session` objects register themselves
with an open scope when they are made; once the lines have run, the scope is closed. What
the report says of the one survivor is the outcome of the case:

    held("HANDLERS = {'checkout': Session().close}")
    == "module global app: .HANDLERS ['checkout'] .__self__"

Lines that leak only while they run call `judge()` themselves, and a coroutine function
`main` is awaited inside the scope.

Cases can be kept in a text file: a title after `#`, the lines, and after `->` the outcome,
in which `…` stands for any text. Of several any is right; one that begins with `[3.14+]` takes the
place of the others from that version of Python on, and if it is the first the case begins there.
"""

import asyncio
import inspect
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

import pluggy

import leakwatch
from leakwatch.heap.listing import borrow
from leakwatch.model import Leak, RetentionPath
from tests.nursery import run_forked

PLUGINS = "TESTS_PLUGINS"
"""In the environment: names of plugins that a child is to load, separated by commas; else none."""
BORROWS = "TESTS_BORROW"
"""In the environment where the heap is to be judged as in a forked child of leakwatch."""
PRELUDE = """
class Session:
    def __init__(self, *attributes):
        scope.track(self)
    def close(self, *arguments):
        pass
"""


def report_on(lines: str, *, seed: int | None = None, **options: object) -> leakwatch.Report:
    """Run lines as the module `app` inside a scope, in a process of its own.

    Args:
        lines: Python source; `Session`, `scope` and `judge` are defined.
        seed: value of `PYTHONHASHSEED`, for which the interpreter has to be a fresh one.
        options: for `leakwatch.scope`, literals only.

    Returns:
        the report of the scope.
    """
    with tempfile.TemporaryDirectory() as folder:
        saved = Path(folder) / "report.json"
        arguments = (lines, str(saved), repr(options))
        if seed is None:
            run_forked(f"{__name__}:child", *arguments, environment=environment(), cwd=str(ROOT))
        else:
            run_python("-c", CHILD, *arguments, seed=seed)
        return leakwatch.Report.load(saved)


CHILD = "import sys, tests.heaps; tests.heaps.child(*sys.argv[1:])"


HANGS = 300
"""Seconds after which a process hangs: the longest takes 20 alone, and five times as long beside
others."""


def run_python(*arguments: str, seed: int | None = None, python: str = sys.executable) -> str:
    """Standard output of a Python with these arguments; its failure is the test's."""
    seeded = {} if seed is None else {"PYTHONHASHSEED": str(seed)}
    done = subprocess.run(
        [python, *arguments],
        env=environment(python) | seeded,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, f"it ended with {done.returncode}\n{done.stderr}"
    return done.stdout


def environment(python: str = sys.executable) -> dict[str, str]:
    """What a child finds: our packages, and of the plugins those that `PLUGINS` names."""
    found = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    folders = [str(ROOT), str(ROOT / "plugins"), *folders_for(python)]
    return found | {
        "PYTHONPATH": os.pathsep.join(folders),
        "LEAKWATCH_DISABLE_PLUGINS": blocked(),
        # Some end by `os._exit`, which leaves unprinted what is buffered.
        "PYTHONUNBUFFERED": "1",
    }


def blocked() -> str:
    """The plugins to leave out: all, or those that are not asked for."""
    wanted = os.environ.get(PLUGINS)
    if wanted is None:
        return "all"
    names = {point.name for point in entry_points(group="leakwatch")}
    return ",".join(sorted(names - set(wanted.split(","))))


def folders_for(python: str) -> list[str]:
    """Where the Python finds packages: another version gets ours, of which pluggy is one."""
    if python == sys.executable:
        return list(filter(None, sys.path))
    return [str(Path(pluggy.__file__).parents[1])]


ROOT = Path(__file__).resolve().parent.parent


def leak_of(lines: str, *, seed: int | None = None, **options: object) -> Leak:
    """The only leak that the lines leave behind."""
    report = report_on(lines, seed=seed, **options)
    found = (*report.leaks, *report.known, *report.in_use)
    assert len(found) == 1, str(report)
    assert found[0].count == 1, str(report)
    return found[0]


def held(lines: str, **options: object) -> str:
    """How the one survivor of the lines is held: `root label: .name ['key'] .name`."""
    return outline(leak_of(lines, **options).path)


def outline(path: RetentionPath) -> str:
    """A path in one line, its references apart."""
    return " ".join([f"{path.root}:", *(reference.name for reference in path.references)])


@dataclass(frozen=True)
class Case:
    """Lines of `app`, and how the one survivor may be held."""

    title: str
    lines: str
    outcomes: tuple[str, ...]

    def allows(self, outcome: str) -> bool:
        """Whether the outcome is one of those expected."""
        return any(fits(expected, outcome) for expected in self.outcomes)


def cases(path: Path) -> list[Case]:
    """The cases in a text file that this version of Python can have."""
    blocks = path.read_text(encoding="utf-8").removeprefix("# ").split("\n# ")
    return [case for block in blocks if (case := parsed(block)).outcomes]


def parsed(block: str) -> Case:
    """One case: the title, the lines, the outcomes on this version of Python."""
    title, _, rest = block.strip().partition("\n")
    lines, *outcomes = rest.split("\n-> ")
    assert outcomes, f"no outcome in case {title!r}"
    return Case(title, lines, on_this_version(outcomes))


OF_VERSION = re.compile(r"\[3\.(\d+)\+\] ")


def on_this_version(outcomes: list[str]) -> tuple[str, ...]:
    """The outcomes that are of the latest version not after this one."""
    by_version: dict[int, list[str]] = {}
    for outcome in outcomes:
        found = OF_VERSION.match(outcome)
        version = int(found[1]) if found else 0
        if version <= sys.version_info.minor:
            by_version.setdefault(version, []).append(OF_VERSION.sub("", outcome))
    return tuple(by_version[max(by_version)]) if by_version else ()


def fits(expected: str, outcome: str) -> bool:
    """Whether an outcome is the expected one, where `…` stands for any text."""
    pattern = ".*".join(map(re.escape, expected.split("…")))
    return re.fullmatch(pattern, outcome) is not None


# -- in the child process ---------------------------------------------------------------------


def child(lines: str, saved: str, options: str) -> None:
    """Run the lines in a scope, judge, save the report, and leave at once."""
    app = ModuleType("app")
    app.__file__ = "app.py"
    sys.modules["app"] = app
    if BORROWS in os.environ:
        borrow()
    opened = leakwatch.scope("work", **eval(options))
    app.scope = opened  # type: ignore[attr-defined]
    app.judge = lambda: judge(opened, saved)  # type: ignore[attr-defined]
    opened.__enter__()
    run(app, lines)
    app.judge()  # type: ignore[attr-defined]
    # Threads, loops and handlers of the case are left as they are.
    os._exit(0)


def run(app: ModuleType, lines: str) -> None:
    """Execute the lines, and their `main` if they define one."""
    exec(compile(PRELUDE, "prelude.py", "exec"), app.__dict__)
    exec(compile(lines, "app.py", "exec"), app.__dict__)
    main: Callable[[], Any] | None = app.__dict__.get("main")
    if inspect.iscoroutinefunction(main):
        asyncio.run(main())


def judge(opened: Any, saved: str) -> None:
    """Close the scope, unless the lines did so themselves."""
    if opened.report is None:
        opened.__exit__(None, None, None)
        opened.report.save(saved)
