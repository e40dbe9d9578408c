"""One survivor: its path with names and verdicts, the reference to cut, the pattern."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from leakwatch.diagnosis.causes import Place, cut_of, first_suspect, marked, place_of
from leakwatch.diagnosis.finding import Explained, Located, Tools
from leakwatch.diagnosis.judgement import Inspector, Judgement, needed
from leakwatch.diagnosis.notes import most_entries, notes_on
from leakwatch.diagnosis.patterns import recognise
from leakwatch.diagnosis.repeated_work import with_ages, without_name
from leakwatch.diagnosis.verdicts import (
    awaited_by,
    inspect,
    judge_steps,
    with_survivors,
)
from leakwatch.diagnosis.weak_keys import holds_its_key, is_weak_mapping
from leakwatch.heap.fields import entry
from leakwatch.heap.keys import masked
from leakwatch.heap.objects import instance_namespace
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import has_a_name
from leakwatch.interpreter import is_tracked
from leakwatch.model import Birth, Leak, Reference, RetentionPath, Root, State, Verdict
from leakwatch.model.root_kinds import HolderKind, Wave
from leakwatch.paths.names.containers import ANY_KEY
from leakwatch.paths.names.name import Named, described, full_name
from leakwatch.paths.names.objects import CACHE_TABLE, CACHED_RESULT
from leakwatch.paths.names.references import Step, name_path
from leakwatch.paths.question import Trace
from leakwatch.paths.sizes import is_mostly_unseen

THERE_BEFORE = "was there before"
NO_LINE = (
    "the line that adds it cannot be told: no line was seen after which a container on its path "
    "had grown; each run may make a new one, or C code or a thread that runs already fill it"
)


class Way(NamedTuple):
    """How a survivor is held, named and judged; live.

    Attributes:
        trace: how it was found.
        chain: the objects of the path to print.
        root: where that starts.
        steps: the named references.
        references: the same with verdicts.
        cut: the position of the one to cut; -1 where the root itself is.
        end: what is at the end.
    """

    trace: Trace
    chain: Sequence[object]
    root: HeapRoot
    steps: Sequence[Step]
    references: tuple[Reference, ...]
    cut: int
    end: "End"


def like_of(trace: Trace, tools: Tools, known: dict[object, Located]) -> Located:
    """Where a survivor is to be cut; of those held alike only the first is named and judged."""
    if trace.shape is None or id(trace.survivor) in tools.grown:
        return located(trace, tools)
    like = known.get(trace.shape)
    if like is None:
        like = known[trace.shape] = located(trace, tools)
    return like


def located(trace: Trace, tools: Tools) -> Located:
    """Name a survivor's path, judge what is on it and choose the cut.

    Of a container that grew, the survivors are its entries, one step further.
    """
    chain, root, steps = named_path(trace, tools)
    end = end_of(trace, tools)
    if id(trace.survivor) in tools.grown:
        to_entries(steps, trace.survivor)
    references, cut, place = to_cut(root, steps, trace.survivor, end.reason, tools)
    if trace.under_names:
        place = place_without_name(trace, tools) or place
    way = Way(trace, chain, root, steps, references, cut, end)
    holder = steps[cut].holder if cut >= 0 else None
    return Located(place, end.type_name, lambda: explained(way, place, tools), holder)


def place_without_name(trace: Trace, tools: Tools) -> Place | None:
    """The place of a survivor without the name that holds it, or None without such a name."""
    if id(trace.survivor) in tools.grown:
        return None
    _, home, steps = named_path(trace, tools)
    references = judge_steps(home, steps, tools.inspectors, tools.why_dead)
    without = without_name(home, steps, tools.ages if tools.every_birth else tools.known)
    if without is None:
        return None
    root, general, cut = without
    return place_of(root, general, min(cut, first_suspect(references)), cut, trace.survivor)


def to_entries(steps: list[Step], container: object) -> None:
    """Let the references go on to the entries of a container; the table of a cache has calls."""
    if steps and steps[-1].named.name == CACHE_TABLE:
        steps[-1] = replace(steps[-1], named=Named(CACHED_RESULT))
        return
    kind, target = described(container)
    steps.append(Step(container, target, Named(ANY_KEY), kind))


def to_cut(
    root: HeapRoot, steps: Sequence[Step], survivor: object, why_dead: str, tools: Tools
) -> tuple[tuple[Reference, ...], int, Place]:
    """The references with verdicts, the position of the one to cut, and that in general."""
    references, first = judged(root, steps, why_dead, tools)
    cut = cut_of(root, steps, references, survivor)
    return references, cut, place_of(root, steps, first, cut, survivor)


def explained(way: Way, place: Place, tools: Tools) -> Explained:
    """Recognise the mistake, and find what else the reader should know."""
    trace, chain, root, steps, references, cut, end = way
    references = marked(with_states(references, steps, trace.survivor), cut)
    # Threads, loggers and variables are named by the program.
    start = Root(root.facts.name, masked(root.label), state_of(root, tools) if root.state else "")
    waiting = awaited_by(end.kind, trace.survivor)
    path = RetentionPath(start, references, end.target, end.reason, end.kind, end.state, waiting)
    inserted, reasons = None, [*notes_on(steps)]
    if tools.insertions is not None:
        inserted = line_that_adds(chain, tools.insertions)
        reasons += [NO_LINE] if inserted is None else []
    leak = Leak(
        end.type_name, 1, None, 0, 0, "", path, recognise(path), tuple(reasons), inserted=inserted,
        at_most=most_entries(steps, cut),
    )  # fmt: skip
    held = [*(step.holder for step in steps[1:]), trace.survivor][cut] if cut >= 0 else None
    others = tools.others(trace.survivor) if id(trace.survivor) not in tools.grown else ()
    found = other_places(others, trace, place, held, tools) if others else ()
    return Explained(leak, tuple(found))


def state_of(root: HeapRoot, tools: Tools) -> str:
    """What else is known of a root; a thread that was started meanwhile waits for no next item."""
    started = root.thread is not None and id(root.thread) in tools.known
    return "" if started and root.state == State.WORKER else root.state


def other_places(
    others: Sequence[Trace], trace: Trace, place: Place, held: object, tools: Tools
) -> Iterator[Place]:
    """Where else the survivor is held, by what is needed and has no use for it.

    Args:
        others: the other ways to it.
        trace: the shortest way.
        place: where that is to be cut.
        held: what goes by that cut; a way through it is cut with it.
        tools: name and judge what is on a way.
    """
    for other in others:
        root = other.root
        if root.in_use or root.wave is Wave.IN_USE or not root.facts.is_counted:
            continue
        _, home, steps = named_path(other, tools)
        if all(step.holder is not held for step in steps) and not is_the_same(root, trace, steps):
            *_, found = to_cut(home, steps, trace.survivor, "", tools)
            if found.signature != place.signature:
                yield found


def is_the_same(root: HeapRoot, trace: Trace, steps: Sequence[Step]) -> bool:
    """Whether another way starts in a table whose entries are roots themselves.

    A variable of a context is an entry of that; a logger leads by the table of all to another.
    """
    if root.facts.is_context:
        return trace.root.facts.is_context
    return root.facts.of_logging and any(step.named.name == ".loggerDict" for step in steps)


def named_path(trace: Trace, tools: Tools) -> tuple[Sequence[object], HeapRoot, list[Step]]:
    """The objects of the path to print, the root of the module that defines it, the references."""
    chain = trace.route.to_survivor()
    if trace.nested:
        chain = chain_of(trace, chain, tools)
    root = tools.homes.home(trace.root, chain)
    return chain, root, name_path(root, chain, tools.namers)


def judged(
    root: HeapRoot, steps: Sequence[Step], why_dead: str, tools: Tools
) -> tuple[tuple[Reference, ...], int]:
    """The references with verdicts; and the first suspect if nothing were known of births.

    Whatever was there before is needed, so fewer are suspect where births are known. A signature
    begins where it does without.
    """
    dead = with_survivors(tools.inspectors, tools.survivors, tools.why_dead)
    references = judge_steps(root, steps, [dead], why_dead)
    first = first_suspect(references)
    if tools.every_birth:
        aged = with_ages(tools.inspectors, tools.ages, tools.before)
        references = judge_steps(root, steps, [aged], why_dead)
    elif tools.noted is not None:
        references = judge_steps(root, steps, [with_births(dead, tools)], why_dead)
    return references, first


def with_births(own: Inspector, tools: Tools) -> Inspector:
    """An inspector that asks another one, and then whether the object was born meanwhile."""

    def inspector(subject: object) -> Judgement | None:
        answer, cls = own(subject), type(subject)
        decided = answer is not None and answer.verdict is not Verdict.UNKNOWN
        if decided or id(subject) in tools.known or not (tools.noted and tools.noted(cls)):
            return answer
        return needed(THERE_BEFORE) if has_a_name(cls) and is_tracked(subject) else answer

    return inspector


def with_states(
    references: Sequence[Reference], steps: Sequence[Step], survivor: object
) -> tuple[Reference, ...]:
    """The references with what a holder is among the others of the path, where none is known."""
    found = list(references)
    for index, (reference, step) in enumerate(zip(references, steps, strict=True)):
        if reference.state:
            continue
        if is_weak_mapping(step.holder) and holds_its_key(steps[index:], survivor):
            found[index] = replace(reference, state=State.HOLDS_ITS_KEY)
        elif entry(instance_namespace(step.holder), "__wrapped__") is not None:
            found[index] = replace(reference, state=State.WRAPPER)
    return tuple(found)


class End(NamedTuple):
    """What is at the end of a path: type, name, sort, why it counts as dead, and its state."""

    type_name: str
    target: str
    kind: HolderKind
    reason: str
    state: str = ""


def end_of(trace: Trace, tools: Tools) -> End:
    """The end of the path to a survivor, or to the entries of one that has grown."""
    survivor = trace.survivor
    grown = tools.grown.get(id(survivor))
    if grown is not None:
        unseen = is_mostly_unseen(grown.unseen, grown.retained, grown.entries)
        state = State.SMALL_VIEW if unseen else ""
        return End(grown.type_name, grown.type_name, HolderKind.INSTANCE, tools.why_dead, state)
    own = inspect(survivor, tools.inspectors)
    unseen = is_mostly_unseen(trace.unseen, trace.retained, 1 + len(trace.alike))
    why_dead = f"{tools.why_dead}; {own.reason}" if own.reason else tools.why_dead
    kind, target = described(survivor)
    state = own.state or (State.SMALL_VIEW if unseen else "")
    return End(full_name(survivor), target, kind, why_dead, state)


def line_that_adds(chain: Sequence[object], lines: Mapping[int, Birth]) -> Birth | None:
    """The line that adds to the last container of a path that grows, if it is known."""
    return next((lines[id(it)] for it in reversed(chain) if id(it) in lines), None)


def chain_of(trace: Trace, chain: Sequence[object], tools: Tools) -> Sequence[object]:
    """The objects of the path to print, where survivors of one type hang on each other.

    Where each run hangs its survivor on the one of the run before, the link between two of
    them is the answer, and not what holds the outermost. So it is where a variable, which has room
    for one, holds a survivor with entries of its own type: those are the many.
    """
    own = tools.ages.get(id(trace.survivor))
    inner = trace.route.to_nested(trace.nested[0])
    if any(tools.ages.get(nested) != own for nested in trace.nested):
        return inner
    outer = name_path(trace.root, chain, tools.namers)
    below = name_path(HeapRoot("", "", chain[-1]), inner[len(chain) - 1 :], tools.namers)
    return inner if has_entry(below) and not has_entry(outer) else chain


def has_entry(steps: Iterable[Step]) -> bool:
    """Whether some container is on the way, of which there may be any number of entries."""
    return any(Reference("", step.named.name).is_entry for step in steps)
