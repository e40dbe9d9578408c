"""`leakwatch doctor`: what leakwatch runs on, and what may be wrong with it."""

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, packages_distributions, version

import leakwatch
from leakwatch.announcing import environment
from leakwatch.cli.commands.plugins import known_leaks, table
from leakwatch.cli.output import answer
from leakwatch.command import Subcommand
from leakwatch.config import OPTIONS, Config, unknown_variables
from leakwatch.guest.collector import gc_is_enabled, program_froze
from leakwatch.heap.graph import WHY_PURE
from leakwatch.reports.wording import printable
from leakwatch.session import plugins

DISTRIBUTION = "leakwatch-framework"
LIBRARIES = ("pluggy", "packaging", "psutil", "objgraph", "pytest")

EPILOG = """\
Put its output into every bug report. To find out which configuration a folder has, run it
there.

examples:
  leakwatch doctor
  LEAKWATCH_MIN_COUNT=20 leakwatch doctor
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = (
        "Show the interpreter, the versions, the configuration with the place where each value "
        "was set, and what is wrong with the plugins."
    )
    parser.epilog = EPILOG


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
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
    troubles = list(problems())
    yield "problems" if troubles else "problems: none"
    yield from (f"  {trouble}" for trouble in troubles)


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
    "doctor", "show the installation, the configuration and problems", add_arguments, run_command
)
