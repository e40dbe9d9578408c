"""The commands of the `leakwatch` program, as a plugin like anybody's."""

from leakwatch.cli.commands.baseline import COMMAND as BASELINE
from leakwatch.cli.commands.combine import COMMAND as COMBINE
from leakwatch.cli.commands.completion import COMMAND as COMPLETION
from leakwatch.cli.commands.diff import COMMAND as DIFF
from leakwatch.cli.commands.doctor import COMMAND as DOCTOR
from leakwatch.cli.commands.explain import COMMAND as EXPLAIN
from leakwatch.cli.commands.hunt import COMMAND as HUNT
from leakwatch.cli.commands.plugins import COMMAND as PLUGINS
from leakwatch.cli.commands.report import COMMAND as REPORT
from leakwatch.cli.commands.run import COMMAND as RUN
from leakwatch.cli.commands.verify import COMMAND as VERIFY
from leakwatch.cli.commands.why import COMMAND as WHY
from leakwatch.command import Subcommand
from leakwatch.hookspecs import hookimpl


@hookimpl
def leakwatch_subcommands() -> tuple[Subcommand, ...]:
    """In the order of `leakwatch --help`."""
    return (
        *(RUN, REPORT, WHY, HUNT, EXPLAIN, BASELINE, DIFF, COMBINE, VERIFY),
        *(PLUGINS, DOCTOR, COMPLETION),
    )
