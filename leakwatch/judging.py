"""Survivors judged: what the plugins know is asked, the heap is walked, the leaks are diagnosed.

Imported when something has survived; most scopes end without.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from leakwatch.diagnosis.definitions import with_definitions
from leakwatch.diagnosis.known.matching import separate
from leakwatch.diagnosis.leaks import Diagnosis, Tools, diagnose, with_distributions
from leakwatch.diagnosis.verdicts import asked_once
from leakwatch.guest.collector import paused_collector, program_froze, unread_threads
from leakwatch.heap.fields import entry, loaded, module_namespace, text, texts
from leakwatch.heap.limits import Deadline, Spent
from leakwatch.heap.objects import is_module
from leakwatch.heap.of_class import loaded_calls
from leakwatch.heap.roots.root import RootQuery
from leakwatch.model import GrownContainer, Leak, MemoryGrowth
from leakwatch.paths.analysis import analysed
from leakwatch.paths.question import Question
from leakwatch.plugin_manager import plugins
from leakwatch.report import Report, count_objects
from leakwatch.stages import Stage, begins, each_of
from leakwatch.tracking.case import Case, Review
from leakwatch.tracking.window import window_is_open


def explained(case: Case) -> Report:
    """The report of a case with survivors, while no window hides the heap."""
    with paused_collector():
        diagnosis, share, partial = examine(case, case.survivors() if case.survivors else [])
    leaks, dropped = reviewed(diagnosis, case.review)
    found = (*leaks, *case.garbage)
    garbage: tuple[Leak, ...] = ()
    if not case.collected:  # only the collector has yet to free it
        garbage = tuple(leak for leak in found if leak.path.root.facts.is_garbage)
        found = tuple(leak for leak in found if leak not in garbage)
    # Entries are files: whoever has no leak reads none.
    entries = plugins().extensions("leakwatch_known_leaks") if found else ()
    new, known = separate(found, entries, case.kind)
    new = tuple(sorted(new, key=case.rank))
    if new:
        new = with_definitions(new, program_of(case))
    notes = (*case.notes, *notes_on(diagnosis, garbage), *plugins().notes, *case.late_notes())
    filling = (
        *(leak for leak in dropped if leak.at_most),
        *(leak for leak in known if leak.bounded),
    )
    return Report(
        scope=case.name,
        kind=case.kind,
        leaks=new,
        known=known,
        in_use=diagnosis.in_use,
        memory=with_filling(case.memory, filling),
        explained_share=share,
        partial=case.partial or partial,
        # Of what was left out nobody knows whether it leaks.
        not_judged=case.not_judged or (None if new else case.partial or partial),
        settling=case.settling,
        notes=notes,
    )


def program_of(case: Case) -> str:
    """What is `__main__`: the program that was run, or the script that this process began with."""
    if case.kind == "run":
        return case.name
    main = loaded("__main__")
    return text(entry(module_namespace(main), "__file__") if is_module(main) else None) or ""


def reviewed(
    diagnosis: Diagnosis, review: Review | None
) -> tuple[tuple[Leak, ...], tuple[Leak, ...]]:
    """The leaks that a review leaves, and those that it drops."""
    if review is None:
        return diagnosis.leaks, ()
    answers = [review(leak, diagnosis.ages[leak.signature]) for leak in diagnosis.leaks]
    pairs = list(zip(diagnosis.leaks, answers, strict=True))
    return (
        tuple(answer for answer in answers if answer is not None),
        tuple(leak for leak, answer in pairs if answer is None),
    )


def with_filling(memory: MemoryGrowth | None, filling: Iterable[Leak]) -> MemoryGrowth | None:
    """The figures, with what containers retain that stop at a bound of their own."""
    retained = sum(leak.retained_bytes for leak in filling)
    return replace(memory, filling=retained) if memory is not None and retained else memory


def examine(case: Case, survivors: list[object]) -> tuple[Diagnosis, float, str | None]:
    """Walk the heap and diagnose; the live objects do not leave this function.

    Returns:
        the diagnosis, the share of the heap that named roots explain, and why the walk ended
        before its end, or None.
    """
    if not survivors:
        return Diagnosis(), 1.0, None
    question = question_of(case, survivors)
    tools = tools_for(case, question)
    begins(Stage.WALK)
    with analysed(question) as analysis:
        if not case.every_root:
            tools = replace(tools, others=analysis.others)
        found = replace(
            diagnose(each_of(Stage.NAME, question.deadline.cut(analysis.traces)), tools),
            shared=analysis.shared,
        )
        share, partial = analysis.explained_share, analysis.partial
    if question.deadline.passed:
        partial = partial or question.limits.reason(Spent.SECONDS)
    return with_distributions(found), share, partial


def question_of(case: Case, survivors: list[object]) -> Question:
    """What is to be explained, with what the plugins know of the heap."""
    hooks = plugins()
    query = RootQuery(
        case.asking,
        frozenset(map(id, survivors)),
        texts(case.imported),
        case.returned,
        case.lasting,
        case.exit_callbacks,
        case.busy,
        case.kept,
    )
    return Question(
        survivors,
        query,
        providers=hooks.extensions("leakwatch_root_providers"),
        sizers=loaded_calls(hooks.extensions("leakwatch_sizeof")),
        hidden=loaded_calls(hooks.extensions("leakwatch_hidden_references")),
        recognisers=hooks.extensions("leakwatch_unheld_containers"),
        limits=case.limits,
        deadline=Deadline(case.limits.seconds),
        owners_only=case.owners_only,
        grown=frozenset(case.grown),
        repeated=case.every_birth,
        every_root=case.every_root,
        exact_sizes=case.exact_sizes,
    )


def tools_for(case: Case, question: Question) -> Tools:
    """With what the traces are diagnosed."""
    hooks, born = plugins(), question.query.survivors
    return Tools(
        why_dead=case.doom,
        inspectors=asked_once(hooks.extensions("leakwatch_inspectors")),
        namers=hooks.extensions("leakwatch_reference_names"),
        # Where only owners are asked for, no path leads through another survivor.
        survivors=born if not case.owners_only and case.kind != "why" else frozenset(),
        known=born,
        noted=case.noted,
        births=case.births,
        ages=case.ages,
        every_birth=case.every_birth,
        before=case.before,
        steady=case.steady,
        grown=with_weight(case.grown, question) if case.grown else case.grown,
        insertions=case.insertions,
    )


def with_weight(
    grown: Mapping[int, GrownContainer], question: Question
) -> Mapping[int, GrownContainer]:
    """Containers that grow, with what their entries keep alive; only a hunt has any."""
    from leakwatch.growth.growing_containers import weighed

    return weighed(grown, question.survivors, question)


def notes_on(diagnosis: Diagnosis, garbage: tuple[Leak, ...]) -> Iterator[str]:
    """What the reader should know about the diagnosis.

    Args:
        diagnosis: of the survivors.
        garbage: what was alive and is no leak, where nothing was collected before.
    """
    if diagnosis.imported:
        yield f"objects of modules imported meanwhile are not counted: {diagnosis.imported:,}"
    if diagnosis.replaced:
        yield (
            f"{diagnosis.replaced:,} new objects took the place of others, in containers that did "
            "not become longer"
        )
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
    if garbage:
        count = count_objects(garbage)
        objects = "1 object is" if count == 1 else f"{count:,} objects are"
        yield f"{objects} garbage in cycles that the collector has not freed yet"
