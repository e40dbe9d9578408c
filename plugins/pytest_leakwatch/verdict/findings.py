"""What was found: plain data that one process hands to another, and how it adds up."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from leakwatch.integration import merged_reports, scaled, summed
from leakwatch.model import Birth, Leak
from leakwatch.report import Report

Made = Mapping[str, Mapping[str, int]]
"""For each signature: number of objects by the node id of the test that made them."""
Location = tuple[str, int | None, str]
"""File, line counted from 0, and name of a test, as pytest has it."""
PROPERTY = "leakwatch"
"""Name of the property of a failed test that tells machines what leaked, as JSON."""
NAME = "pytest"
"""The scope's name in the report of a run."""


@dataclass(frozen=True, slots=True)
class Findings:
    """The leaks of some tests, with the tests that made each.

    Attributes:
        report: all leaks; what pytest keeps and what is allowed is among the known ones.
        made: which test made how many objects of a leak.
        failed: node ids of the tests that failed for it already.
        judged: number of tests judged.
        unfrozen: how many of them ran without a window.
        not_judged: number of tests not judged, by reason.
        locations: where the leaking tests stand, by node id.
        seen: in how many runs a test left a leak, by signature and node id.
        runs: how many runs a test had, where it was more than one.
        fixtures: for each leaking fixture, by node id, what it is called, and the test that
            set it up.
        allowances: how many leaks each allowance of a judged test was good for.
        seconds: what the plugin itself took, by what it did.
    """

    report: Report = field(default_factory=lambda: Report(NAME))
    made: Made = field(default_factory=dict)
    failed: frozenset[str] = frozenset()
    judged: int = 0
    unfrozen: int = 0
    not_judged: Mapping[str, int] = field(default_factory=dict)
    locations: Mapping[str, Location] = field(default_factory=dict)
    seen: Made = field(default_factory=dict)
    runs: Mapping[str, int] = field(default_factory=dict)
    fixtures: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    allowances: Mapping[str, int] = field(default_factory=dict)
    seconds: Mapping[str, float] = field(default_factory=dict)

    def leaking_tests(self) -> list[str]:
        """Node ids of the tests that made what leaked, sorted."""
        return sorted({nodeid for leak in self.report.leaks for nodeid in self.tests_of(leak)})

    def tests_of(self, leak: Leak) -> Mapping[str, int]:
        """Number of objects of a leak by test."""
        return self.made.get(leak.signature, {})

    def leaks_of(self, nodeid: str) -> list[Leak]:
        """The leaks of one test, each counted for that test alone."""
        return [
            part_of(leak, self.tests_of(leak), nodeid, self.locations[nodeid])
            for leak in self.report.leaks
            if nodeid in self.tests_of(leak)
        ]

    def title_of(self, nodeid: str) -> str:
        """What the owner of a leak is called: the test, or a fixture by its scope and name."""
        return self.fixtures[nodeid][0] if nodeid in self.fixtures else "test"

    def to_json(self) -> str:
        """The findings as text, for the way from a worker to the controller."""
        document = {
            "report": self.report.to_dict(),
            "made": self.made,
            "failed": sorted(self.failed),
            "judged": self.judged,
            "unfrozen": self.unfrozen,
            "not_judged": self.not_judged,
            "locations": self.locations,
            "seen": self.seen,
            "runs": self.runs,
            "fixtures": self.fixtures,
            "allowances": self.allowances,
            "seconds": self.seconds,
        }
        return json.dumps(document)


Deliver = Callable[[Findings], None]
"""Takes what was found, once, at the end of the run."""


def from_json(text: str) -> Findings:
    """The findings that `Findings.to_json` wrote."""
    from leakwatch.integration import report_from_json

    document = json.loads(text)
    return Findings(
        report=report_from_json(json.dumps(document["report"]), "a worker's findings"),
        made=document["made"],
        failed=frozenset(document["failed"]),
        judged=document["judged"],
        unfrozen=document["unfrozen"],
        not_judged=document["not_judged"],
        locations={nodeid: tuple(place) for nodeid, place in document["locations"].items()},
        seen=document["seen"],
        runs=document["runs"],
        fixtures={nodeid: tuple(names) for nodeid, names in document["fixtures"].items()},
        allowances=document["allowances"],
        seconds=document["seconds"],
    )


def part_of(leak: Leak, made: Mapping[str, int], nodeid: str, location: Location) -> Leak:
    """The part of a leak that one test made; sizes in proportion, and the path of one object."""
    own, everything = made[nodeid], sum(made.values())
    if own == everything:
        return leak
    others = (
        f"{len(made):,} tests made {everything:,} objects that are held alike; the path is that "
        "of one of them"
    )
    born = leak.born if leak.born and leak.born.scope == nodeid else birth(location, nodeid)
    return replace(scaled(leak, own), born=born, reasons=(*leak.reasons, others))


def facts(findings: Findings, nodeid: str) -> str:
    """The leaks of one test for machines, as JSON."""
    return json.dumps(
        [
            {
                "signature": leak.signature,
                "type": leak.type_name,
                "count": leak.count,
                "retained_bytes": leak.retained_bytes,
                "held_by": leak.path.expression,
                "pattern": leak.pattern.code if leak.pattern else None,
            }
            for leak in findings.leaks_of(nodeid)
        ]
    )


def birth(location: Location, nodeid: str) -> Birth:
    """Where the objects of a test were born, as far as that is known without registration."""
    file, line, name = location
    return Birth(file, (line or 0) + 1, name, nodeid)


def merged(parts: Iterable[Findings]) -> Findings:
    """The findings of several judgements or workers, leaks added up by signature."""
    whole = Findings()
    for part in parts:
        whole = Findings(
            report=merged_reports(whole.report, part.report),
            made=summed_by_signature(whole.made, part.made),
            failed=whole.failed | part.failed,
            judged=whole.judged + part.judged,
            unfrozen=whole.unfrozen + part.unfrozen,
            not_judged=summed(whole.not_judged, part.not_judged),
            locations={**whole.locations, **part.locations},
            seen=summed_by_signature(whole.seen, part.seen),
            runs={**whole.runs, **part.runs},
            fixtures={**whole.fixtures, **part.fixtures},
            allowances=summed(whole.allowances, part.allowances),
            seconds=summed(whole.seconds, part.seconds),
        )
    return whole


def summed_by_signature(one: Made, other: Made) -> dict[str, dict[str, int]]:
    """Objects by test, by signature, added up."""
    return {name: summed(one.get(name, {}), other.get(name, {})) for name in {**one, **other}}
