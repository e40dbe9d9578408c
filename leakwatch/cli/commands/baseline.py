"""`leakwatch baseline`: the leaks that are accepted, written, checked and pruned.

Here is decided as well which baseline `run` and `hunt` go by.
"""

import argparse
import os
from collections.abc import Iterator
from pathlib import Path

from leakwatch.cli.input import report_in
from leakwatch.cli.level import add_level, is_quiet, is_verbose
from leakwatch.cli.messages import CLEAN, FAULT, LEAKS
from leakwatch.cli.output import print_out
from leakwatch.cli.parsing import add_options
from leakwatch.cli.program import current_folder
from leakwatch.command import Subcommand
from leakwatch.compare.baseline import (
    UNEXAMINED,
    Accepted,
    Baseline,
    Comparison,
    compare,
    pruned,
    refusals,
    written,
)
from leakwatch.config import Config, find_file
from leakwatch.errors import ConfigurationError
from leakwatch.reports import baseline_file
from leakwatch.reports.brief import one_line
from leakwatch.reports.wording import counted, printable

EPILOG = """\
A baseline holds the leaks that a project has, so that only new and grown ones fail. `run`,
`hunt` and pytest go by it. What people write into the file stays: order, reasons, comments.

examples:
  leakwatch run -o leaks.json app.py; leakwatch baseline --write leaks.json
  leakwatch baseline --write --reason "until the new pool is in" leaks.json
  leakwatch baseline --prune leaks.json         what is fixed must not come back
  leakwatch baseline --check leaks.json         for CI: is the file up to date?

exit codes: 0 nothing but accepted leaks; 1 new, grown or expired ones, with --check stale
entries as well; 2 usage, or a file that is not understood: it stays as it is; 3 a report was
not judged, or not all of it.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Compare reports with the baseline, and bring it up to date."
    parser.epilog = EPILOG
    parser.add_argument(
        "files",
        metavar="REPORT",
        nargs="+",
        help="a report, written by `leakwatch run -o FILE.json`; `-` is stdin",
    )
    ways = parser.add_mutually_exclusive_group()
    ways.add_argument(
        "--write", action="store_true", help="accept every leak of the reports, as large as it is"
    )
    ways.add_argument(
        "--prune",
        action="store_true",
        help="take out what the reports no longer have, or not so large",
    )
    ways.add_argument("--check", action="store_true", help="fail for stale entries as well")
    parser.add_argument(
        "--reason", help=f"of the new entries that --write adds (default: {UNEXAMINED})"
    )
    add_options(parser, "baseline")
    add_level(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    reason = UNEXAMINED if arguments.reason is None else arguments.reason
    if not reason.strip():
        raise ConfigurationError("--reason: expected a text that says why the leaks are accepted")
    if arguments.reason is not None and not arguments.write:
        raise ConfigurationError("--reason is of new entries, which only --write adds; give both")
    path = path_of(arguments.config)
    if path is None:
        raise ConfigurationError("--baseline: expected the name of a file, found none")
    if arguments.write or arguments.prune:
        baseline = baseline_file.current(path)
    elif os.path.lexists(path):
        baseline = baseline_file.read(path)
    else:
        baseline = Baseline(name=str(path))
    reports = [report_in(file) for file in arguments.files]
    if arguments.write:
        code = renewed(baseline, written(baseline, reports, reason))
    elif arguments.prune:
        code = renewed(baseline, pruned(baseline, reports))
    else:
        found = compare(baseline, reports)
        show(lines(found, baseline.name))
        code = CLEAN if found.ok and not (arguments.check and found.stale) else LEAKS
    show(f"not judged: {it.scope}: {it.not_judged}" for it in reports if it.not_judged)
    return FAULT if any(it.not_judged for it in reports) else code


def baseline_of(config: Config) -> Baseline:
    """The baseline that the configuration names, or that of the project if there is one.

    To be asked before the program runs, which may go to another folder.

    Raises:
        ReportFileError: the file that was named does not exist, or is not understood.
    """
    path = path_of(config)
    if path is None or not ("baseline" in config.sources or os.path.lexists(path)):
        return Baseline()
    return baseline_file.read(path)


def path_of(config: Config) -> Path | None:
    """Where the baseline is or would be; None where there is to be none."""
    source = config.sources.get("baseline")
    if source is None:
        project = find_file(".")
        folder = project.parent if project is not None else Path(current_folder())
        return relative(folder / baseline_file.FILE)
    if not config.baseline:
        return None
    # A relative name in a configuration file counts from the folder of that file.
    is_of_here = source.startswith(("flag ", "environment "))
    return (Path() if is_of_here else Path(source).parent) / config.baseline


def relative(path: Path) -> Path:
    """A path as one would type it here."""
    try:
        found = os.path.relpath(path)
    except OSError:  # the current folder is gone
        return path
    return path if found.startswith(os.pardir) else Path(found)


def renewed(old: Baseline, new: Baseline) -> int:
    """Write the file, print what is different in it, and give the exit code."""
    baseline_file.write(old.name, new)
    show(changes(old, new))
    return CLEAN


def show(text: Iterator[str]) -> None:
    """Print lines on stdout."""
    print_out("".join(f"{printable(line)}\n" for line in text))


def lines(found: Comparison, path: str) -> Iterator[str]:
    """What the baseline makes of the reports, the verdict first."""
    counts = {
        "new": len(found.new),
        "grown": len(found.grown),
        "expired": len(found.expired),
        "stale": len(found.stale),
        "accepted": len(found.accepted),
    }
    if not is_quiet():
        said = ", ".join(f"{n:,} {word}" for word, n in counts.items())
        yield f"leakwatch: baseline {path}: {said}"
    yield from (f"new      {one_line(leak)}" for leak in found.new)
    yield from (f"refused  {one_line(leak)}; {why}" for leak, why in refusals(found))
    yield from (f"stale    {entry}: {entry.reason}" for entry in found.stale)
    if is_verbose():
        yield from (f"accepted {one_line(leak)}; {it.reason}" for leak, it in found.accepted)


def changes(old: Baseline, new: Baseline) -> Iterator[str]:
    """What is different in the new file, the number of entries last."""
    before, after = old.by_signature(), new.by_signature()
    yield from (f"added    {it}" for it in new.entries if it.signature not in before)
    yield from (f"removed  {it}" for it in old.entries if it.signature not in after)
    for entry in new.entries:
        earlier = before.get(entry.signature, entry)
        if earlier != entry:
            yield f"changed  {entry}: {amount(earlier)} -> {amount(entry)}"
    entries = counted(len(new.entries), "entry", "entries")
    if not is_quiet():
        yield f"leakwatch: {old.name}: {entries}"


def amount(entry: Accepted) -> str:
    """How much an entry accepts."""
    return f"{entry.count:,}" if entry.growth is None else f"{entry.growth:g} per run"


COMMAND = Subcommand(
    "baseline", "compare with the accepted leaks, write and prune them", add_arguments, run_command
)
