"""Every hook of leakwatch, in the order in which a run meets them.

A plugin is a module or an object with functions of these names, marked with
`leakwatch.hookimpl`; it is announced through the entry point group `leakwatch`, or named
with `leakwatch -p MODULE`. leakwatch's own roots, inspectors, renderers and commands come
in through these hooks like anybody's.

An implementation may leave out arguments that it does not use. All implementations of a
hook are called, the last registered first. Hook wrappers are not supported: an isolated call
has nothing to wrap.

One that raises is reported once, with the plugin's name, and its answer is taken as empty; the
others are called all the same. So is one whose answer is not of the type that stands here,
down to the fields of its values, has more than 100,000 parts, or raises while it is read; the
answers of functions that a plugin offers are checked in the same way. That goes for
`SystemExit`, `CancelledError` and `GeneratorExit` as for any exception: a plugin ends nobody's
program. Two things pass: `KeyboardInterrupt`, for the user pressed Ctrl-C, and what a signal
handler of the program raises while the plugin runs.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import pluggy

from leakwatch.model import LookTaken, MemoryGrowth, MemorySample
from leakwatch.report import Report

if TYPE_CHECKING:  # no clean scope has a use for these; `leakwatch.extending` has them all
    from leakwatch.command import Subcommand
    from leakwatch.diagnosis.judgement import Inspector
    from leakwatch.heap.of_class import OfClass
    from leakwatch.heap.roots.interpreter_tables import Recogniser
    from leakwatch.heap.roots.root import RootProvider
    from leakwatch.model import KnownLeak
    from leakwatch.paths.names.name import Namer
    from leakwatch.paths.sizes import Size, Sizer
    from leakwatch.reports.heap_format import HeapFormat
    from leakwatch.reports.renderer import Renderer

PROJECT = "leakwatch"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def leakwatch_scope_opened(name: str) -> None:
    """Something is about to be watched.

    Called: when a scope is entered, and at the start of `hunt` and `leakwatch run`; on the
        thread that enters it, before any of its work.
    Arguments: name, the scope's name; a string, may be kept.
    Return: nothing.
    Answers: all implementations are called.
    If it raises: reported once; the scope opens all the same.
    """


@hookspec
def leakwatch_sample_memory(thorough: bool) -> Mapping[str, int] | None:  # noqa: FBT001
    """Figures of the process at this moment.

    Called: at the start and at the end of each scope, `hunt` and `run`, and between the runs of
        a hunt; of many scopes in a row only in some, so that it takes 5 % of the time at the most.
        Keep it under 50 µs.
    Arguments: thorough, true at both ends of a `hunt` or `run`, where milliseconds do not count.
    Return: figures by name: bytes (`rss`, `uss`, `heap_used`) or counts (`threads`, `fds`);
        leave out what cannot be read.
    Answers: all; the dictionaries are merged, a later registered plugin wins.
    If it raises: reported once; its figures are missing.
    """


@hookspec
def leakwatch_start_sampler(interval: float, counts: Mapping[str, Callable[[], int]]) -> None:
    """Sample the process in the background from now on.

    Called: before the program of `leakwatch run --sample` starts.
    Arguments: interval, seconds between samples; counts, further figures by name (`tracked`,
        `survivors`), functions that may be called on any thread.
    Return: nothing.
    Answers: all implementations are called.
    If it raises: reported once; it is not asked for samples.
    """


@hookspec
def leakwatch_stop_sampler() -> Sequence[MemorySample] | None:
    """End sampling, and give the samples.

    Called: when the program has ended, before its objects are judged.
    Arguments: none.
    Return: the samples since `leakwatch_start_sampler`, oldest first.
    Answers: the first one that is not None is taken.
    If it raises: reported once; the report has the figures of both ends only.
    """


@hookspec
def leakwatch_explain_memory(report: Report, trim: bool) -> MemoryGrowth | None:  # noqa: FBT001
    """What the growth of the process is made of, beside what the survivors explain.

    Called: when a report with figures of memory is complete, before `leakwatch_scope_closed`,
        for a clean scope too: answer at once where there is nothing to say.
    Arguments: report, frozen plain data; trim, whether the allocator may be asked to give back
        what was freed, which stops the program for milliseconds.
    Return: the report's `memory` with verdict, evidence, parts, trends and what to do next.
    Answers: the first one that is not None is taken.
    If it raises: reported once; the report has the bare figures.
    """


@hookspec
def leakwatch_root_providers() -> "Iterable[RootProvider] | None":
    """Functions that name roots: places outside the collector's sight that hold objects.

    Called: once for each analysis of the heap, only if something survived.
    Arguments: none. Each provider is then called with a `leakwatch.extending.RootQuery`
        and yields `HeapRoot`s; neither may be kept, for they hold live objects.
    Return: the providers, in search order. They must call no code of the program and must
        yield in a fixed order, or the same leak gets another path each time.
    Answers: all; those of later registered plugins are searched first.
    If it raises: reported once; its roots are missing, so paths may end in `native code`.
    """


@hookspec
def leakwatch_hidden_references() -> "Iterable[OfClass[Sequence[object]]] | None":
    """Functions that give what the instances of a class hold and the collector does not show.

    Called: once for each analysis. Each function is then called for every instance that was
        reached, if its class is loaded, and must not keep it.
    Arguments: none.
    Return: `leakwatch.extending.OfClass` values: a module, the name of a class in it, and a
        function from a live instance to the objects that it holds, in a fixed order. It must
        call no code of the program. A list or a tuple may have any number of objects.
    Answers: all; what is given for one object is joined.
    If it raises: reported once; paths through such objects may end in `native code`.
    """


@hookspec
def leakwatch_unheld_containers() -> "Iterable[Recogniser] | None":
    """Functions that name lists and dicts that C code holds, so that they are roots.

    Called: once for each analysis. Each function is then called for every exact list, dict and
        `contextvars.Context` that the collector lists and nothing in Python seems to hold, and
        must not keep it. There may be thousands: decide by the first entries.
    Arguments: none.
    Return: functions from a live container to `leakwatch.model.Root`, a kind and a label, or
        None. Decide by what the program cannot have put into it, for a list of the program that
        only C code holds looks the same.
    Answers: all; the first function that answers is taken, a plugin's before the built-in one.
    If it raises: reported once; paths through such containers end in `native code`.
    """


@hookspec
def leakwatch_reference_names() -> "Iterable[Namer] | None":
    """Functions that name references as Python would write them.

    Called: once for each analysis. Each namer is then called for the references of reported
        paths with the rest of the path, holder first, and must not keep it.
    Arguments: none.
    Return: namers from a sequence of live objects to `leakwatch.extending.Named` or None.
    Answers: all; the first namer that answers is taken, a plugin's before the built-in ones.
    If it raises: reported once; the built-in name is used.
    """


@hookspec
def leakwatch_sizeof() -> "Iterable[OfClass[Size] | Sizer] | None":
    """Functions that know sizes the interpreter does not: native buffers.

    Called: once for each analysis. Each sizer is then called for every object that a leak
        retains, and must not keep it.
    Arguments: none.
    Return: `leakwatch.extending.OfClass` values, whose functions are called for the instances of
        one class only; or bare functions, which are called for all, millions perhaps. Each is
        from a live object to all of its bytes, or None for what is not theirs. What several
        objects use, such as the storage of views, belongs into the buffers of a
        `leakwatch.extending.SharedSize`: each is counted once, for the leak that has all users. A
        buffer of which the object shows only a part says how much in `shown`.
    Answers: all; the first sizer that answers is taken.
    If it raises: reported once; the interpreter's size is used.
    """


@hookspec
def leakwatch_inspectors() -> "Iterable[Inspector] | None":
    """Functions that judge whether an object on a path is still needed.

    Called: once for each analysis. Each inspector is then called for the holders on
        reported paths, and must not keep them.
    Arguments: none.
    Return: functions from a live object to `leakwatch.extending.Judgement` or
        None. Decide only from state that a bug cannot set, and run no code of the program.
    Answers: all; NOT_LEAKING wins over LEAKING, LEAKING over UNKNOWN.
    If it raises: reported once; the object stays UNKNOWN.
    """


@hookspec
def leakwatch_known_leaks() -> "Iterable[KnownLeak] | None":
    """Leaks that are accepted, each with its reason.

    Called: once for each report that has leaks.
    Arguments: none.
    Return: `leakwatch.extending.KnownLeak` entries, plain data.
    Answers: all; the first entry that matches a leak is named in the report.
    If it raises: reported once; its leaks count as new.
    """


@hookspec
def leakwatch_scope_closed(report: Report) -> None:
    """A scope was judged.

    Called: when a scope ends, also a clean one; at the end of `hunt`, `check` and `run`.
    Arguments: report, frozen plain data without live objects; may be kept.
    Return: nothing.
    Answers: all implementations are called, before the scope's `on_leak` policy acts.
    If it raises: reported once; the report stands.
    """


@hookspec
def leakwatch_looked(look: LookTaken) -> None:
    """A monitor has looked at this process.

    Called: after each look of a monitor, on the thread of the look. What one finds comes as a
        report of the kind `growing` to `leakwatch_scope_closed`.
    Arguments: look, frozen plain data; may be kept.
    Return: nothing.
    Answers: all implementations are called.
    If it raises: reported once; the monitor goes on.
    """


@hookspec
def leakwatch_renderers() -> "Iterable[Renderer] | None":
    """Formats that a report can be written in.

    Called: when a report is printed or saved.
    Arguments: none.
    Return: `leakwatch.extending.Renderer` values: a name, suffixes, and a function
        from `Report` to text.
    Answers: all; of two renderers for one name or suffix the last registered plugin's wins.
    If it raises: reported once; its formats are missing.
    """


@hookspec
def leakwatch_heap_formats() -> "Iterable[HeapFormat] | None":
    """Formats that a heap in a file can be written in.

    Called: by `leakwatch snapshot FILE convert`.
    Arguments: none.
    Return: `leakwatch.extending.HeapFormat` values: a name, suffixes, and a function that writes
        the tables of a heap to a path.
    Answers: all; of two formats for one suffix the last registered plugin's wins.
    If it raises: reported once; its formats are missing. What the function raises ends the command.
    """


@hookspec
def leakwatch_subcommands() -> "Iterable[Subcommand] | None":
    """Commands of the `leakwatch` program.

    Called: once, when the command line is parsed.
    Arguments: none.
    Return: `leakwatch.extending.Subcommand` values: a name, a help line, a function that
        adds arguments and one that runs.
    Answers: all; a name that is taken already is reported and left out.
    If it raises: reported once; its commands are missing.
    """
