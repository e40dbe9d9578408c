"""One judgement over the survivors of some tests: whose they are, and what counts."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import replace
from types import FrameType

from leakwatch.integration import Case, OwnCode, judge, scaled, settle
from leakwatch.model import Leak, Root, Settling
from leakwatch.report import Report
from pytest_leakwatch.attribution.ledger import Ledger
from pytest_leakwatch.attribution.owners import Owner, Owners
from pytest_leakwatch.attribution.survivors import Survivors
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


class Judge:
    """Settles, and judges what some owners have left, as often as it is asked.

    Args:
        ledger: knows who imported what.
        survivors: what is still there.
        own_code: of the project.

    Attributes:
        allowances: how many leaks each allowance of a judged test was good for.
        confirmed: node ids of what was run again at the end, to confirm what the first run left.
        set_up: the variables that the setup of a test class or module has set.
    """

    def __init__(self, ledger: Ledger, survivors: Survivors, own_code: OwnCode) -> None:
        self._ledger = ledger
        self._survivors = survivors
        self._own_code = own_code
        self._runs: dict[str, int] = {}
        self.allowances: dict[str, int] = {}
        self.confirmed: set[str] = set()
        self.set_up: set[str] = set()

    def note_runs(self, nodeid: str, runs: int) -> None:
        """Note how many runs that count a test or a fixture has had."""
        self._runs[nodeid] = max(runs, self._runs.get(nodeid, 0))

    def note_allowances(self, owner: Owner) -> None:
        """Note the allowances of a judged test: those that no leak needs are stale."""
        for allowance in owner.allowances:
            self.allowances.setdefault(str(allowance), 0)

    def judge(
        self, owners: Owners, grace: float, caller: FrameType | None, *, everything: bool
    ) -> tuple[Findings, int]:
        """Judge what some owners left behind, with one walk of the heap; the ledger is closed.

        Args:
            owners: by number.
            grace: seconds to wait at the most for what is still there.
            caller: innermost frame of the test, where a test itself asks.
            everything: whether all that was born is judged, not only chosen classes.

        Returns:
            what was found, and how many objects were there.
        """
        numbers = frozenset(owners)
        settling, alive = self._settled(numbers, grace)
        if not alive:
            return Findings(Report(NAME, settling=settling)), 0
        makers = self._survivors.owners(numbers)
        births = {number: birth(owner.location, owner.nodeid) for number, owner in owners.items()}
        sorter = Sorter(
            owners,
            self._ledger.imported,
            self._own_code,
            runs=self._runs,
            confirmed=self.confirmed,
            set_up=self.set_up,
        )
        case = Case(
            name=NAME,
            survivors=lambda: self._survivors.borrowed(numbers),
            doom=DOOM,
            births={
                **{it: births[abs(number)] for it, number in makers.items()},
                **self._survivors.registrations(numbers),
            },
            ages=makers,
            asking=caller,
            owners_only=everything,
            settling=settling,
            review=sorter.review,
        )
        findings = sorter.findings(judge(case))
        for allowance in sorter.allowed:
            self.allowances[allowance] = self.allowances.get(allowance, 0) + 1
        return findings, alive

    def _settled(self, numbers: frozenset[int], grace: float) -> tuple[Settling, int]:
        """Bring the heap to rest; gives what was done for it, and how many objects are there."""
        alive = 0

        def look() -> bool:
            nonlocal alive
            alive = self._survivors.count(numbers)
            return alive > 0

        settling = settle(look, grace)
        if settling.waited:
            look()  # there was one more collection
        return settling, alive


class Sorter:
    """Gives the leaks of one judgement to the tests that made their survivors.

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

    def findings(self, report: Report) -> Findings:
        """The leaks of a report with their makers, and what is no leak among the known ones."""
        accepted = {leak.signature for leak in report.known}
        leaks: list[Leak] = []
        known: list[Leak] = []
        for leak in folded((*report.leaks, *report.known), self._makers):
            if leak.signature in accepted:
                known.append(leak)
            else:
                self._sort(leak, leaks, known)
        made = {leak.signature: self._made(leak.signature) for leak in leaks}
        named = {nodeid for nodeids in made.values() for nodeid in nodeids}
        owners = [owner for owner in self._owners.values() if owner.nodeid in named]
        return Findings(
            report=replace(report, leaks=tuple(leaks), known=tuple(known)),
            made=made,
            seen={leak.signature: dict(self._runs_seen[leak.signature]) for leak in leaks},
            runs={nodeid: self._runs[nodeid] for nodeid in named if nodeid in self._runs},
            locations={owner.nodeid: owner.location for owner in owners},
            fixtures={o.nodeid: (o.fixture, o.test) for o in owners if o.fixture},
        )

    def _made(self, signature: str) -> dict[str, int]:
        made: Counter[str] = Counter()
        for number, count in self._makers[signature].items():
            made[self._owners[number].nodeid] += count
        return dict(made)

    def review(self, leak: Leak, ages: Sequence[int]) -> Leak | None:
        """The leak without what an import in the same test defined.

        Args:
            leak: as it was found.
            ages: for each survivor the number of its owner, below 0 if that registered it.
        """
        homes = self._importers(leak.path.root)
        makers = Counter[int]()
        for number in ages:
            if number and number not in homes:
                makers[abs(number)] += 1
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
            # Without the runs that only warmed up.
            counting = Counter[int]()
            counting |= {n: c for n, c in made.items() if (self._owners[n].run or 0) >= 0}
            part = self._part(leak, counting or made)
            reason = self._excuse(leak, counting or made) or self._allowed(part, made, warnings)
            if reason:
                known.append(replace(part, reasons=(*leak.reasons, reason)))
            else:
                owners = {number: self._owners[number] for number in counting}
                seen = self._runs_seen.setdefault(leak.signature, Counter())
                seen.update(owner.nodeid for owner in owners.values())
                # The reruns that only confirm do not add to the leak.
                confirm = [n for n, it in owners.items() if it.run and it.nodeid in self._confirmed]
                refused.update({n: c for n, c in counting.items() if n not in confirm})
        if refused:
            whole = self._part(leak, refused)
            leaks.append(replace(whole, reasons=(*leak.reasons, *warnings)))
            self._makers[leak.signature] = refused

    def _part(self, leak: Leak, made: Counter[int]) -> Leak:
        """What some runs have left of a leak."""
        return replace(scaled(leak, made.total()), growth=self._growth(made))

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
