"""`leakwatch snapshot`: questions to a heap that was written to a file."""

import argparse
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial

from leakwatch.cli.commands.why import failed_or_clean
from leakwatch.cli.messages import CLEAN, INTERRUPTED, remark
from leakwatch.cli.output import add_output, check_folder, deliver, format_for
from leakwatch.cli.tables import Table, check_tables, deliver_tables
from leakwatch.cli.terminal import working
from leakwatch.command import Subcommand
from leakwatch.errors import ConfigurationError, LeakwatchError, PluginError
from leakwatch.isolation.calls import described
from leakwatch.report import Report
from leakwatch.reports.heap_format import HeapFormat
from leakwatch.session import plugins
from leakwatch.snapshots.grouped import GROUPINGS
from leakwatch.snapshots.reading import Snapshot
from leakwatch.stages import Stage, begins

TOP = 20
CUT_SHORT = "interrupted before there was an answer"
LARGEST = "what takes most"
DEVTOOLS, PICTURE = ".heapsnapshot", ".dot"
SAID = {
    DEVTOOLS: "to be opened in the Memory panel of Chrome's DevTools, or by MemLab",
    PICTURE: "to be drawn by graphviz: dot -Tsvg",
}
DEEPEST = 10
QUESTIONS = ("why", "types", "retained", "roots", "duplicates", "report", "diff", "convert")
EPILOG = """\
A file is written by `leakwatch.snapshot(path)` or `leakwatch run --snapshot-at-exit FILE`. It has
no values, and neither the program nor its libraries are needed to ask it.

questions:
  (none)         what is in it: the types that take most, the objects that retain most
  why TYPE       what holds the objects of a type, as `leakwatch why` says it of a program
  types          the types, those that take most memory first
  retained       the objects that retain most: what would go if one of them went; with
                 --by type, module or distribution: what the objects of each retain together
  roots          the roots whose objects retain most
  duplicates     memory to be won: equal strings and bytes, empty containers, sparse dicts,
                 instances with a dict where slots would do
  report         what holds the objects of the program's own types that take most
  diff OLDER     what each cause holds more or less than in an older file, and the types of
                 which there are more or fewer; with a third file, diff OLDER BASELINE: what the
                 work between the two older ones has added, and whether it stayed
  convert        with -o FILE.heapsnapshot: for Chrome's DevTools and MemLab;
                 with -o FOLDER.parquet: tables for DuckDB, Polars and Spark;
                 with -o FILE.dot --around TYPE: a picture of what stands around its objects

examples:
  leakwatch snapshot heap.lwheap
  leakwatch snapshot heap.lwheap why shop.models.Cart
  leakwatch snapshot heap.lwheap retained --top 5
  leakwatch snapshot heap.lwheap retained --by module
  leakwatch snapshot heap.lwheap types --format json
  leakwatch snapshot heap.lwheap report -o heap.html
  leakwatch snapshot tuesday.lwheap diff monday.lwheap
  leakwatch snapshot final.lwheap diff target.lwheap baseline.lwheap
  leakwatch snapshot heap.lwheap convert -o heap.heapsnapshot
  leakwatch snapshot heap.lwheap convert -o heap.parquet
  leakwatch snapshot heap.lwheap convert -o cart.dot --around shop.models.Cart

exit codes: 0 answered, whatever is held; 2 usage, or no whole snapshot; 3 there is no such object,
or the answer could not be written.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Ask a heap that was written to a file."
    parser.epilog = EPILOG
    parser.usage = "leakwatch snapshot [options] FILE [QUESTION [TYPE or OLDER [BASELINE]]]"
    parser.add_argument("file", metavar="FILE", help="written by `leakwatch.snapshot`")
    parser.add_argument(
        "question", metavar="QUESTION", nargs="?", choices=QUESTIONS, help="see below"
    )
    parser.add_argument("subject", metavar="TYPE or OLDER", nargs="?", help="what it is about")
    parser.add_argument("baseline", metavar="BASELINE", nargs="?", help="the oldest of three files")
    parser.add_argument(
        "--top", metavar="N", type=int, default=TOP, help=f"rows at the most (default: {TOP})"
    )
    parser.add_argument(
        "--by", choices=tuple(GROUPINGS), help="with `retained`: what objects are put together by"
    )
    parser.add_argument(
        "--around", metavar="TYPE", help="with `convert -o FILE.dot`: what the picture is about"
    )
    parser.add_argument(
        "--depth",
        metavar="N",
        type=int,
        default=2,
        help="with --around: references to follow from it, in both directions (default: 2)",
    )
    add_output(parser)


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    question: str | None = arguments.question
    needs = {"why": "TYPE", "diff": "OLDER"}.get(question or "")
    if (needs is None) != (arguments.subject is None):
        expected = f"needs {needs} behind it" if needs else "takes nothing behind it"
        raise ConfigurationError(f"snapshot {question or ''}: {expected}")
    if arguments.top < 1:
        raise ConfigurationError(f"--top {arguments.top}: expected 1 or more")
    if arguments.baseline and question != "diff":
        raise ConfigurationError("snapshot: a third word belongs to the question `diff`")
    if arguments.by and question != "retained":
        raise ConfigurationError("--by: belongs to the question `retained`")
    if question == "convert":
        return convert(arguments)
    chosen = format_for(arguments.config, arguments.output)
    if question in ("why", "report"):
        report = report_on(arguments)
        code = failed_or_clean(deliver([report], chosen, arguments.output))
        return INTERRUPTED if report.partial == CUT_SHORT else code
    check_tables(chosen)
    return deliver_tables(lambda: tables_on(arguments), chosen, arguments.output)


def tables_on(arguments: argparse.Namespace) -> Iterable[Table]:
    """The answer to a question that has rows for an answer."""
    return TABLES[arguments.question](Snapshot.load(arguments.file), arguments)


def report_on(arguments: argparse.Namespace) -> Report:
    """What holds the objects of a type, or those that take most; Ctrl-C ends it unjudged."""
    subject = arguments.subject or LARGEST
    try:
        with working("", sys.__stderr__):
            heap = Snapshot.load(arguments.file)
            return heap.why(subject) if arguments.question == "why" else heap.report()
    except KeyboardInterrupt:
        return Report(subject, "why", partial=CUT_SHORT, not_judged=CUT_SHORT)


# -- other formats ----------------------------------------------------------------------------


def convert(arguments: argparse.Namespace) -> int:
    """Write the heap in another format."""
    output: str | None = arguments.output
    known = conversions()
    suffix = next((it for it in known if output and output.endswith(it)), None)
    if output is None or suffix is None:
        raise ConfigurationError(
            f"snapshot convert: needs -o FILE that ends in {' or '.join(known)}"
        )
    if (suffix == PICTURE) != (arguments.around is not None):
        raise ConfigurationError(
            f"snapshot convert: --around TYPE and -o FILE{PICTURE} go together"
        )
    if not 1 <= arguments.depth <= DEEPEST:
        raise ConfigurationError(f"--depth {arguments.depth}: expected 1 to {DEEPEST}")
    if not os.path.isdir(output):
        check_folder(output)
    with working("", sys.__stderr__):
        heap = Snapshot.load(arguments.file)
        begins(Stage.WRITE)
        known[suffix](heap, arguments)
    remark(f"{output}: {SAID.get(suffix, 'written')}")
    return CLEAN


def conversions() -> dict[str, Callable[[Snapshot, argparse.Namespace], None]]:
    """What writes a heap, by suffix: leakwatch's own formats, and those of plugins."""
    found: dict[str, Callable[[Snapshot, argparse.Namespace], None]] = {
        DEVTOOLS: lambda heap, given: heap.to_heapsnapshot(given.output),
        PICTURE: lambda heap, given: heap.to_dot(given.output, given.around, given.depth),
    }
    for plugin, offered in plugins().call("leakwatch_heap_formats"):
        for it in offered:
            for suffix in it.suffixes:
                found.setdefault(suffix, partial(written_by, plugin, it))
    return found


def written_by(plugin: str, chosen: HeapFormat, heap: Snapshot, given: argparse.Namespace) -> None:
    """Have a plugin write a heap; what it raises is reported with its name."""
    try:
        chosen.write(heap.tables(), given.output)
    except LeakwatchError:
        raise
    except Exception as error:
        raise PluginError(
            f"plugin {plugin!r} failed in format {chosen.name!r}: {described(error)}"
        ) from error


# -- questions --------------------------------------------------------------------------------


def types(heap: Snapshot, top: int) -> Table:
    """The types that take most."""
    rows = heap.types()[:top]
    return Table(
        "types",
        ("objects", "bytes", "type"),
        [(row.count, row.bytes, row.type_name) for row in rows],
        [asdict(row) for row in rows],
    )


def retained(heap: Snapshot, top: int) -> Table:
    """The objects that retain most."""
    rows = heap.retained(top)
    return Table(
        "retained",
        ("retained", "bytes", "type", "place"),
        [(row.retained_bytes, row.bytes, row.type_name, row.place) for row in rows],
        [asdict(row) for row in rows],
    )


def grouped(heap: Snapshot, by: str, top: int) -> Table:
    """The groups that retain most."""
    rows = heap.retained_by(by)[:top]
    return Table(
        "retained",
        ("retained", "bytes", "objects", by),
        [(row.retained_bytes, row.bytes, row.count, row.name) for row in rows],
        [asdict(row) for row in rows],
    )


def roots(heap: Snapshot, top: int) -> Table:
    """The roots whose objects retain most."""
    rows = heap.roots(top)
    return Table(
        "roots",
        ("retained", "type", "root"),
        [(row.retained_bytes, row.type_name, row.label) for row in rows],
        [asdict(row) for row in rows],
    )


def duplicates(heap: Snapshot, top: int) -> Table:
    """What memory could be won."""
    rows = heap.duplicates()[:top]
    return Table(
        "duplicates",
        ("to win", "objects", "what", "type", "held by"),
        [(row.bytes, row.count, row.waste.value, row.type_name, row.held_by) for row in rows],
        [asdict(row) for row in rows],
    )


def differences(heap: Snapshot, older: Snapshot, top: int) -> Table:
    """The types of which there are more or fewer."""
    rows = heap.diff(older)[:top]
    return Table(
        "changes",
        ("more", "bytes more", "objects", "type"),
        [(f"{row.more:+,}", f"{row.bytes:+,}", row.count, row.type_name) for row in rows],
        [asdict(row) for row in rows],
    )


def causes(heap: Snapshot, others: Sequence[Snapshot], top: int) -> Table:
    """What became of what each cause holds; the other files newest first."""
    rows = heap.diff_causes(*others)[:top]
    return Table(
        "causes",
        ("", "bytes more", "objects", "type", "cause"),
        [
            (
                row.fate.value,
                f"{row.retained_bytes[-1] - row.retained_bytes[0]:+,}",
                " > ".join(f"{it:,}" for it in row.counts),
                row.type_name,
                row.cause,
            )
            for row in rows
        ],
        [asdict(row) for row in rows],
    )


def compared(heap: Snapshot, given: argparse.Namespace) -> Iterator[Table]:
    """The causes and the types that an older file, or two, had otherwise."""
    others = [Snapshot.load(it) for it in (given.subject, given.baseline) if it]
    oldest = others[-1]
    yield causes(heap, others, given.top)
    yield differences(heap, oldest, given.top)


def overview(heap: Snapshot, top: int = 10) -> Iterator[Table]:
    """What is in a file."""
    facts = heap.facts
    whole = [
        ("objects", heap.objects),
        ("references", heap.references),
        ("written by", f"leakwatch {facts.get('leakwatch', '')}".rstrip()),
        ("of", " ".join(facts.get(it, "") for it in ("implementation", "python", "platform"))),
    ]
    if facts.get("partial"):
        whole.append(("incomplete", facts["partial"]))
    yield Table("heap", ("", ""), [*whole], dict(whole))
    yield types(heap, top)
    yield retained(heap, top)


TABLES: dict[str | None, Callable[[Snapshot, argparse.Namespace], Iterable[Table]]] = {
    None: lambda heap, given: overview(heap, min(given.top, 10)),
    "types": lambda heap, given: [types(heap, given.top)],
    "retained": lambda heap, given: [
        grouped(heap, given.by, given.top) if given.by else retained(heap, given.top)
    ],
    "duplicates": lambda heap, given: [duplicates(heap, given.top)],
    "roots": lambda heap, given: [roots(heap, given.top)],
    "diff": compared,
}

COMMAND = Subcommand(
    "snapshot", "ask a heap that was written to a file", add_arguments, run_command
)
