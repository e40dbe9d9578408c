"""From traces of single survivors to leaks: all that survives because of one reference."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from leakwatch.diagnosis.distributions import distribution_of
from leakwatch.diagnosis.explaining import like_of, named_path, place_without_name
from leakwatch.diagnosis.finding import Ages, Finding, Group, Located, Tools
from leakwatch.diagnosis.joining import (
    join_calls,
    join_circles,
    join_entries_of_one_key,
    join_ever_new_names,
    join_notes_of_one_call,
    join_what_goes_along,
)
from leakwatch.model import Leak
from leakwatch.model.root_kinds import Wave
from leakwatch.paths.question import Trace
from leakwatch.report import largest_first

__all__ = ["Diagnosis", "Tools", "diagnose", "with_distributions"]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Leaks by what they mean.

    Attributes:
        leaks: what should be gone, largest retained size first.
        in_use: held only by the frames of the caller.
        imported: number of survivors that belong to modules imported meanwhile.
        ages: for each signature, the runs in which its survivors were born.
        replaced: number of survivors that took the place of others, in holders that did not become
            longer.
        shared: bytes that several survivors hold and none alone; None if sizes are not exact.
        modules: for each signature, the module whose code holds what survives.
    """

    leaks: tuple[Leak, ...] = ()
    in_use: tuple[Leak, ...] = ()
    imported: int = 0
    ages: Mapping[str, Ages] = field(default_factory=dict)
    replaced: int = 0
    shared: int | None = None
    modules: Mapping[str, str] = field(default_factory=dict)


def with_distributions(found: Diagnosis) -> Diagnosis:
    """The same, each leak with the installed distribution whose code holds it, if there is one.

    To be asked once no path is in use any more: what it takes for that, `importlib.metadata` keeps,
    and lets go of what it kept before. That may be on a path, whose objects are only borrowed.
    """
    homes = {module: distribution_of(module) for module in set(found.modules.values())}

    def named(leaks: tuple[Leak, ...]) -> tuple[Leak, ...]:
        pairs = ((it, homes[found.modules[it.signature]]) for it in leaks)
        return tuple(replace(it, distribution=home) if home else it for it, home in pairs)

    return replace(found, leaks=named(found.leaks), in_use=named(found.in_use))


def diagnose(traces: Iterable[Trace], tools: Tools) -> Diagnosis:
    """Group traces into leaks, by what is to be cut.

    Args:
        traces: how each survivor is held; read, not kept.
        tools: inspectors, namers and births.

    Returns:
        the leaks, plain data; without distributions, see `with_distributions`.
    """
    findings, imported = gathered(traces, tools)
    if len(findings) > 1:
        join(findings, tools)
    leaks: dict[bool, list[Leak]] = {True: [], False: []}
    ages: dict[str, Ages] = {}
    replaced = 0
    for (in_use, one), finding in findings.items():
        leak = finding.leak(tools)
        if not in_use and tools.every_birth and took_the_place_of_others(finding, tools):
            replaced += leak.survivors
            continue
        leaks[in_use].append(leak)
        if not in_use:
            ages[one] = finding.ages(leak)
    new, used = largest_first(leaks[False]), largest_first(leaks[True])
    modules = {finding.place.signature: finding.place.module for finding in findings.values()}
    return Diagnosis(new, used, imported, ages, replaced, modules=modules)


def gathered(traces: Iterable[Trace], tools: Tools) -> tuple[dict[Group, Finding], int]:
    """The survivors by cause, and how many belong to modules imported meanwhile."""
    findings: dict[Group, Finding] = {}
    known: dict[object, Located] = {}
    imported = 0
    for trace in traces:
        if not trace.root.facts.is_counted:
            imported += trace.root.wave is Wave.IMPORTED
            continue
        like = like_of(trace, tools, known)
        in_use = trace.root.wave is Wave.IN_USE or trace.root.in_use
        group = (in_use, like.place.signature)
        if trace.repeated and (group in findings or (not in_use, group[1]) in findings):
            continue
        if group not in findings:
            findings[group] = Finding(like.place)
        findings[group].add(like, trace, tools)
    return findings, imported


def join(findings: dict[Group, Finding], tools: Tools) -> None:
    """Merge what is one mistake, though the reference to cut is another in each."""
    if tools.every_birth or tools.noted is not None:
        join_ever_new_names(
            findings, lambda it: place_without_name(it.lead.first, tools), by_runs=tools.every_birth
        )
    join_circles(findings)
    join_what_goes_along(findings)
    join_entries_of_one_key(findings)
    join_notes_of_one_call(findings)
    join_calls(findings)


def took_the_place_of_others(finding: Finding, tools: Tools) -> bool:
    """Whether the innermost holder that was there before has not become longer by the survivors."""
    lead = finding.lead
    if tools.steady is None or id(lead.first.survivor) in tools.grown:
        return False
    _, _, steps = named_path(lead.first, tools)
    before = [step.holder for step in steps if id(step.holder) not in tools.ages]
    return bool(before) and tools.steady(before[-1], lead.count)
