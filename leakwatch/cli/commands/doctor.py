"""`leakwatch doctor`: what leakwatch runs on, and what may be wrong with it; or with a process."""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path

import leakwatch
from leakwatch.announcing import environment
from leakwatch.cli.commands.plugins import known_leaks, table
from leakwatch.cli.messages import FAULT, complain
from leakwatch.cli.output import answer
from leakwatch.command import Subcommand
from leakwatch.config import OPTIONS, Config, unknown_variables
from leakwatch.errors import DoorError
from leakwatch.guest.collector import gc_is_enabled, program_froze
from leakwatch.heap.graph import WHY_PURE
from leakwatch.monitoring.processes import family_of, files_of, minor_of, owner_of, program_of
from leakwatch.monitoring.ways_in import ways_into
from leakwatch.reports.wording import counted, printable
from leakwatch.session import plugins
from leakwatch.snapshots.native import WHY_PURE as WHY_PURE_SNAPSHOTS
from leakwatch.snapshots.native import native

DISTRIBUTION = "leakwatch-framework"
LIBRARIES = ("pluggy", "packaging", "psutil", "objgraph", "pytest")

PROJECTS = ("pyproject.toml", "setup.py", "setup.cfg", ".git")
SUITES = ("tests", "test", "conftest.py", "pytest.ini", "tox.ini")
CHECK = "python -m pytest --leakwatch --leakwatch-report=leaks.html"
PIPELINES = {
    ".github/workflows": ("a step in .github/workflows", f"- run: {CHECK} --leakwatch-github"),
    ".gitlab-ci.yml": ("a job in .gitlab-ci.yml", f"script: [{CHECK}]"),
}
"""The step for each system of continuous integration, by the file that a project has for it."""

EPILOG = """\
In a project it also proposes what to type, and the step for continuous integration.
Put its output into every bug report. To find out which configuration a folder has, run it
there.

examples:
  leakwatch doctor
  LEAKWATCH_MIN_COUNT=20 leakwatch doctor
  leakwatch doctor 4711                    can `leakwatch attach 4711` ask it, and how?

exit codes: 0 shown, problems too; 2 usage or configuration; of a PID 3 if there is no way in.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = (
        "Show the interpreter, the versions, the configuration with the place where each value "
        "was set, and what is wrong with the plugins. Or of a process that runs: which ways into "
        "it are open to `leakwatch attach`, and what would open the others."
    )
    parser.epilog = EPILOG
    parser.add_argument("pid", metavar="PID", type=int, nargs="?", help="the number of a process")


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    if arguments.pid is not None:
        return examine(arguments.pid)
    return answer("".join(f"{printable(line)}\n" for line in lines(arguments.config)))


def lines(config: Config) -> Iterator[str]:
    """The lines of the answer, section by section."""
    yield "interpreter"
    yield from table(interpreter())
    yield "versions"
    yield from table({name: installed(name) for name in (DISTRIBUTION, *LIBRARIES)})
    yield "configuration"
    yield from configuration(config)
    yield f"plugins: {', '.join(plugins().versions()) or 'none'}"
    yield f"known leaks: {sum(known_leaks(plugins()).values())}"
    proposals = dict(proposed(Path()))
    if proposals:
        yield "what you can do in this project"
        yield from table(proposals)
    troubles = list(problems())
    yield "problems" if troubles else "problems: none"
    yield from (f"  {trouble}" for trouble in troubles)


def examine(pid: int) -> int:
    """Tell the ways into a process; gives the exit code."""
    try:
        ways = list(ways_into(pid))
    except DoorError as error:
        complain(str(error))
        return FAULT
    told = {it.name: f"{'open' if it.is_open else 'closed'}: {it.told}" for it in ways}
    sections = {f"process {pid}": facts_on(pid), "ways in": told}
    shown = [line for title, rows in sections.items() for line in (title, *table(rows))]
    code = answer("".join(f"{printable(line)}\n" for line in shown))
    return code if any(it.is_open for it in ways) else FAULT


def facts_on(pid: int) -> dict[str, str]:
    """What the system tells of a process."""
    minor, owner = minor_of(pid), owner_of(pid)
    return {
        "program": program_of(pid) or "not told",
        "python": "none that is known" if minor is None else f"3.{minor}",
        "user": "not told" if owner is None else str(owner),
        "files": files_of(pid) or "as here",
        "below": counted(len(list(family_of(pid))) - 1, "process", "processes"),
    }


def interpreter() -> dict[str, str]:
    """Facts about the interpreter, and how the heap is walked in it."""
    found = environment(())
    name, _, kind = found.implementation.partition(" ")
    enabled = "on" if gc_is_enabled() else "off"
    frozen = f", {program_froze():,} objects frozen" if program_froze() else ""
    return {
        "python": f"{name} {found.python} {kind}".rstrip(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "leakwatch": str(leakwatch.__file__),
        "heap walk": f"{found.heap_walk} ({WHY_PURE})" if WHY_PURE else found.heap_walk,
        "snapshots": "native" if native is not None else f"pure ({WHY_PURE_SNAPSHOTS})",
        "weak containers": found.weak_containers,
        "collector": f"{enabled}{frozen}",
    }


def installed(name: str) -> str:
    """The version of a distribution."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def configuration(config: Config) -> Iterator[str]:
    """Each option with its value and where that was set."""
    rows = {row.name: shown(getattr(config, row.name)) for row in OPTIONS}
    width = max(map(len, rows.values()))
    yield from table(
        {
            name: f"{value:<{width}}  {config.sources.get(name, 'default')}"
            for name, value in rows.items()
        }
    )


def shown(value: object) -> str:
    """A value as the configuration file would have it."""
    if isinstance(value, tuple):
        return f"[{', '.join(map(repr, value))}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def proposed(folder: Path) -> Iterator[tuple[str, str]]:
    """What to type or to add in a project, each with the place for it; nothing elsewhere.

    Args:
        folder: the current one.
    """
    if not any((folder / name).exists() for name in PROJECTS):
        return
    if any((folder / name).exists() for name in SUITES):
        yield "tests", "python -m pytest --leakwatch"
        yield "  that leak already", "python -m pytest --leakwatch-write-baseline"
    for name, (place, step) in PIPELINES.items():
        if (folder / name).exists():
            yield place, step
    yield "a script", "leakwatch run -o leaks.html SCRIPT.py"
    yield "a service", "`leakwatch.monitor()` where it starts, or LEAKWATCH_DOOR=1 for `attach`"
    yield "a request, a task", "`with leakwatch.scope(NAME, types=[...])` in a middleware around it"


def problems() -> Iterator[str]:
    """What may be wrong with the installation, the environment and the plugins."""
    owners = sorted(set(packages_distributions().get("leakwatch", [])))
    if owners and owners != [DISTRIBUTION]:
        yield (
            f"the import name leakwatch belongs to {', '.join(owners)}: "
            f"uninstall what is not {DISTRIBUTION}"
        )
    if not owners:
        folder = os.path.dirname(os.path.dirname(os.path.abspath(leakwatch.__file__)))
        yield f"{DISTRIBUTION} is not installed, leakwatch runs from {folder}; plugins are missing"
    yield from unknown_variables(os.environ)
    yield from map(str, plugins().faults)


COMMAND = Subcommand(
    "doctor",
    "show the installation, problems, and the ways into a process",
    add_arguments,
    run_command,
)
