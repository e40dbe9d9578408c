"""What was found: plain data that one process hands to another, and how it adds up."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
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
        led_by: for each signature the type that a test left most of, where it left nothing of the
            lead type, by node id.
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
        reruns: number of tests that were run again to confirm what they left.
        unconfirmed: signatures of what is among the known leaks because no second run confirmed it.
        largest: for each leak the most objects that one process had, where there were several.
        unmatched: what is wrong with each pattern of types that fits no class.
        matched: the patterns of types that fit one.
    """

    report: Report = field(default_factory=lambda: Report(NAME))
    made: Made = field(default_factory=dict)
    led_by: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
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
    reruns: int = 0
    unconfirmed: frozenset[str] = frozenset()
    largest: Mapping[str, int] = field(default_factory=dict)
    unmatched: Mapping[str, str] = field(default_factory=dict)
    matched: frozenset[str] = frozenset()

    def leaking_tests(self) -> list[str]:
        """Node ids of the tests that made what leaked, sorted."""
        return sorted({nodeid for leak in self.report.leaks for nodeid in self.tests_of(leak)})

    def tests_of(self, leak: Leak) -> Mapping[str, int]:
        """Number of objects of a leak by test."""
        return self.made.get(leak.signature, {})

    def leaks_of(self, nodeid: str) -> list[Leak]:
        """The leaks of one test, each counted for that test alone."""
        return [
            part_of(self._led(leak, nodeid), self.tests_of(leak), nodeid, self.locations[nodeid])
            for leak in self.report.leaks
            if nodeid in self.tests_of(leak)
        ]

    def _led(self, leak: Leak, nodeid: str) -> Leak:
        """The leak as it is told of one test."""
        name = self.led_by.get(leak.signature, {}).get(nodeid, leak.type_name)
        return leak if name == leak.type_name else replace(leak, type_name=name, types=())

    def title_of(self, nodeid: str) -> str:
        """What the owner of a leak is called: the test, or a fixture by its scope and name."""
        return self.fixtures[nodeid][0] if nodeid in self.fixtures else "test"

    def to_json(self) -> str:
        """The findings as text, for the way from a worker to the controller."""
        document = {
            "report": self.report.to_dict(),
            "made": self.made,
            "led_by": self.led_by,
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
            "reruns": self.reruns,
            "unconfirmed": sorted(self.unconfirmed),
            "unmatched": self.unmatched,
            "matched": sorted(self.matched),
        }
        return json.dumps(document)


def without_leaks(findings: Findings, reason: str) -> Findings:
    """The findings with every leak among the known ones, unconfirmed for a reason."""
    report = findings.report
    known = (replace(leak, reasons=(*leak.reasons, reason)) for leak in report.leaks)
    return replace(
        findings,
        report=replace(report, leaks=(), known=(*known, *report.known)),
        unconfirmed=findings.unconfirmed | {leak.signature for leak in report.leaks},
    )


Deliver = Callable[[Findings], None]
"""Takes what was found, once, at the end of the run."""


def from_json(text: str) -> Findings:
    """The findings that `Findings.to_json` wrote."""
    from leakwatch.integration import report_from_json

    document = json.loads(text)
    return Findings(
        report=report_from_json(json.dumps(document["report"]), "a worker's findings"),
        made=document["made"],
        led_by=document["led_by"],
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
        reruns=document["reruns"],
        unconfirmed=frozenset(document["unconfirmed"]),
        unmatched=document["unmatched"],
        matched=frozenset(document["matched"]),
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
            led_by={
                one: {**whole.led_by.get(one, {}), **part.led_by.get(one, {})}
                for one in {**whole.led_by, **part.led_by}
            },
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
            reruns=whole.reruns + part.reruns,
            unconfirmed=whole.unconfirmed | part.unconfirmed,
        )
    return whole


def gathered(parts: Sequence[Findings]) -> Findings:
    """The findings of the workers of a run: added up, with what one process had of each leak.

    A process fills a variable or a cache once, so the sum grows with the number of workers. A
    pattern that fits a class in one of them is right.
    """
    largest: dict[str, int] = {}
    seen: dict[str, dict[str, int]] = {}
    for part in parts:
        for leak in part.report.leaks:
            largest[leak.signature] = max(leak.count, largest.get(leak.signature, 0))
        for signature, runs in part.seen.items():
            known = seen.setdefault(signature, {})
            known.update((nodeid, max(n, known.get(nodeid, 0))) for nodeid, n in runs.items())
    matched = frozenset().union(*(part.matched for part in parts))
    wrong = {it: said for part in parts for it, said in part.unmatched.items()}
    unmatched = {it: said for it, said in wrong.items() if it not in matched}
    return replace(merged(parts), largest=largest, seen=seen, unmatched=unmatched, matched=matched)


def one_process(findings: Findings) -> Report:
    """The report with each leak as large as one process had it."""
    report, largest = findings.report, findings.largest
    leaks = (replace(it, count=largest.get(it.signature, it.count)) for it in report.leaks)
    return replace(report, leaks=tuple(leaks))


def whole_report(findings: Findings) -> Report:
    """The report as it is told elsewhere: with the patterns that fit no class as not judged."""
    gaps = [findings.report.not_judged, *findings.unmatched.values()]
    return replace(findings.report, not_judged="; ".join(filter(None, gaps)) or None)


def summed_by_signature(one: Made, other: Made) -> dict[str, dict[str, int]]:
    """Objects by test, by signature, added up."""
    return {name: summed(one.get(name, {}), other.get(name, {})) for name in {**one, **other}}
