"""One run of the pipeline: from survivors to a report.

The stages do not know the plugins. This module asks the hooks and hands the stages plain
functions; it is the only one that knows both sides.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from leakwatch import builtin
from leakwatch.announcing import survivors
from leakwatch.diagnosis.known.matching import separate
from leakwatch.diagnosis.leaks import Diagnosis, Means, diagnose
from leakwatch.diagnosis.verdicts import asked_once
from leakwatch.guest.collector import paused_collector, program_froze
from leakwatch.guest.importing import held_signals
from leakwatch.heap.fields import texts
from leakwatch.heap.roots.root import RootQuery
from leakwatch.model import Environment, Leak, MemoryGrowth, Settling
from leakwatch.paths.analysis import analysed
from leakwatch.paths.cycles import CYCLIC_GARBAGE
from leakwatch.paths.question import Question
from leakwatch.plugin_manager import BUILT_IN, Plugins
from leakwatch.report import Report, count_objects
from leakwatch.reports.formats import RendererPresenter
from leakwatch.tracking.case import Case
from leakwatch.tracking.overlap import OVERLAPPED
from leakwatch.tracking.window import suspended, window_is_open


@cache
def plugins() -> Plugins:
    """The plugins of this process, loaded when the first one is needed.

    `LEAKWATCH_DISABLE_PLUGINS` names entry points to leave out, separated by commas; `all`
    leaves out every one but the built-in.
    """
    # A handler of a signal that opens a scope meanwhile would load them once more, within itself.
    # It may run before the cache has the answer, and finds it here.
    with held_signals():
        kept = list(_loading)
        found = kept[0] if kept else loaded()
        _loading[:] = [found]
    _loading.clear()
    return found


_loading: list[Plugins] = []
"""The plugins, from when they are loaded to when `plugins` returns them."""


def loaded() -> Plugins:
    """Load the plugins."""
    found = Plugins()
    found.register(builtin, BUILT_IN)
    blocked = os.environ.get("LEAKWATCH_DISABLE_PLUGINS", "").split(",")
    if "all" not in blocked:
        found.load_entry_points(blocked)
    return found


@cache
def presenter() -> RendererPresenter:
    """What shows reports: the renderers of all plugins."""
    return RendererPresenter(lambda: plugins().extensions("leakwatch_renderers"))


class Session:
    """The host of scopes, checks and hunts."""

    trim = False
    """Whether the allocator may be asked to give back freed memory, which proves what it kept."""

    def open(self, name: str, *, thorough: bool = False, sampled: bool = True) -> dict[str, int]:
        """Announce a scope; gives the process's figures at its start, if they are sampled."""
        plugins().call("leakwatch_scope_opened", name=name)
        return sample_memory(thorough=thorough) if sampled else {}

    def figures(self, start: dict[str, int], *, thorough: bool = False) -> MemoryGrowth | None:
        """Growth since the start figures, or None where no plugin offers any."""
        end = sample_memory(thorough=thorough)
        return MemoryGrowth(start, end) if start or end else None

    def progress(self, said: str) -> None:
        """Hear how far repeated work is; a library says nothing of it."""

    def garbage(self, case: Case) -> tuple[Leak, ...]:
        """What of the survivors only the cycle collector frees; to be asked before it runs."""
        assert case.survivors is not None
        with suspended(), paused_collector():
            diagnosis, _, _ = examine(case, case.survivors())
        return tuple(leak for leak in diagnosis.leaks if leak.path.root.kind == CYCLIC_GARBAGE)

    def conclude(self, case: Case) -> Report:
        """Judge and tell the plugins; their new faults are added to the report's notes."""
        if case.analyse == "here":
            return announced(judge(case), trim=self.trim)
        with held_signals():
            from leakwatch.forking.analysis import judge_in_fork

        return announced(judge_in_fork(case, judge), trim=self.trim)

    def acquit(
        self,
        name: str,
        settling: Settling,
        memory: MemoryGrowth | None,
        notes: tuple[str, ...],
    ) -> Report:
        """Tell the plugins of a scope that has left nothing behind."""
        notes += plugins().notes()
        return announced(Report(name, memory=memory, settling=settling, notes=notes))


def judge(case: Case) -> Report:
    """Explain what is alive and decide what of it is a leak.

    Args:
        case: the survivors and what is known about them.

    Returns:
        the report, plain data; no survivor is referred to once this returns.
    """
    if case.survivors is None and not case.garbage:
        return clean(case)
    # All of it: what we import and make for a verdict was not born in the windows of others.
    with suspended():
        return judged(case)


def judged(case: Case) -> Report:
    """The report of a case, while no window hides the heap."""
    with paused_collector():
        diagnosis, share, partial = examine(case, case.survivors() if case.survivors else [])
    leaks = reviewed(case, diagnosis)
    found = (*leaks, *case.garbage)
    garbage = () if case.collected else tuple(filter(is_garbage, found))
    found = tuple(leak for leak in found if leak not in garbage)
    # Entries are files: whoever has no leak reads none.
    entries = plugins().extensions("leakwatch_known_leaks") if found else ()
    new, known = separate(found, entries, case.kind)
    return Report(
        scope=case.name,
        kind=case.kind,
        leaks=new,
        known=known,
        in_use=diagnosis.in_use,
        memory=case.memory,
        explained_share=share,
        partial=partial,
        not_judged=case.not_judged,
        settling=case.settling,
        notes=(*case.notes, *notes_on(diagnosis), *notes_on_garbage(garbage), *plugins().notes()),
    )


def is_garbage(leak: Leak) -> bool:
    """Whether only the collector has yet to free it."""
    return leak.path.root.kind == CYCLIC_GARBAGE


def notes_on_garbage(garbage: tuple[Leak, ...]) -> Iterator[str]:
    """What was alive and is no leak, where nothing was collected before."""
    count = count_objects(garbage)
    if count:
        objects = "1 object is" if count == 1 else f"{count:,} objects are"
        yield f"{objects} garbage in cycles that the collector has not freed yet"


def clean(case: Case) -> Report:
    """The report where nothing is alive: nothing was collected, walked or asked."""
    return Report(
        scope=case.name,
        kind=case.kind,
        memory=case.memory,
        not_judged=case.not_judged,
        settling=case.settling,
        notes=(*case.notes, *plugins().notes()),
    )


def reviewed(case: Case, diagnosis: Diagnosis) -> tuple[Leak, ...]:
    """The leaks that the case's own review lets through."""
    if case.review is None:
        return diagnosis.leaks
    answers = (case.review(leak, diagnosis.ages[leak.signature]) for leak in diagnosis.leaks)
    return tuple(leak for leak in answers if leak is not None)


def examine(case: Case, survivors: list[object]) -> tuple[Diagnosis, float, str | None]:
    """Walk the heap and diagnose; the live objects do not leave this function."""
    if not survivors:
        return Diagnosis(), 1.0, None
    hooks = plugins()
    ids = frozenset(map(id, survivors))
    query = RootQuery(
        case.asking,
        ids,
        texts(case.imported),
        case.returned,
        case.lasting,
        case.exit_callbacks,
        case.busy,
    )
    question = Question(
        survivors,
        query,
        providers=hooks.extensions("leakwatch_root_providers"),
        sizers=hooks.extensions("leakwatch_sizeof"),
        limits=case.limits,
        owners_only=case.owners_only,
        repeated=case.every_birth,
        every_root=case.every_root,
        exact_sizes=case.exact_sizes,
    )
    means = Means(
        doom=case.doom,
        inspectors=asked_once(hooks.extensions("leakwatch_inspectors")),
        namers=hooks.extensions("leakwatch_reference_names"),
        births=case.births,
        ages=case.ages,
        every_birth=case.every_birth,
        grown=case.grown,
        insertions=case.insertions,
    )
    with analysed(question) as analysis:
        found = replace(diagnose(analysis.traces, means), shared=analysis.shared)
        return found, analysis.explained_share, analysis.partial


def notes_on(diagnosis: Diagnosis) -> Iterator[str]:
    """What the reader should know about the diagnosis."""
    if diagnosis.imported:
        yield f"{diagnosis.imported} objects belong to modules imported meanwhile; not counted"
    if diagnosis.shared is not None:
        yield (
            "retained sizes are exact: what several of the objects hold together, "
            f"{diagnosis.shared:,} bytes, is counted for none of them"
        )
    if program_froze() and not window_is_open():
        yield (
            f"the program froze {program_froze():,} objects with gc.freeze(); "
            "garbage among them is not collected"
        )


def sample_memory(*, thorough: bool = False) -> dict[str, int]:
    """Figures of the process, from every plugin that offers some."""
    figures: dict[str, int] = {}
    for _, sample in plugins().call("leakwatch_sample_memory", thorough=thorough)[::-1]:
        figures.update(sample)
    return figures


def with_story(report: Report, *, trim: bool) -> Report:
    """The report with what a plugin says its memory is made of."""
    if report.memory is None:
        return report
    told = plugins().call("leakwatch_explain_memory", report=report, trim=trim)
    return replace(report, memory=told[0][1]) if told else report


@cache
def environment(plugin_names: tuple[str, ...]) -> Environment:
    """What this process judges on, with these plugins."""
    # To ask for versions and the platform takes milliseconds, once. What it makes is ours, though
    # the window of a scope around may be open.
    with suspended():
        with held_signals():
            from leakwatch.announcing import here

        return here(plugins().versions())


def with_environment(report: Report) -> Report:
    """The report with what it was made on; a clean scope has no time for that."""
    unknown = report.not_judged is not None and report.not_judged != OVERLAPPED
    if report.kind == "scope" and not (report.leaks or report.known or unknown):
        return report
    return replace(report, environment=environment(tuple(plugins().names())))


def announced(report: Report, *, trim: bool = False) -> Report:
    """Tell the plugins of a report; one that fails at that is named in its notes."""
    hooks = plugins()
    if report.leaks:
        survivors.count(report)
    before = hooks.notes()
    report = with_environment(with_story(report, trim=trim))
    hooks.call("leakwatch_scope_closed", report=report)
    after = hooks.notes()
    if before == after:
        return report
    others = (note for note in report.notes if note not in before)
    return replace(report, notes=(*others, *after))
