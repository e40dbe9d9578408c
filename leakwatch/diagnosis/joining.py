"""Causes that are one mistake, though the reference to cut is another in each.

A name that every run makes anew is a key. Objects that hold each other in circles go together. What
one call adds to several objects of the same make, or to several caches of one owner, each time it
runs, is one call too many. And what goes when an object goes is told with that object: what a weak
mapping, a finalizer or a timer keeps for it, what a mapping has under it, what a thread is about to
call.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import NamedTuple

from leakwatch.diagnosis.by_products import goes_with, key_of_entry
from leakwatch.diagnosis.causes import Place, family, is_of_the_standard_library
from leakwatch.diagnosis.finding import Finding, Group
from leakwatch.diagnosis.lead_type import Survivors, outermost_lead
from leakwatch.diagnosis.repeated_work import LEAST_NAMES
from leakwatch.heap.structural_types import is_plumbing
from leakwatch.interpreter import count_into
from leakwatch.paths.names.name import common

NUMBERS = re.compile(r"\d+")
LEAST_RUNS = 2
"""Runs that must have added to several places, and as much to each."""
LEAST_ALIKE = 20
"""Or objects that are in each of several places, as many in each."""

RECORDS_OF_A_MOCK = frozenset(
    {"._mock_mock_calls", "._mock_call_args_list", "._mock_method_calls", ".method_calls"}
)
"""Lists of a mock, into each of which it puts a call of itself or of its children."""
PARTS_OF_A_MOCK = RECORDS_OF_A_MOCK | {"._mock_children"}

Findings = dict[Group, Finding]


def join_ever_new_names(
    findings: Findings, general_of: Callable[[Finding], Place | None], *, by_runs: bool
) -> None:
    """Merge findings that differ only in a generated name, which only few of the runs have set.

    Args:
        findings: by group; changed.
        general_of: the place of a finding without the name that holds it, or None without one.
        by_runs: whether it is known which run has set a name; else names that differ in more than
            numbers are different places.
    """
    families: dict[tuple[Place, str], list[Group]] = {}
    few = fewest(finding.lead.ages for finding in findings.values())
    for group, finding in findings.items():
        in_use, _ = group
        if not in_use and len(set(finding.lead.ages)) <= few:
            general = general_of(finding)
            if general is not None:
                alike = "" if by_runs else NUMBERS.sub("#", str(finding.place.cause))
                families.setdefault((general, alike), []).append(group)
    for (general, _), members in families.items():
        if len(members) >= LEAST_NAMES:
            names = [findings[member].name_of_holder() for member in members]
            merge(findings, members, general).generated = common(names)


def fewest(ages: Iterable[Sequence[int]]) -> int:
    """How many runs may set a name that is no name of a place.

    One, or a tenth of the runs: an address in a name comes again.
    """
    last = max((age for runs in ages for age in runs), default=0)
    return max(1, last // 10)


def join_circles(findings: Findings) -> None:
    """Merge findings of objects that hold each other: no single one of them is the cause."""
    first: dict[int, Group] = {}
    families: dict[Group, list[Group]] = {}
    for group, finding in findings.items():
        known = {first[it] for it in finding.circles if it in first}
        members = [group] if finding.circles else []
        for head in known:
            members += families.pop(head)
        if members:
            families[group] = members
            circles = {it for member in members for it in findings[member].circles}
            first.update(dict.fromkeys(circles, group))
    for found in families.values():
        members = without_plumbing(findings, found)
        lead = outermost_lead([findings[member].lead for member in members])
        of_lead = next(it for it in members if findings[it].lead is lead)
        merge(findings, members, findings[of_lead].place)


def without_plumbing(findings: Findings, members: list[Group]) -> list[Group]:
    """The members with a name, if any has one: the lists and functions between them go along."""
    named = [it for it in members if has_a_name(findings[it].lead)]
    for other in members if named else ():
        if other not in named:
            del findings[other]
    return named or members


def has_a_name(lead: Survivors) -> bool:
    """Whether survivors are more than part of how something else is held."""
    return lead.cls is None or not is_plumbing(lead.cls)


def join_calls(findings: Findings) -> None:
    """Merge findings to which the same runs add as much, by what they have in common.

    It is told by several runs, or by many objects where there are no runs: two registries that got
    an object each are two.
    """
    families: dict[tuple[object, ...], list[Group]] = {}
    counts = {group: counted(finding) for group, finding in findings.items()}
    # An object of the last run may be held elsewhere as yet: as the latest.
    last = max((max(runs) for runs in counts.values()), default=0)
    for group, finding in findings.items():
        runs, common = counts[group], in_common(finding)
        if common and (len(runs) >= LEAST_RUNS or max(runs.values()) >= LEAST_ALIKE):
            early = {run: count for run, count in runs.items() if run < max(last, 1)}
            alike = group[0], common, frozenset(early.items())
            families.setdefault(alike, []).append(group)
    for members in families.values():
        if len(members) > 1:
            members.sort(key=lambda group: str(findings[group].place.cause))
            # What is counted in several places is not the more for that.
            lead = outermost_lead([findings[group].lead for group in members])
            members.sort(key=lambda group: findings[group].lead is not lead)
            others = [findings[group].place.cause for group in members[1:]]
            name = findings[members[0]].name_of_lead()
            merge(findings, members, findings[members[0]].place)
            findings[members[0]].led_by(name)
            findings[members[0]].also_in(others)


def in_common(finding: Finding) -> object:
    """What findings of one call have in common; empty for nothing.

    One attribute of several objects of the same make, with what is of one family; or the owner of
    several attributes, where what they hold has no name that would tell one mistake from the other.
    """
    cls, place = finding.lead.cls, finding.place
    if mock := recording_mock(place):
        return mock
    if place.make:
        return place.make, None if cls is None else id(family(cls))
    return place.owner if cls is None or is_plumbing(cls) else ()


def recording_mock(place: Place) -> tuple[object, ...]:
    """The mock that keeps a call in one of its lists, as it does in several; empty for none."""
    if RECORDS_OF_A_MOCK.isdisjoint(place.names[-2:]):
        return ()
    above = takewhile(lambda name: name not in PARTS_OF_A_MOCK, place.names)
    return (place.start, place.holder, *above)


def join_what_goes_along(findings: Findings) -> None:
    """Count what goes when other survivors go with those: they are the ones to let go."""
    elsewhere = {one for finding in findings.values() for one in finding.others}
    for group in list(findings):
        finding = findings[group]
        tie = tie_of(finding, elsewhere) if len(findings) > 1 else None
        others = (it for it in findings.values() if it is not finding) if tie else ()
        host = next((it for it in others if tie and tie.is_to(it)), None)
        if host is not None:
            host.take_along(findings.pop(group))


class Tie(NamedTuple):
    """With what the survivors of a finding go.

    Attributes:
        to: an object of that type; None for the thread that holds the others.
        least: how many such must be among the others.
        place: signature of a place where those are held as well; empty for anywhere.
    """

    to: object
    least: int
    place: str = ""

    def is_to(self, host: Finding) -> bool:
        """Whether it is to what another finding tells."""
        if self.place and self.place not in host.others:
            return False
        # Not `or`: that would ask the object's own `__bool__`.
        to = host.thread if self.to is None else self.to
        return host.number_of(to) >= self.least


def tie_of(finding: Finding, elsewhere: Collection[str]) -> Tie | None:
    """With what the survivors of a finding go; None if with nothing else.

    Args:
        finding: it may go along with another.
        elsewhere: signatures of places that hold what other findings tell, too.
    """
    first = finding.lead.first
    tied = goes_with(first)
    if tied is not None:
        # One may have several entries, and of the keys some may have been there before.
        runs = len(set(finding.lead.ages))
        least = min(tied[1], finding.lead.count, runs if runs > 1 else sys.maxsize)
        return Tie(tied[0], -(-least // 2))
    if finding.place.signature in elsewhere:
        key = key_of_entry(first.route.to_survivor())
        place = finding.place.signature
        return None if key is None else Tie(key, finding.lead.count, place)
    is_called = first.root.facts.is_unseen and is_of_the_standard_library(first.survivor)
    return Tie(None, finding.lead.count) if is_called else None


def counted(finding: Finding) -> Mapping[int, int]:
    """How many survivors each run has added."""
    found = Counter[int]()
    for ages in finding.all_ages():
        count_into(found, ages)
    return found


def merge(findings: Findings, members: Sequence[Group], place: Place) -> Finding:
    """Put one finding in the place of several; gives that."""
    if len(members) == 1:
        return findings[members[0]]
    whole = Finding(place)
    for member in members:
        whole.join(findings.pop(member))
    findings[members[0][0], place.signature] = whole
    return whole
