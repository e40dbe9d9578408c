"""One run of the pipeline: from survivors to a report.

The stages do not know the plugins. This module asks the hooks and hands the stages plain
functions; it is the only one that knows both sides.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from types import FrameType

from leakwatch import builtin
from leakwatch.diagnosis.known import separate
from leakwatch.diagnosis.leaks import Diagnosis, Means, diagnose
from leakwatch.heap.limits import Limits
from leakwatch.heap.question import Question
from leakwatch.heap.roots import RootQuery
from leakwatch.heap.traces import analysed
from leakwatch.interpreter import disable_collector, enable_collector, gc_is_enabled, get_freeze_count
from leakwatch.model import Birth, Leak, MemoryGrowth, Settling
from leakwatch.plugin_manager import Plugins
from leakwatch.report import Report
from leakwatch.window import suspended, window_is_open


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Case:
    """What is to be judged.

    Attributes:
        name: name of the scope, the work or the question.
        kind: `scope`, `check`, `why`, `hunt` or `run`.
        survivors: gives the living objects to explain; called once, inside the analysis.
        doom: why they count as dead, printed behind each.
        births: where they were registered, by id.
        asking: innermost frame of the program that asks.
        imported: modules first imported meanwhile; what they define is no leak.
        owners_only: report only the outermost survivors.
        settling: what was done before.
        memory: figures of the process so far.
        notes: facts for the report.
        limits: budget of the walk.
    """

    name: str
    kind: str
    survivors: Callable[[], list[object]]
    doom: str
    births: Mapping[int, Birth] = field(default_factory=dict)
    asking: FrameType | None = None
    imported: frozenset[str] = field(default_factory=frozenset)
    owners_only: bool = False
    settling: Settling = field(default_factory=Settling)
    memory: MemoryGrowth | None = None
    notes: tuple[str, ...] = ()
    limits: Limits = field(default_factory=Limits)


@cache
def plugins() -> Plugins:
    """The plugins of this process, loaded when the first one is needed.

    `LEAKWATCH_DISABLE_PLUGINS` names entry points to leave out, separated by commas; `all`
    leaves out every one but the built-in.
    """
    loaded = Plugins()
    loaded.register(builtin, "builtin")
    blocked = os.environ.get("LEAKWATCH_DISABLE_PLUGINS", "").split(",")
    if "all" not in blocked:
        loaded.load_entry_points(blocked)
    return loaded


def judge(case: Case) -> Report:
    """Explain what is alive and decide what of it is a leak.

    Args:
        case: the survivors and what is known about them.

    Returns:
        the report, plain data; no survivor is referred to once this returns.
    """
    with suspended(), paused_collector():
        diagnosis, share, partial = examine(case)
    new, known = separate(diagnosis.leaks, plugins().extensions("leakwatch_known_leaks"))
    return Report(
        scope=case.name,
        kind=case.kind,
        leaks=new,
        known=known,
        in_use=diagnosis.in_use,
        memory=case.memory,
        explained_share=share,
        partial=partial,
        settling=case.settling,
        notes=(*case.notes, *notes_on(diagnosis), *fault_notes()),
    )


def examine(case: Case) -> tuple[Diagnosis, float, str | None]:
    """Walk the heap and diagnose; the live objects do not leave this function."""
    survivors = case.survivors()
    if not survivors:
        return Diagnosis(), 1.0, None
    hooks = plugins()
    query = RootQuery(case.asking, frozenset(map(id, survivors)), case.imported)
    question = Question(
        survivors,
        query,
        providers=answering(hooks.guarded("leakwatch_root_providers")),
        sizers=hooks.guarded("leakwatch_sizeof"),
        limits=case.limits,
        owners_only=case.owners_only,
    )
    means = Means(
        doom=case.doom,
        inspectors=hooks.guarded("leakwatch_inspectors"),
        namers=hooks.guarded("leakwatch_reference_names"),
        births=case.births,
    )
    with analysed(question) as analysis:
        return diagnose(analysis.traces, means), analysis.explained_share, analysis.partial


def answering(providers: list[Callable[..., object]]) -> list[Callable[..., list[object]]]:
    """Providers whose missing answer, because they raised, is an empty list."""
    return [lambda query, provider=provider: provider(query) or [] for provider in providers]


def notes_on(diagnosis: Diagnosis) -> Iterator[str]:
    """What the reader should know about the diagnosis."""
    if diagnosis.imported:
        yield f"{diagnosis.imported} objects belong to modules imported meanwhile; not counted"
    if get_freeze_count() and not window_is_open():
        yield (
            f"the program froze {get_freeze_count():,} objects with gc.freeze(); "
            "garbage among them is not collected"
        )


def fault_notes() -> tuple[str, ...]:
    """One sentence for each broken plugin."""
    return tuple(str(fault) for fault in plugins().faults)


@contextmanager
def paused_collector() -> Iterator[None]:
    """No automatic collection during an analysis: it would walk our own arrays."""
    if not gc_is_enabled():
        yield
        return
    disable_collector()
    try:
        yield
    finally:
        enable_collector()


def sample_memory() -> dict[str, int]:
    """Figures of the process, from every plugin that offers some."""
    figures: dict[str, int] = {}
    for _, sample in reversed(plugins().call("leakwatch_sample_memory")):
        figures.update(sample)
    return figures


def memory_growth(start: dict[str, int]) -> MemoryGrowth | None:
    """Growth since the start figures, or None where no plugin offers any."""
    end = sample_memory()
    return MemoryGrowth(start, end) if start or end else None


def announce_opening(name: str) -> None:
    """Tell the plugins that something is about to be watched."""
    plugins().call("leakwatch_scope_opened", name=name)


def announce(report: Report) -> Report:
    """Tell the plugins of a report; their new faults are added to its notes."""
    known = len(plugins().faults)
    plugins().call("leakwatch_scope_closed", report=report)
    new = plugins().faults[known:]
    return replace(report, notes=(*report.notes, *map(str, new))) if new else report


def with_growth(leak: Leak, runs: int) -> Leak:
    """The leak with its survivors per run."""
    return replace(leak, growth=round(leak.count / runs, 2))
