"""One run of the pipeline: from survivors to a report, and on to the plugins.

The stages do not know the plugins. This module asks the hooks and hands the stages plain
functions; it is the only one that knows both sides. Scopes, `check`, `why`, hunts, programs and
test suites all end here.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

from leakwatch.announcing import announced, sample_memory
from leakwatch.compare.baseline import Baseline
from leakwatch.config import Config
from leakwatch.diagnosis.known.matching import separate
from leakwatch.diagnosis.leaks import Diagnosis, Tools, diagnose
from leakwatch.diagnosis.verdicts import asked_once
from leakwatch.guest.collector import paused_collector, program_froze, unread_threads
from leakwatch.guest.importing import held_signals
from leakwatch.heap.fields import texts
from leakwatch.heap.limits import Limits
from leakwatch.heap.of_class import loaded_calls
from leakwatch.heap.roots.root import RootQuery
from leakwatch.model import Leak, MemoryGrowth, Settling
from leakwatch.paths.analysis import analysed
from leakwatch.paths.question import Question
from leakwatch.plugin_manager import plugins
from leakwatch.report import Report, count_objects
from leakwatch.reports.formats import RendererPresenter
from leakwatch.tracking.case import Case, unanswered
from leakwatch.tracking.window import suspended, window_is_open

__all__ = ["Session", "announced", "judge", "plugins", "presenter"]


@cache
def presenter() -> RendererPresenter:
    """What shows reports: the renderers of all plugins."""
    return RendererPresenter(lambda: plugins().extensions("leakwatch_renderers"))


class Session:
    """The host of scopes, checks, questions, hunts and programs.

    Args:
        limits: budget of each analysis; None leaves it to the case.
        baseline: what is accepted; without one, nothing.
        progress: hears how far repeated work is; a library says nothing of it.
        trim: whether the allocator may be asked to give back freed memory, which proves what it
            kept.
        finishes: whether Ctrl-C during a judgement ends in a report of what is known by then, as
            on the command line; else it is the program's.

    Attributes:
        interrupted: by what Ctrl-C cut the answer short, or None.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        baseline: Baseline | None = None,
        progress: Callable[[str], None] = lambda _: None,
        trim: bool = False,
        finishes: bool = False,
    ) -> None:
        self.progress = progress
        self.interrupted: str | None = None
        self._limits = limits
        self._baseline = baseline
        self._trim = trim
        self._finishes = finishes

    @classmethod
    def configured(
        cls,
        config: Config,
        *,
        baseline: Baseline | None = None,
        progress: Callable[[str], None] = lambda _: None,
        finishes: bool = False,
    ) -> "Session":
        """A session with the budget that a configuration sets."""
        limits = Limits(objects=config.max_objects, seconds=config.max_seconds)
        return cls(
            limits=limits,
            baseline=baseline,
            progress=progress,
            trim=config.trim,
            finishes=finishes,
        )

    def open(self, name: str, *, thorough: bool = False, sampled: bool = True) -> dict[str, int]:
        """Announce a scope; gives the process's figures at its start, if they are sampled."""
        plugins().call("leakwatch_scope_opened", name=name)
        return sample_memory(thorough=thorough) if sampled else {}

    def figures(self, start: dict[str, int], *, thorough: bool = False) -> MemoryGrowth | None:
        """Growth since the start figures, or None where no plugin offers any."""
        end = sample_memory(thorough=thorough)
        return MemoryGrowth(start, end) if start or end else None

    def interrupt(self, runs: int) -> None:
        """Note that Ctrl-C ended repeated work after so many runs, which are judged."""
        self.interrupted = f"interrupted after {runs:,} runs"

    def garbage(self, case: Case) -> tuple[Leak, ...]:
        """What of the survivors only the cycle collector frees; to be asked before it runs."""
        assert case.survivors is not None
        with suspended(), paused_collector():
            diagnosis, _, _ = examine(case, case.survivors())
        return tuple(leak for leak in diagnosis.leaks if leak.path.root.facts.is_garbage)

    def conclude(self, case: Case) -> Report:
        """Judge, apply the baseline and tell the plugins.

        Returns:
            the report; new faults of plugins are added to its notes.
        """
        if self._limits is not None:
            case = replace(case, limits=self._limits)
        try:
            report = self._judged(case)
        except KeyboardInterrupt:
            if not self._finishes:
                raise
            self.interrupted = "interrupted while the survivors were judged"
            report = unanswered(case, self.interrupted)
        if self.interrupted:
            report = replace(report, partial=self.interrupted)
        return announced(report, trim=self._trim)

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

    def give_up(self, case: Case, reason: str) -> Report:
        """Tell the plugins what is known of a case that cannot be judged to its end."""
        return announced(unanswered(case, reason), trim=self._trim)

    def _judged(self, case: Case) -> Report:
        if case.analyse == "here":
            report = judge(case)
        else:
            with held_signals():
                from leakwatch.forking.analysis import judge_in_fork

            report = judge_in_fork(case, judge)
        return report if self._baseline is None else self._baseline.applied(report)


def judge(case: Case) -> Report:
    """Explain what is alive and decide what of it is a leak.

    Args:
        case: the survivors and what is known about them.

    Returns:
        the report, plain data; no survivor is referred to once this returns.
    """
    if case.survivors is None and not case.garbage:  # nothing was collected, walked or asked
        return Report(
            scope=case.name,
            kind=case.kind,
            memory=case.memory,
            not_judged=case.not_judged,
            settling=case.settling,
            notes=(*case.notes, *plugins().notes(), *case.late_notes()),
        )
    # All of it: what we import and make for a verdict was not born in the windows of others.
    with suspended():
        return explained(case)


def explained(case: Case) -> Report:
    """The report of a case with survivors, while no window hides the heap."""
    with paused_collector():
        diagnosis, share, partial = examine(case, case.survivors() if case.survivors else [])
    leaks = diagnosis.leaks
    if case.review is not None:
        answers = (case.review(leak, diagnosis.ages[leak.signature]) for leak in leaks)
        leaks = tuple(leak for leak in answers if leak is not None)
    found = (*leaks, *case.garbage)
    garbage: tuple[Leak, ...] = ()
    if not case.collected:  # only the collector has yet to free it
        garbage = tuple(leak for leak in found if leak.path.root.facts.is_garbage)
        found = tuple(leak for leak in found if leak not in garbage)
    # Entries are files: whoever has no leak reads none.
    entries = plugins().extensions("leakwatch_known_leaks") if found else ()
    new, known = separate(found, entries, case.kind)
    notes = (*case.notes, *notes_on(diagnosis, garbage), *plugins().notes(), *case.late_notes())
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
        notes=notes,
    )


def examine(case: Case, survivors: list[object]) -> tuple[Diagnosis, float, str | None]:
    """Walk the heap and diagnose; the live objects do not leave this function.

    Returns:
        the diagnosis, the share of the heap that named roots explain, and why the walk ended
        before its end, or None.
    """
    if not survivors:
        return Diagnosis(), 1.0, None
    hooks = plugins()
    query = RootQuery(
        case.asking,
        frozenset(map(id, survivors)),
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
        sizers=loaded_calls(hooks.extensions("leakwatch_sizeof")),
        hidden=loaded_calls(hooks.extensions("leakwatch_hidden_references")),
        recognisers=hooks.extensions("leakwatch_unheld_containers"),
        limits=case.limits,
        owners_only=case.owners_only,
        repeated=case.every_birth,
        every_root=case.every_root,
        exact_sizes=case.exact_sizes,
    )
    tools = Tools(
        why_dead=case.doom,
        inspectors=asked_once(hooks.extensions("leakwatch_inspectors")),
        namers=hooks.extensions("leakwatch_reference_names"),
        births=case.births,
        ages=case.ages,
        every_birth=case.every_birth,
        grown=case.grown,
        insertions=case.insertions,
    )
    with analysed(question) as analysis:
        found = replace(diagnose(analysis.traces, tools), shared=analysis.shared)
        return found, analysis.explained_share, analysis.partial


def notes_on(diagnosis: Diagnosis, garbage: tuple[Leak, ...]) -> Iterator[str]:
    """What the reader should know about the diagnosis.

    Args:
        diagnosis: of the survivors.
        garbage: what was alive and is no leak, where nothing was collected before.
    """
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
    if unread := unread_threads():
        threads = "1 other thread" if unread == 1 else f"{unread} other threads"
        yield (
            f"the variables of {threads} cannot be read, for threads run without a common lock "
            "here; what nothing else holds counts as in use"
        )
    if count := count_objects(garbage):
        objects = "1 object is" if count == 1 else f"{count:,} objects are"
        yield f"{objects} garbage in cycles that the collector has not freed yet"
