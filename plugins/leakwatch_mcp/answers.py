"""What is answered: facts as fields, and the report as a person would read it."""

import json
from dataclasses import asdict
from typing import Any

from leakwatch import Report, Snapshot
from leakwatch.errors import ConfigurationError
from leakwatch.integration import ask_process, explained_leak, explained_pattern, report_from_json

SPARE = 100.0
"""Seconds for an answer of a process beside those for which it looks."""
LONGEST = 600.0
MOST_KEPT = 50
"""Reports of this session in which a signature is looked for."""
MOST_LEAKS = 20
QUESTIONS = ("types", "retained", "roots", "duplicates", "report")


class Answers:
    """Answers questions, and remembers its reports, so that a leak of one can be explained."""

    def __init__(self) -> None:
        self._reports: list[Report] = []

    def growing(self, pid: int, seconds: float) -> dict[str, Any]:
        """What becomes more in a process that runs."""
        if not 0 < seconds <= LONGEST:
            raise ConfigurationError(f"seconds {seconds:g}: expected above 0, up to {LONGEST:g}")
        return self._of_process(pid, {"verb": "growing", "seconds": seconds}, seconds)

    def why(self, type_name: str, pid: int | None, heap: str | None) -> dict[str, Any]:
        """What holds the objects of a type, in a process or in a file of a heap."""
        if (pid is None) == (heap is None):
            raise ConfigurationError("why: give either pid or heap")
        if heap is not None:
            return self._told(Snapshot.load(heap).why(type_name))
        assert pid is not None
        return self._of_process(pid, {"verb": "why", "type": type_name}, 0.0)

    def snapshot(self, heap: str, question: str, top: int) -> dict[str, Any]:
        """What a file of a heap has."""
        if question not in QUESTIONS:
            raise ConfigurationError(f"question {question!r}: expected {', '.join(QUESTIONS)}")
        if top < 1:
            raise ConfigurationError(f"top {top}: expected 1 or more")
        found = Snapshot.load(heap)
        if question == "report":
            return self._told(found.report())
        rows = getattr(found, question)
        asked = rows(top) if question in ("retained", "roots") else rows()[:top]
        whole = {"objects": found.objects, "references": found.references}
        return whole | {question: [asdict(row) for row in asked]}

    def explain(self, what: str, report: str | None) -> dict[str, Any]:
        """What a code means, or how a leak of a file or of this session is to be mended."""
        if report is not None:
            return self._mending(Report.load(report), what)
        for known in reversed(self._reports):
            if any(it.signature.startswith(what) for it in (*known.leaks, *known.known)):
                return self._mending(known, what)
        return explained_pattern(what)

    def _mending(self, report: Report, signature: str) -> dict[str, Any]:
        return asdict(explained_leak(report, signature))

    def _of_process(self, pid: int, question: dict[str, Any], seconds: float) -> dict[str, Any]:
        return self._told(report_in(ask_process(pid, question, seconds + SPARE)))

    def _told(self, report: Report) -> dict[str, Any]:
        """A report, as facts about each leak and as text; it is remembered."""
        self._reports = [*self._reports[1 - MOST_KEPT :], report]
        return {
            "scope": report.scope,
            "ok": report.ok,
            "partial": report.partial,
            "not_judged": report.not_judged,
            "leaks": [
                {
                    "signature": it.signature,
                    "type_name": it.type_name,
                    "count": it.count,
                    "growth": it.growth,
                    "growth_per": it.growth_per,
                    "retained_bytes": it.retained_bytes,
                    "cause": asdict(it.cause),
                    "code": it.pattern.code if it.pattern is not None else None,
                }
                for it in report.leaks[:MOST_LEAKS]
            ],
            "text": str(report),
        }


def report_in(answer: dict[str, Any]) -> Report:
    """The report that a process has sent; it is checked as those of files are."""
    return report_from_json(json.dumps(answer.get("report")), "the answer")
