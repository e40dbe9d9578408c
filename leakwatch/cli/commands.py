"""The commands of the `leakwatch` program, as a plugin like anybody's."""

from leakwatch.cli.baseline import COMMAND as BASELINE
from leakwatch.cli.combine import COMMAND as COMBINE
from leakwatch.cli.completion import COMMAND as COMPLETION
from leakwatch.cli.diff import COMMAND as DIFF
from leakwatch.cli.doctor import COMMAND as DOCTOR
from leakwatch.cli.explain import COMMAND as EXPLAIN
from leakwatch.cli.hunt import COMMAND as HUNT
from leakwatch.cli.plugins import COMMAND as PLUGINS
from leakwatch.cli.report import COMMAND as REPORT
from leakwatch.cli.run import COMMAND as RUN
from leakwatch.cli.verify import COMMAND as VERIFY
from leakwatch.cli.why import COMMAND as WHY
from leakwatch.command import Subcommand
from leakwatch.hookspecs import hookimpl


@hookimpl
def leakwatch_subcommands() -> tuple[Subcommand, ...]:
    """In the order of `leakwatch --help`."""
    return (
        *(RUN, REPORT, WHY, HUNT, EXPLAIN, BASELINE, DIFF, COMBINE, VERIFY),
        *(PLUGINS, DOCTOR, COMPLETION),
    )
