"""One judgement over the survivors of some tests: whose they are, and what counts."""

from collections import Counter
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import FrameType

from leakwatch.integration import Case, OwnCode, judge, scaled
from leakwatch.model import Birth, Leak, Root, Settling
from leakwatch.report import Report
from pytest_leakwatch.attribution.owners import Owners
from pytest_leakwatch.verdict.excuses import (
    kept_by_abc,
    kept_by_pytest,
    kept_once,
    prefixes,
    variable,
)
from pytest_leakwatch.verdict.findings import NAME, Findings, birth
from pytest_leakwatch.verdict.fold_nested import folded
from pytest_leakwatch.verdict.recurrence import once_only, recurs

DOOM = "outlived the test that made it"
KEPT = "kept by pytest until the end of its scope; it fails no test"
KEPT_ONCE = "computed once, by whoever asks first, and kept by intention; it fails no test"
KEPT_BY_CLASS = "kept in a variable of the test class or module, set in its setup; it fails no test"


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
        owners: the tests and fixtures by number.
        imported: for each module imported in a page, the owners of such pages.
        own_code: of the project.
        runs: how many runs that count a test has had, where it was more than one.
        confirmed: node ids of what was run again only to confirm what the first run left.
        set_up: the variables that the setup of a test class or module has set.

    Attributes:
        allowed: the allowances that fitted a leak.
    """

    def __init__(
        self,
        owners: Owners,
        imported: Mapping[str, Container[int]],
        own_code: OwnCode,
        *,
        runs: Mapping[str, int],
        confirmed: Container[str] = frozenset(),
        set_up: Container[str] = frozenset(),
    ) -> None:
        self._owners = owners
        self._imported = imported
        self._own_code = own_code
        self._runs = runs
        self._confirmed = confirmed
        self._set_up = set_up
        self._makers: dict[str, Counter[int]] = {}
        self._registered: set[str] = set()
        self._runs_seen: dict[str, Counter[str]] = {}
        self.allowed: list[str] = []

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
        named = {nodeid for nodeids in made.values() for nodeid in nodeids}
        owners = [owner for owner in self._owners.values() if owner.nodeid in named]
        return Findings(
            report=report,
            made=made,
            seen={leak.signature: self._seen(leak.signature) for leak in report.leaks},
            runs={nodeid: self._runs[nodeid] for nodeid in named if nodeid in self._runs},
            locations={owner.nodeid: owner.location for owner in owners},
            fixtures={o.nodeid: (o.fixture, o.test) for o in owners if o.fixture},
        )

    def _made(self, signature: str) -> dict[str, int]:
        made: Counter[str] = Counter()
        for number, count in self._makers[signature].items():
            made[self._owners[number].nodeid] += count
        return dict(made)

    def _seen(self, signature: str) -> dict[str, int]:
        """In how many runs a test left this leak."""
        return dict(self._runs_seen[signature])

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
        births = {
            number: birth(owner.location, owner.nodeid) for number, owner in self._owners.items()
        }
        found = {it: births[abs(number)] for it, number in evidence.owners.items()}
        return {**found, **evidence.births}

    def _review(self, leak: Leak, ages: Sequence[int]) -> Leak | None:
        """The leak without what an import in the same test defined."""
        homes = self._importers(leak.path.root)
        makers = Counter(abs(number) for number in ages if number and number not in homes)
        if not makers:
            return None
        self._makers[leak.signature] = makers
        if any(number < 0 for number in ages):
            self._registered.add(leak.signature)
        return scaled(leak, makers.total())

    def _importers(self, root: Root) -> Container[int]:
        """Numbers of the tests that executed the module of a root."""
        if not root.facts.made_by_import:
            return ()
        names = (name for name in prefixes(root.label) if name in self._imported)
        return self._imported[name] if (name := next(names, "")) else ()

    def _sort(self, leak: Leak, leaks: list[Leak], known: list[Leak]) -> None:
        """Put a leak, or the parts of it, where they belong."""
        if kept_by_abc(leak.path):
            return
        if kept_by_pytest(leak.path, self._own_code):
            known.append(replace(leak, reasons=(*leak.reasons, KEPT)))
            return
        refused: Counter[int] = Counter()
        warnings: dict[str, None] = {}
        for made in self._by_test(self._makers[leak.signature]):
            counting = self._counting(made)
            part = self._part(leak, counting or made)
            reason = self._excuse(leak, counting or made) or self._allowed(part, made, warnings)
            if reason:
                known.append(replace(part, reasons=(*leak.reasons, reason)))
            else:
                refused.update(self._original(counting))
                self._runs_seen.setdefault(leak.signature, Counter()).update(
                    self._nodeids(counting)
                )
        if refused:
            whole = self._part(leak, refused)
            leaks.append(replace(whole, reasons=(*leak.reasons, *warnings)))
            self._makers[leak.signature] = refused

    def _original(self, made: Counter[int]) -> Counter[int]:
        """The makers without the reruns that only confirm: they do not add to the leak."""
        owners = {number: self._owners[number] for number in made}
        return Counter(
            {
                n: c
                for n, c in made.items()
                if owners[n].nodeid not in self._confirmed or not owners[n].run
            }
        )

    def _nodeids(self, made: Counter[int]) -> list[str]:
        """The test of each run."""
        return [self._owners[number].nodeid for number in made]

    def _part(self, leak: Leak, made: Counter[int]) -> Leak:
        """What some runs have left of a leak."""
        return replace(scaled(leak, made.total()), growth=self._growth(made))

    def _counting(self, made: Counter[int]) -> Counter[int]:
        """The makers without the runs that only warmed up."""
        runs = {number: self._owners[number].run for number in made}
        return Counter({n: c for n, c in made.items() if (run := runs[n]) is None or run >= 0})

    def _by_test(self, makers: Counter[int]) -> list[Counter[int]]:
        """The makers test by test; runs of one test together, and what is around them apart."""
        parts: dict[tuple[str, bool], Counter[int]] = {}
        for number, count in makers.items():
            owner = self._owners[number]
            parts.setdefault((owner.nodeid, owner.run is None), Counter())[number] = count
        return list(parts.values())

    def _growth(self, made: Counter[int]) -> float | None:
        """Survivors per run, where every one is of a test that was run again."""
        owners = [self._owners[number] for number in made]
        if any(owner.run is None or owner.nodeid in self._confirmed for owner in owners):
            return None
        runs = sum(self._runs.get(nodeid, 1) for nodeid in {owner.nodeid for owner in owners})
        return round(made.total() / runs, 2)

    def _excuse(self, leak: Leak, made: Counter[int]) -> str:
        """Why these survivors are no leak of their test or fixture, or nothing."""
        if variable(leak.path) in self._set_up:
            return KEPT_BY_CLASS
        if leak.signature not in self._registered and kept_once(leak):
            return KEPT_ONCE
        return self._once_only(made)

    def _once_only(self, made: Counter[int]) -> str:
        """Why survivors of repeated runs are no leak, or nothing."""
        owners = [self._owners[number] for number in made]
        runs = self._runs.get(owners[0].nodeid, 1)
        if owners[0].run is None or runs == 1:
            return ""
        seen = [owner.run for owner in owners if owner.run is not None and owner.run >= 0]
        return "" if recurs(seen, runs) else once_only(seen, runs)

    def _allowed(self, leak: Leak, made: Counter[int], warnings: dict[str, None]) -> str:
        """Why a test may leave these objects behind, or nothing."""
        owner = self._owners[next(iter(made))]
        runs = 1 if owner.run is None else self._runs.get(owner.nodeid, 1)
        for allowance in owner.allowances:
            if not allowance.fits(leak.type_name):
                continue
            self.allowed.append(str(allowance))
            if allowance.is_enough_for(leak.count, runs):
                return f"allowed in {owner.nodeid}: {allowance.reason}"
            each = f" in {runs} runs" if runs > 1 else ""
            excess = f"{owner.nodeid}: {allowance.count} allowed, found {leak.count:,}{each}"
            warnings[excess] = None
        return ""
