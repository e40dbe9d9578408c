"""One judgement over the survivors of some tests: whose they are, and what counts."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import FrameType

from leakwatch.integration import Case, judge
from leakwatch.model import Birth, Leak, Root, Settling
from leakwatch.report import Report
from pytest_leakwatch.allowances import Allowance
from pytest_leakwatch.findings import NAME, Findings, Location, birth, scaled
from pytest_leakwatch.folding import folded
from pytest_leakwatch.kept import NAMESPACES, kept_by_pytest, prefixes
from pytest_leakwatch.selection import FirstParty

KEPT = "kept by pytest until the end of its scope; it fails no test"


@dataclass(frozen=True, slots=True)
class Test:
    """A test whose objects are judged.

    Attributes:
        number: its owner number in the ledger.
        nodeid: its node id.
        location: where it stands.
        allowances: what it may leak.
    """

    __test__ = False  # pytest would take the name for a test class

    number: int
    nodeid: str
    location: Location
    allowances: tuple[Allowance, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Evidence:
    """What is known of the survivors before anything is walked.

    Attributes:
        survivors: gives the living objects, borrowed.
        owners: number of the test by id of the object, for these tests only; negative where
            the test registered it.
        births: where objects were registered, by id.
        asking: innermost frame of the test, where a test itself asks.
        settling: what was done before.
        everything: whether all that was born is judged, not only chosen classes.
        notes: facts for the report.
    """

    survivors: Callable[[], list[object]]
    owners: Mapping[int, int]
    births: Mapping[int, Birth] = field(default_factory=dict)
    asking: FrameType | None = None
    settling: Settling = field(default_factory=Settling)
    everything: bool = False
    notes: tuple[str, ...] = ()


class Judge:
    """Judges survivors and sorts the leaks.

    Args:
        tests: the tests by number.
        imported: for each module first imported in a test, the number of that test.
        ours: the modules of the project.
    """

    def __init__(
        self, tests: Mapping[int, Test], imported: Mapping[str, int], ours: FirstParty
    ) -> None:
        self._tests = tests
        self._imported = imported
        self._ours = ours
        self._makers: dict[str, Counter[int]] = {}

    def judge(self, evidence: Evidence, doom: str) -> Findings:
        """Walk once, and give each leak to the tests that made its survivors.

        Args:
            evidence: the survivors and what is known of them.
            doom: why they count as dead.
        """
        report = judge(self._case(evidence, doom))
        accepted = {leak.signature for leak in report.known}
        leaks: list[Leak] = []
        known: list[Leak] = []
        for leak in folded((*report.leaks, *report.known), self._makers):
            if leak.signature in accepted:
                known.append(leak)
            else:
                self._sort(leak, leaks, known)
        return self._findings(replace(report, leaks=tuple(leaks), known=tuple(known)))

    def _findings(self, report: Report) -> Findings:
        made = {leak.signature: self._made(leak.signature) for leak in report.leaks}
        tests = {nodeid for tests in made.values() for nodeid in tests}
        locations = {t.nodeid: t.location for t in self._tests.values() if t.nodeid in tests}
        return Findings(report=report, made=made, locations=locations)

    def _made(self, signature: str) -> dict[str, int]:
        return {self._tests[number].nodeid: n for number, n in self._makers[signature].items()}

    def _case(self, evidence: Evidence, doom: str) -> Case:
        return Case(
            name=NAME,
            survivors=evidence.survivors,
            doom=doom,
            births=self._births(evidence),
            ages=evidence.owners,
            asking=evidence.asking,
            owners_only=evidence.everything,
            settling=evidence.settling,
            notes=evidence.notes,
            review=self._review,
        )

    def _births(self, evidence: Evidence) -> dict[int, Birth]:
        births = {number: birth(test.location, test.nodeid) for number, test in self._tests.items()}
        found = {it: births[abs(number)] for it, number in evidence.owners.items()}
        return {**found, **evidence.births}

    def _review(self, leak: Leak, ages: Sequence[int]) -> Leak | None:
        """The leak without what an import in the same test defined."""
        home = self._importer(leak.path.root)
        makers = Counter(abs(number) for number in ages if number and number != home)
        if not makers:
            return None
        self._makers[leak.signature] = makers
        return scaled(leak, makers.total())

    def _importer(self, root: Root) -> int:
        """Number of the test that first imported the module of a root; 0 if none did."""
        if root.kind not in NAMESPACES:
            return 0
        names = (name for name in prefixes(root.label) if name in self._imported)
        return self._imported[name] if (name := next(names, "")) else 0

    def _sort(self, leak: Leak, leaks: list[Leak], known: list[Leak]) -> None:
        """Put a leak, or the parts of it, where they belong."""
        if kept_by_pytest(leak.path, self._ours):
            known.append(replace(leak, reasons=(*leak.reasons, KEPT)))
            return
        makers = self._makers[leak.signature]
        refused: Counter[int] = Counter()
        for number, count in makers.items():
            reason = self._allowed(number, leak, count)
            if reason:
                accepted = scaled(leak, count)
                known.append(replace(accepted, reasons=(*leak.reasons, reason)))
            else:
                refused[number] = count
        if refused:
            leaks.append(scaled(leak, refused.total()))
            self._makers[leak.signature] = refused

    def _allowed(self, number: int, leak: Leak, count: int) -> str:
        """Why a test may leave these objects behind, or nothing."""
        test = self._tests[number]
        reasons = [a.reason for a in test.allowances if a.accepts(leak.type_name, count)]
        return f"allowed in {test.nodeid}: {reasons[0]}" if reasons else ""
