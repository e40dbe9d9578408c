"""`leakwatch baseline`: the leaks that are accepted, written, checked and pruned."""

import argparse
import os
from collections.abc import Iterator

from leakwatch.cli.baseline_choice import path_of
from leakwatch.cli.messages import CLEAN, FAULT, LEAKS
from leakwatch.cli.output import print_out
from leakwatch.cli.parsing import add_options
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
from leakwatch.config import Config
from leakwatch.errors import ConfigurationError
from leakwatch.model import Leak
from leakwatch.report import Report
from leakwatch.reports import baseline_file
from leakwatch.reports.text import sentence
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
        help="a report, written by `leakwatch run -o FILE.json`",
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


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    reason = UNEXAMINED if arguments.reason is None else arguments.reason
    if not reason.strip():
        raise ConfigurationError("--reason: expected a text that says why the leaks are accepted")
    if arguments.reason is not None and not arguments.write:
        raise ConfigurationError("--reason is of new entries, which only --write adds; give both")
    path = place(arguments.config)
    to_renew = arguments.write or arguments.prune
    baseline = baseline_file.current(path) if to_renew else existing(path)
    reports = [Report.load(file) for file in arguments.files]
    unjudged = [f"not judged: {it.scope}: {it.not_judged}" for it in reports if it.not_judged]
    if arguments.write:
        code = renewed(baseline, written(baseline, reports, reason))
    elif arguments.prune:
        code = renewed(baseline, pruned(baseline, reports))
    else:
        found = compare(baseline, reports)
        show(lines(found, baseline.name))
        code = CLEAN if found.ok and not (arguments.check and found.stale) else LEAKS
    show(iter(unjudged))
    return FAULT if unjudged else code


def existing(path: str) -> Baseline:
    """The baseline as it is; an empty one where there is no file."""
    return baseline_file.read(path) if os.path.lexists(path) else Baseline(name=path)


def renewed(old: Baseline, new: Baseline) -> int:
    """Write the file and say what is different in it."""
    baseline_file.write(old.name, new)
    show(changes(old, new))
    return CLEAN


def show(text: Iterator[str]) -> None:
    """Print lines on stdout."""
    print_out("".join(f"{printable(line)}\n" for line in text))


def place(config: Config) -> str:
    """The name of the file.

    Raises:
        ConfigurationError: the configuration wants none.
    """
    path = path_of(config)
    if path is None:
        raise ConfigurationError("--baseline: expected the name of a file, found none")
    return str(path)


def lines(found: Comparison, path: str) -> Iterator[str]:
    """What the baseline makes of the reports, the verdict first."""
    counts = {
        "new": len(found.new),
        "grown": len(found.grown),
        "expired": len(found.expired),
        "stale": len(found.stale),
        "accepted": len(found.accepted),
    }
    yield f"leakwatch: baseline {path}: {', '.join(f'{n:,} {word}' for word, n in counts.items())}"
    yield from (f"new      {told(leak)}" for leak in found.new)
    yield from (f"refused  {told(leak)}; {said}" for leak, said in refusals(found))
    yield from (f"stale    {entry}: {entry.reason}" for entry in found.stale)


def told(leak: Leak) -> str:
    """A leak in one line."""
    return f"{leak.signature}  {sentence(leak)}"


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
    yield f"leakwatch: {old.name}: {entries}"


def amount(entry: Accepted) -> str:
    """How much an entry accepts."""
    return f"{entry.count:,}" if entry.growth is None else f"{entry.growth:g} per run"


COMMAND = Subcommand(
    "baseline", "compare with the accepted leaks, write and prune them", add_arguments, run_command
)
