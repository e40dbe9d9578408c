"""One run of the pipeline: from survivors to a report, and on to the plugins.

The stages do not know the plugins. This module asks the hooks and hands the stages plain
functions; it is the only one that knows both sides. Scopes, `check`, `why`, hunts, programs and
test suites all end here.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from leakwatch.announcing import announced, ration, sample_memory
from leakwatch.guest.collector import paused_collector
from leakwatch.guest.importing import held_signals
from leakwatch.heap.limits import Limits
from leakwatch.model import Leak, LookTaken, MemoryGrowth, Settling
from leakwatch.plugin_manager import plugins
from leakwatch.report import Report
from leakwatch.stages import Stage, begins
from leakwatch.tracking.case import Case, unanswered
from leakwatch.tracking.window import suspended

if TYPE_CHECKING:  # what a clean scope has no use for
    from leakwatch.compare.baseline import Baseline
    from leakwatch.config import Config
    from leakwatch.reports.formats import RendererPresenter

__all__ = ["Session", "announced", "judge", "plugins", "presenter", "ready_to_judge"]


@cache
def presenter() -> "RendererPresenter":
    """What shows reports: the renderers of all plugins."""
    with held_signals():
        from leakwatch.reports.formats import RendererPresenter

    return RendererPresenter(lambda: plugins().extensions("leakwatch_renderers"))


def ready_to_judge() -> None:
    """Import what a judgement needs, which is else done when the first object has survived.

    For whoever judges after work that may leave no way to import: no descriptor, another root
    folder, a forked child in which a lock of the import system is held for ever.
    """
    with held_signals():
        from leakwatch import judging  # noqa: F401
        from leakwatch.heap.roots import providers  # noqa: F401


class Session:
    """The host of scopes, checks, questions, hunts and programs.

    Args:
        limits: budget of each analysis; None leaves it to the case.
        baseline: what is accepted; without one, nothing.
        progress: hears how far repeated work is; a library says nothing of it.
        trim: whether the allocator may be asked to give back freed memory, which proves what it
            kept.
        revised: gives a report as it is to be told, before anybody hears of it.
        finishes: whether Ctrl-C during a judgement ends in a report of what is known by then, as
            on the command line; else it is the program's.

    Attributes:
        interrupted: by what Ctrl-C cut the answer short, or None.
    """

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        baseline: "Baseline | None" = None,
        progress: Callable[[str], None] = lambda _: None,
        trim: bool = False,
        revised: Callable[[Report], Report] = lambda report: report,
        finishes: bool = False,
    ) -> None:
        self.progress = progress
        self.interrupted: str | None = None
        self._limits = limits
        self._baseline = baseline
        self._trim = trim
        self._revised = revised
        self._finishes = finishes

    @classmethod
    def configured(
        cls,
        config: "Config",
        *,
        baseline: "Baseline | None" = None,
        progress: Callable[[str], None] = lambda _: None,
        finishes: bool = False,
    ) -> "Session":
        """A session with the budget that a configuration sets."""
        ready_to_judge()
        limits = Limits(objects=config.max_objects, seconds=config.max_seconds)
        return cls(
            limits=limits,
            baseline=baseline,
            progress=progress,
            trim=config.trim,
            finishes=finishes,
        )

    def open(self, name: str, *, thorough: bool = False) -> dict[str, int]:
        """Announce work of any kind but a scope; gives the process's figures at its start."""
        plugins().call("leakwatch_scope_opened", name=name)
        return sample_memory(thorough=thorough)

    def figures(self, start: dict[str, int], *, thorough: bool = False) -> MemoryGrowth | None:
        """Growth since the start figures, or None where no plugin offers any."""
        end = sample_memory(thorough=thorough)
        return MemoryGrowth(start, end) if start or end else None

    def begin(self, name: str, *, alone: bool) -> dict[str, int]:
        """Announce a scope; gives the process's figures at its start, where it is their turn."""
        plugins().call("leakwatch_scope_opened", name=name)
        return (ration.take(sample_memory) or {}) if alone else {}

    def end(self, start: dict[str, int]) -> MemoryGrowth | None:
        """Growth since the start of a scope, or None where no figures were taken then."""
        return MemoryGrowth(start, ration.charge(sample_memory)) if start else None

    def interrupt(self, runs: int) -> None:
        """Note that Ctrl-C ended repeated work after so many runs, which are judged."""
        self.interrupted = f"interrupted after {runs:,} runs"

    def garbage(self, case: Case) -> tuple[Leak, ...]:
        """What of the survivors only the cycle collector frees; to be asked before it runs."""
        assert case.survivors is not None
        with suspended(), paused_collector():
            with held_signals():
                from leakwatch.judging import examine

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
        begins(Stage.TELL)
        return announced(report, trim=self._trim)

    def looked(self, look: LookTaken) -> None:
        """Tell the plugins of a look of a monitor."""
        plugins().call("leakwatch_looked", look=look)

    def acquit(
        self,
        name: str,
        settling: Settling,
        memory: MemoryGrowth | None,
        notes: tuple[str, ...],
    ) -> Report:
        """Tell the plugins of a scope that has left nothing behind."""
        notes += plugins().notes
        if type(name) is str and not (memory or notes or settling.collections or settling.waited):
            return announced(spotless(name))
        return announced(Report(name, memory=memory, settling=settling, notes=notes))

    def give_up(self, case: Case, reason: str) -> Report:
        """Tell the plugins what is known of a case that cannot be judged to its end."""
        return announced(unanswered(case, reason), trim=self._trim)

    def _judged(self, case: Case) -> Report:
        if case.analyse == "here":
            report = judge(case)
        else:
            ready_to_judge()
            with held_signals():
                from leakwatch.forking.analysis import judge_in_fork

            report = judge_in_fork(case, judge)
        return self._revised(report if self._baseline is None else self._baseline.applied(report))


@lru_cache
def spotless(name: str) -> Report:
    """The report of a scope of which there is nothing to say; to make it takes microseconds."""
    return Report(name)


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
            partial=case.partial,
            not_judged=case.not_judged or case.partial,
            settling=case.settling,
            notes=(*case.notes, *plugins().notes, *case.late_notes()),
        )
    # All of it: what we import and make for a verdict was not born in the windows of others.
    with suspended():
        with held_signals():
            from leakwatch.judging import explained

        return explained(case)
