"""`leakwatch plugins`: what is loaded, what is not, and why."""

import argparse
from collections.abc import Iterator
from importlib.metadata import entry_points

from leakwatch.cli.output import answer
from leakwatch.command import Subcommand
from leakwatch.plugin_manager import ENTRY_POINTS, PREFIX, Plugins
from leakwatch.reports.wording import printable
from leakwatch.session import plugins

EPILOG = """\
examples:
  leakwatch plugins
  leakwatch -p my_plugin plugins          is my plugin accepted, and with which hooks?
  LEAKWATCH_DISABLE_PLUGINS=memory leakwatch plugins

exit codes: 0 listed, whatever is loaded; 2 usage or configuration.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = (
        "List the plugins that are loaded with the hooks they implement, and those that are not, "
        "with the reason."
    )
    parser.epilog = EPILOG


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    return answer("".join(f"{printable(line)}\n" for line in lines(plugins())))


def lines(hooks: Plugins) -> Iterator[str]:
    """The lines of the list, section by section."""
    loaded = dict(hooks.describe())
    yield "loaded"
    for_reading = {
        name: ", ".join(hook.removeprefix(PREFIX) for hook in hooks_of_it)
        for name, hooks_of_it in loaded.items()
    }
    yield from table(for_reading)
    known = known_leaks(hooks)
    if known:
        yield "known leaks"
        yield from table({name: str(number) for name, number in known.items()})
    missing = not_loaded(hooks, set(loaded))
    if missing:
        yield "not loaded"
        yield from table(missing)
    hooks.extensions("leakwatch_renderers")  # as each report asks for them: what fails then is told
    failed = [fault for fault in hooks.faults if fault.plugin in loaded]
    if failed:
        yield "failed while in use"
        yield from (f"  {fault}" for fault in failed)


def known_leaks(hooks: Plugins) -> dict[str, int]:
    """How many known leaks each plugin brings."""
    return {name: len(entries) for name, entries in hooks.call("leakwatch_known_leaks")}


def not_loaded(hooks: Plugins, loaded: set[str]) -> dict[str, str]:
    """The reason for each plugin that is not loaded, by name."""
    names = {point.name for point in entry_points(group=ENTRY_POINTS)} - loaded
    reasons = dict.fromkeys(sorted(names), "disabled")
    for fault in hooks.faults:
        if fault.plugin not in loaded:
            reasons[fault.plugin] = f"failed in {fault.where}: {fault.error}"
    return reasons


def table(rows: dict[str, str]) -> Iterator[str]:
    """Names in one column, what there is to say in the other."""
    width = max(map(len, rows), default=0)
    for name, text in rows.items():
        yield f"  {name:<{width}}  {text}"


COMMAND = Subcommand("plugins", "list plugins, loaded or not", add_arguments, run_command)
