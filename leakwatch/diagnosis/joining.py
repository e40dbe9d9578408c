"""Causes that are one mistake, though the reference to cut is another in each.

A name that every run makes anew is a key. Objects that hold each other in circles go together. What
one call adds to several objects of the same make, to several caches of one owner, or under one key
to several mappings, is one call too many. And what goes when an object goes is told with that
object: what a weak mapping, a finalizer or a timer keeps for it, what a mapping has under it, what
a thread is about to call.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from types import FunctionType, ModuleType
from typing import Any, NamedTuple, cast

from leakwatch.diagnosis.by_products import goes_with, key_of_entry
from leakwatch.diagnosis.causes import Place, family, is_of_the_standard_library
from leakwatch.diagnosis.finding import Finding, Group
from leakwatch.diagnosis.lead_type import Survivors, outermost_lead
from leakwatch.diagnosis.repeated_work import LEAST_NAMES
from leakwatch.heap.objects import ATOMS, identities, inherits, is_exactly
from leakwatch.heap.structural_types import DICTS, is_plumbing
from leakwatch.interpreter import count_into, get_referents
from leakwatch.paths.names.name import common

NUMBERS = re.compile(r"\d+")
EMPTY = ()
LASTING = ATOMS | identities((type, ModuleType, FunctionType))
"""Types of what several may refer to without having anything to do with each other."""
LEAST_RUNS = 2
"""Runs that must have added to several places, and as much to each."""
LEAST_ALIKE = 20
"""Or objects that are in each of several places, as many in each."""

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
        tell_together(findings, members)


def tell_together(findings: Findings, members: list[Group]) -> None:
    """Put one finding in the place of those that one call makes, and name the other places."""
    if len(members) < 2:
        return
    members.sort(key=lambda group: str(findings[group].place.cause))
    # What is counted in several places is not the more for that.
    lead = outermost_lead([findings[group].lead for group in members])
    members.sort(key=lambda group: findings[group].lead is not lead)
    others = [findings[group].place.cause for group in members[1:]]
    name = findings[members[0]].name_of_lead()
    whole = merge(findings, members, findings[members[0]].place)
    whole.led_by(name)
    whole.also_in(others)


def join_entries_of_one_key(findings: Findings) -> None:
    """Merge findings in several mappings of one owner that have got the same object for a key.

    One call fills them, whatever it puts there; it may note the key in a set as well.

    Args:
        findings: by group; changed.
    """
    families: dict[tuple[bool, object, int], list[Group]] = {}
    sets: list[Group] = []
    for group, finding in findings.items():
        owner, mapping = finding.place.owner_or_module, finding.holder
        if owner and type(mapping) is set:
            sets.append(group)
        elif owner and is_exactly(mapping, DICTS) and finding.lead.count >= LEAST_NAMES:
            families.setdefault((group[0], owner, id(last_key(mapping))), []).append(group)
    for group in sets:
        noted = frozenset(map(id, cast(set[object], findings[group].holder)))
        alike = group[0], findings[group].place.owner_or_module
        own = (it for it in families if it[:2] == alike and it[2] in noted)
        if (family := next(own, None)) is not None:
            families[family].append(group)
    for members in families.values():
        tell_together(findings, members)


def join_notes_of_one_call(findings: Findings) -> None:
    """Merge findings in several attributes of one object of the standard library with one note.

    A mock puts each call into four of its lists, and those of the mock that it belongs to; the last
    one is in an attribute as well.

    Args:
        findings: by group; changed.
    """
    families: dict[tuple[bool, object, int], list[Group]] = {}
    kept = [(group, it) for group, it in findings.items() if it.place.keeper]
    for group, finding in sorted(kept, key=lambda pair: not is_list(pair[1].holder)):
        notes = [(group[0], finding.place.keeper, id(it)) for it in notes_in(finding)]
        family = next((families[it] for it in notes if it in families), None)
        if family and any(findings[it].holder is finding.holder for it in family):
            continue  # whose entry it is tells them apart
        if is_list(finding.holder):
            family = [] if family is None else family
            families.update(dict.fromkeys(notes, family))
        if family is not None:
            family.append(group)
    for members in {id(it): it for it in families.values()}.values():
        tell_together(findings, members)


def is_list(found: object) -> bool:
    """Whether an object is a list, or of a class that is derived from it."""
    return inherits(type(found), list)


def is_tuple(found: object) -> bool:
    """Whether an object is a tuple, or of a class that is derived from it."""
    return inherits(type(found), tuple)


def notes_in(finding: Finding) -> Iterator[object]:
    """What is noted behind the reference to cut: last in a list, with what is in a tuple there."""
    holder: Any = finding.holder
    if is_list(holder):
        last = list.__getitem__(holder, slice(-1, None))
        found = [*last, *(it for entry in last if is_tuple(entry) for it in get_referents(entry))]
    else:
        chain = finding.lead.first.route.to_survivor()
        behind = [at for at, it in enumerate(chain) if it is holder]
        found = [*chain[behind[-1] + 1 :]] if behind else []
    return (it for it in found if it is not EMPTY and not is_exactly(it, LASTING))


def last_key(mapping: Any) -> object:
    """What was put into a mapping last; others may have been there before."""
    return next(dict.__reversed__(mapping), None)


def in_common(finding: Finding) -> object:
    """What findings of one call have in common; empty for nothing.

    One attribute of several objects of the same make, with what is of one family; or the owner of
    several attributes, where what they hold has no name that would tell one mistake from the other.
    """
    cls, place = finding.lead.cls, finding.place
    if place.make:
        return place.make, None if cls is None else id(family(cls))
    return place.owner if cls is None or is_plumbing(cls) else ()


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
