"""One judgement over the survivors of some tests: whose they are, and what counts."""

from collections import Counter
from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, replace
from types import FrameType, MappingProxyType

from leakwatch.integration import Case, OwnCode, exit_callbacks, judge, settle
from leakwatch.model import Leak, Settling
from leakwatch.report import Report
from pytest_leakwatch.attribution.ledger import Ledger
from pytest_leakwatch.attribution.owners import Owner, Owners
from pytest_leakwatch.attribution.survivors import Survivors
from pytest_leakwatch.verdict.excuses import (
    cannot_grow,
    kept_by_abc,
    kept_by_pytest,
    kept_once,
    variable,
)
from pytest_leakwatch.verdict.findings import NAME, Findings, birth
from pytest_leakwatch.verdict.judgement import Judgement, Review, counter, led_by
from pytest_leakwatch.verdict.recurrence import ONE_OFF, once_only, recurs

DOOM = "outlived the test that made it"
KEPT = "kept by pytest until the end of its scope; it fails no test"
KEPT_ONCE = "computed once, by whoever asks first, and kept by intention; it fails no test"
KEPT_BY_CLASS = "kept in a variable of the test class or module, set in its setup; it fails no test"

ROOM_FOR_ONE = f"{ONE_OFF}: its place has room for one, whatever runs again; it fails no test"


class Judge:
    """Settles, and judges what some owners have left, as often as it is asked.

    Args:
        ledger: knows who imported what.
        survivors: what is still there.
        own_code: of the project.
        noted: whether every object of a type that a test makes is judged.

    Attributes:
        allowances: how many leaks each allowance of a judged test was good for.
        confirmed: by node id, what was to be run again at the end to confirm what the first run
            left, and what is said of it if it was not.
        set_up: the variables that the setup of a test class or module has set.
    """

    def __init__(
        self,
        ledger: Ledger,
        survivors: Survivors,
        own_code: OwnCode,
        noted: Callable[[type], bool],
    ) -> None:
        self._noted = noted
        self._ledger = ledger
        self._survivors = survivors
        self._own_code = own_code
        # Before any test: what was registered until now holds nothing that a test leaves behind.
        self._exit_callbacks = exit_callbacks()
        self._runs: dict[str, int] = {}
        self.allowances: dict[str, int] = {}
        self.confirmed: dict[str, str] = {}
        self.set_up: set[str] = set()

    def note_runs(self, nodeid: str, runs: int) -> None:
        """Note how many runs that count a test or a fixture has had."""
        self._runs[nodeid] = max(runs, self._runs.get(nodeid, 0))

    def note_allowances(self, owner: Owner) -> None:
        """Note the allowances of a judged test: those that no leak needs are stale."""
        for allowance in owner.allowances:
            self.allowances.setdefault(str(allowance), 0)

    def judge(
        self,
        owners: Owners,
        grace: float,
        caller: FrameType | None,
        *,
        everything: bool,
        asserted: bool = False,
    ) -> Findings:
        """Judge what some owners left behind, with one walk of the heap; the ledger is closed.

        Args:
            owners: by number.
            grace: seconds to wait at the most for what is still there.
            caller: innermost frame of the test, where a test itself asks.
            everything: whether all that was born is judged, not only chosen classes.
            asserted: whether the test itself asks to be judged: it says that nothing stays.
        """
        judgement, _ = self.look(owners, grace, caller, everything=everything)
        return self.sorted(judgement, owners, asserted=asserted)

    def look(
        self,
        owners: Owners,
        grace: float,
        caller: FrameType | None,
        *,
        everything: bool,
        collected: bool = False,
    ) -> tuple[Judgement, int]:
        """What some owners left behind and what holds it, and how many objects were there.

        Args:
            owners: by number.
            grace: seconds to wait at the most for what is still there.
            caller: innermost frame of the test, where a test itself asks.
            everything: whether all that was born is judged, not only chosen classes.
            collected: whether everything was collected just now.
        """
        numbers = frozenset(owners)
        settling, alive = self._settled(numbers, grace, collected=collected)
        if not alive:
            return Judgement(Report(NAME, settling=settling)), 0
        makers = self._survivors.owners(numbers)
        births = {number: birth(owner.location, owner.nodeid) for number, owner in owners.items()}
        review = Review(self._ledger.imported)
        case = Case(
            name=NAME,
            survivors=lambda: self._survivors.borrowed(numbers),
            doom=DOOM,
            births={
                **{it: births[abs(number)] for it, number in makers.items()},
                **self._survivors.registrations(numbers),
            },
            ages=makers,
            noted=self._noted,
            asking=caller,
            exit_callbacks=self._exit_callbacks,
            owners_only=everything,
            settling=settling,
            review=review,
        )
        return review.judgement(judge(case)), alive

    def sorted(self, judgement: Judgement, owners: Owners, *, asserted: bool = False) -> Findings:
        """The leaks of a judgement with the tests that made them, and what is no leak apart.

        Args:
            judgement: of these owners.
            owners: by number.
            asserted: whether the test itself asks to be judged: it says that nothing stays.
        """
        sorter = Sorter(
            judgement,
            owners,
            self._own_code,
            runs=self._runs,
            confirmed=self.confirmed,
            set_up=self.set_up,
            asserted=asserted,
        )
        findings = sorter.findings()
        for allowance in sorter.allowed:
            self.allowances[allowance] = self.allowances.get(allowance, 0) + 1
        return findings

    def _settled(
        self, numbers: frozenset[int], grace: float, *, collected: bool
    ) -> tuple[Settling, int]:
        """Bring the heap to rest; gives what was done for it, and how many objects are there."""
        alive = 0

        def look() -> bool:
            nonlocal alive
            alive = self._survivors.count(numbers)
            return alive > 0

        settling = settle(look, grace, collecting=not collected)
        if settling.waited:
            look()  # there was one more collection
        return settling, alive


class Sorter:
    """Gives the leaks of a judgement to the tests that made their survivors.

    Args:
        judgement: of these tests and fixtures.
        owners: the tests and fixtures by number.
        own_code: of the project.
        runs: how many runs that count a test has had, where it was more than one.
        confirmed: by node id, what was to be run again only to confirm what the first run left,
            and what is said of it if it was not.
        set_up: the variables that the setup of a test class or module has set.
        asserted: whether the tests themselves ask to be judged.

    Attributes:
        allowed: the allowances that fitted a leak.
        unconfirmed: signatures of what no second run confirmed.
    """

    def __init__(
        self,
        judgement: Judgement,
        owners: Owners,
        own_code: OwnCode,
        *,
        runs: Mapping[str, int],
        confirmed: Mapping[str, str] = MappingProxyType({}),
        set_up: Container[str] = frozenset(),
        asserted: bool = False,
    ) -> None:
        self._judgement = judgement
        self._owners = owners
        self._own_code = own_code
        self._runs = runs
        self._confirmed = confirmed
        self._set_up = set_up
        self._asserted = asserted
        self._makers: dict[str, Counter[int]] = {}
        self._runs_seen: dict[str, Counter[str]] = {}
        self.allowed: list[str] = []
        self.unconfirmed: set[str] = set()

    def findings(self) -> Findings:
        """The leaks with their makers, and what is no leak among the known ones."""
        report = self._judgement.report
        accepted = {leak.signature for leak in report.known}
        leaks: list[Leak] = []
        known: list[Leak] = []
        for leak in (*report.leaks, *report.known):
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
            led_by={leak.signature: self._led_by(leak) for leak in leaks},
            seen={leak.signature: dict(self._runs_seen[leak.signature]) for leak in leaks},
            runs={nodeid: self._runs[nodeid] for nodeid in named if nodeid in self._runs},
            locations={owner.nodeid: owner.location for owner in owners},
            fixtures={o.nodeid: (o.fixture, o.test) for o in owners if o.fixture},
            unconfirmed=frozenset(self.unconfirmed),
        )

    def _made(self, signature: str) -> dict[str, int]:
        made: Counter[str] = Counter()
        for number, count in self._makers[signature].items():
            made[self._owners[number].nodeid] += count
        return dict(made)

    def _led_by(self, leak: Leak) -> dict[str, str]:
        """What leads the leak of those tests that left nothing of its lead type."""
        left: dict[str, Counter[str]] = {}
        for number in self._makers[leak.signature]:
            kinds = self._judgement.left[leak.signature][number]
            left.setdefault(self._owners[number].nodeid, Counter[str]()).update(kinds)
        leads = {nodeid: led_by(leak, kinds) for nodeid, kinds in left.items()}
        return {nodeid: name for nodeid, name in leads.items() if name != leak.type_name}

    def _sort(self, leak: Leak, leaks: list[Leak], known: list[Leak]) -> None:
        """Put a leak, or the parts of it, where they belong."""
        if kept_by_abc(leak.path):
            return
        if kept_by_pytest(leak.path, self._own_code):
            known.append(replace(leak, reasons=(*leak.reasons, KEPT)))
            return
        parts = [self._ruling(leak, made) for made in self._by_test(self._judgement.makers(leak))]
        refused: Counter[int] = Counter()
        warnings: dict[str, None] = {}
        for part in parts:
            warnings |= part.warnings
            if part.reason:
                if part.unconfirmed:
                    self.unconfirmed.add(leak.signature)
                told = self._part(leak, part.made)
                known.append(replace(told, reasons=(*leak.reasons, part.reason)))
            else:
                refused += self._refused(leak, part.made, warnings)
        if refused:
            whole = self._part(leak, refused)
            leaks.append(replace(whole, reasons=(*leak.reasons, *warnings)))
            self._makers[leak.signature] = refused

    def _ruling(self, leak: Leak, made: Counter[int]) -> "Ruling":
        """What is said of the part of a leak that one test or fixture has left."""
        # Without the runs that only warmed up.
        ran = ((n, c) for n, c in made.items() if (self._owners[n].run or 0) >= 0)
        counting = counter(ran) or made
        owner = self._owners[next(iter(counting))]
        warnings: dict[str, None] = {}
        excuse = self._excuse(leak, counting)
        allowed = excuse or self._allowed(self._part(leak, counting), owner, warnings)
        if allowed and not excuse:
            return Ruling(counting, allowed, warnings)
        unconfirmed = "" if excuse else self._unconfirmed(leak, owner)
        reason = excuse or unconfirmed
        return Ruling(counting, reason, warnings, unconfirmed=bool(unconfirmed))

    def _refused(self, leak: Leak, made: Counter[int], warnings: dict[str, None]) -> Counter[int]:
        """Note who has left these; gives them without what came of reruns that only confirm."""
        owners = {number: self._owners[number] for number in made}
        warnings |= {it.uncalled: None for it in owners.values() if it.uncalled}
        seen = self._runs_seen.setdefault(leak.signature, Counter())
        for owner in owners.values():
            seen[owner.nodeid] += 1
        confirm = {n for n, it in owners.items() if it.run and it.nodeid in self._confirmed}
        return counter((n, c) for n, c in made.items() if n not in confirm)

    def _part(self, leak: Leak, made: Counter[int]) -> Leak:
        """What some runs have left of a leak."""
        return replace(self._judgement.part(leak, made), growth=self._growth(made))

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
        registered = leak.signature in self._judgement.registered
        if variable(leak.path) in self._set_up:
            return KEPT_BY_CLASS
        if not registered and kept_once(leak):
            return KEPT_ONCE
        owners = [self._owners[number] for number in made]
        nodeid = owners[0].nodeid
        runs = 1 if owners[0].run is None else self._runs.get(nodeid, 1)
        if registered and nodeid in self._confirmed:
            return ""  # who registers an object says that it must go, each time
        if runs > 1:
            seen = [owner.run for owner in owners if owner.run is not None and owner.run >= 0]
            return "" if recurs(seen, runs) else once_only(seen, runs)
        if registered or self._asserted:
            return ""
        return ROOM_FOR_ONE if cannot_grow(leak, made.total()) else ""

    def _unconfirmed(self, leak: Leak, owner: Owner) -> str:
        """Why a leak that was to be confirmed was not, or nothing."""
        repeated = owner.run is not None and self._runs.get(owner.nodeid, 1) > 1
        if repeated or leak.signature in self._judgement.registered:
            return ""
        return self._confirmed.get(owner.nodeid, "")

    def _allowed(self, part: Leak, owner: Owner, warnings: dict[str, None]) -> str:
        """Why a test may leave a part of a leak behind, or nothing."""
        runs = 1 if owner.run is None else self._runs.get(owner.nodeid, 1)
        for allowance in owner.allowances:
            if not allowance.fits(part.type_name):
                continue
            self.allowed.append(str(allowance))
            if allowance.is_enough_for(part.count, runs):
                return f"allowed in {owner.nodeid}: {allowance.reason}"
            each = f" in {runs} runs" if runs > 1 else ""
            excess = f"{owner.nodeid}: {allowance.count} allowed, found {part.count:,}{each}"
            warnings[excess] = None
        return ""


@dataclass(frozen=True, slots=True)
class Ruling:
    """What is said of the part of a leak that one test or fixture has left.

    Attributes:
        made: the objects by owner.
        reason: why it fails nothing; empty where it does.
        warnings: what else is to be said of it.
        unconfirmed: whether the reason is that nothing confirmed it.
    """

    made: Counter[int]
    reason: str
    warnings: Mapping[str, None]
    unconfirmed: bool = False
