"""All tests of this process: what each left behind, and the one judgement at the end."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count

import pytest

from leakwatch.integration import OwnCode, Registry, asking_frame, text
from pytest_leakwatch.attribution.beside import Threads
from pytest_leakwatch.attribution.fixtures import FixturePages
from pytest_leakwatch.attribution.ledger import NOBODY, Ledger, Pages
from pytest_leakwatch.attribution.owners import Owner, owner_of
from pytest_leakwatch.attribution.survivors import Survivors, opened
from pytest_leakwatch.attribution.windows import Windows
from pytest_leakwatch.ending import FAULT, Blame, Ending, Tally
from pytest_leakwatch.output.text import with_recurrence
from pytest_leakwatch.session import SuiteSession
from pytest_leakwatch.settings import Settings
from pytest_leakwatch.verdict.confirm import (
    LEAST,
    NO_LIMIT,
    SEEN_LATER,
    SHARE,
    STOPPED,
    Clocks,
    Rerun,
    Reruns,
    suspects,
)
from pytest_leakwatch.verdict.findings import Findings, merged, without_leaks
from pytest_leakwatch.verdict.judge import Judge
from pytest_leakwatch.verdict.markers import Request, asked_of, marks_of
from pytest_leakwatch.verdict.selection import Choice

THAWED = "called gc.unfreeze or left the heap frozen"
INTERRUPTED = "interrupted"
NOTHING_FOUND = Findings()
SHOWN = pytest.StashKey[list[None]]()


@dataclass(slots=True, eq=False, repr=False)
class Running:
    """The test that runs now; a rerun of the same test is another one.

    Attributes:
        owner: the test, or the run of it that is at work.
        registry: takes what the test registers.
        made: every run so far with its registry; the last one is at work.
        choice: what else of the newborn is judged.
        request: what the test itself asks for; None if nothing.
        grace: seconds to wait at the most.
        broken: pages that were broken before it began.
        began: when it began.
        outcome: why it is not judged, or empty.
        unfrozen: whether it ran without a window, at its end at least.
        repeated: runs that count, where its function is called again in place.
    """

    owner: Owner
    registry: Registry
    choice: Choice
    request: Request | None
    grace: float
    broken: int
    began: Clocks
    outcome: str = ""
    unfrozen: bool = False
    repeated: int = 0
    made: list[tuple[Owner, Registry]] = field(default_factory=list)

    @property
    def at_once(self) -> bool:
        """Whether it is judged as soon as it ends."""
        return self.request is not None


class Suite:
    """The survivors of all tests of this process.

    Args:
        root: the root directory of the project.
        settings: of this run.
        everything: whether every test is watched, and the fixtures of wider scope too.

    Attributes:
        patterns: of types, by which tests were judged: those of the run, and of their markers.
        concluded: whether the end of the run was judged.
    """

    def __init__(
        self, root: os.PathLike[str], settings: Settings, *, everything: bool = True
    ) -> None:
        self._settings = settings
        self._session = SuiteSession(settings)
        self._own_code = OwnCode(root)
        self._choice = Choice(settings.track, settings.ignore, self._own_code)
        self._ledger = Ledger()
        self._survivors = Survivors(self._ledger)
        self._pages = Pages(self._ledger, self._choice)
        self._judge = Judge(self._ledger, self._survivors, self._own_code, self._choice.notes)
        self._next_number = count(NOBODY + 1).__next__
        self.fixtures = FixturePages(
            self._next_number, self._pages, self._choice, self._survivors, self._judge.set_up
        )
        self.windows = Windows(self._pages)
        self._everything = everything
        self._owners: dict[int, Owner] = {}
        self._running: Running | None = None
        self._judged: list[Findings] = []
        self._late = Findings()
        self._tally = Tally()
        self._threads = Threads()
        self._notes: dict[str, None] = {}
        self._attempt: int | None = None
        self._began = Clocks.now()
        self._took: dict[str, Clocks] = {}
        self.patterns = set(settings.track if everything else ())
        self.concluded = False

    @property
    def running(self) -> bool:
        """Whether a test is being watched."""
        return self._running is not None

    @property
    def is_open(self) -> bool:
        """Whether a page is open."""
        return self._ledger.is_open

    @property
    def owns_fixtures(self) -> bool:
        """Whether what fixtures of wider scope leave behind is judged."""
        return self._everything and not self.concluded

    # -- one test -----------------------------------------------------------------------

    def begin(self, item: pytest.Item) -> None:
        """Start the page of a test; what was born since the last one is nobody's."""
        marks = marks_of(item)
        request = asked_of(item, marks)
        choice, grace = self._choice, self._settings.grace
        if request is not None:
            grace = grace if request.grace is None else request.grace
            if request.track is not None:
                choice = Choice(request.track, self._settings.ignore, self._own_code)
        owner = owner_of(self._next_number(), item, self._attempt, marks)
        unfrozen = self.windows.are_closed_for(item, marks)
        self._pages.open(unfrozen=unfrozen)
        show_stash(item)
        self._pages.enter(owner.number, choice, unfrozen=unfrozen)
        self._threads.begin()
        self.fixtures.attempt = self._attempt
        broken = self._ledger.broken_pages
        running = Running(owner, opened(item.nodeid), choice, request, grace, broken, Clocks.now())
        running.made.append((owner, running.registry))
        self._running = running

    def begin_run(self, run: int, item: pytest.Item) -> None:
        """Start the page of a run of the test's function; below 0 it is a warm-up."""
        running = self._running
        assert running is not None
        running.registry.leave()
        owner = owner_of(self._next_number(), item, run, marks_of(item))
        self._pages.hand_over(owner.number)
        running.registry = opened(item.nodeid)
        running.made.append((owner, running.registry))

    def end_runs(self, done: int, excuse: str, item: pytest.Item) -> None:
        """Give the pages to the test as a whole again.

        Args:
            done: how many runs counted.
            excuse: why there were no more, or empty.
            item: the test.
        """
        running = self._running
        assert running is not None
        running.repeated = done
        if excuse:
            self._notes[f"{item.nodeid} was not repeated: {excuse}"] = None
            running.made = [
                (replace(owner, run=None), registry) for owner, registry in running.made
            ]
        if len(running.made) > 1:
            running.registry.leave()
            self._pages.hand_over(running.owner.number)

    def repeats(self, item: pytest.Item) -> tuple[int, int]:
        """Runs to warm up and runs to count of the test that runs now; (0, 0) for once."""
        if self._running is None or self._attempt is not None:
            return 0, 0
        request = self._running.request
        wanted = None if request is None else request.repeat
        return wanted or self._settings.repeat

    def note_outcome(self, outcome: str) -> None:
        """Remember the first reason not to judge the running test."""
        if self._running is not None:
            self._running.outcome = self._running.outcome or outcome

    def register(self, obj: object, reason: str, depth: int) -> None:
        """Register an object with the running test, unless it was given up for a fault.

        Raises:
            NotTrackable: the object cannot be referenced weakly.
        """
        if self._running is not None:
            self._running.registry.register(obj, reason, depth + 1)

    def end(self) -> Findings:
        """Close the page of the running test and, if it asks for it, judge it at once."""
        running = self._running
        assert running is not None
        findings = self._end(running)
        self._running = None
        if self._attempt is None:
            self._took[running.owner.nodeid] = Clocks.now().since(running.began)
        if self._attempt is None and not running.outcome:
            self._tally.count(running.owner.nodeid, unfrozen=running.unfrozen)
        return findings

    def _end(self, running: Running) -> Findings:
        running.registry.leave()
        self._threads.end(running.owner.nodeid)
        running.unfrozen = self._pages.unfrozen
        left = self._pages.leave(tidy=True)
        running.outcome = running.outcome or THAWED * (self._ledger.broken_pages > running.broken)
        if running.outcome:
            self._leave_out(running)
            return NOTHING_FOUND
        if running.request is not None and running.request.track is not None:
            self.patterns.update(filter(None, map(text, running.request.track)))
        self._note(running)
        for owner, registry in running.made:
            left = self._survivors.note_registered(owner.number, registry) or left
        if not left:
            return NOTHING_FOUND
        self._owners.update((owner.number, owner) for owner, _ in running.made)
        # Runs that only confirm, and their test failed already.
        at_once = running.at_once and self._attempt is None
        return self._judge_at_once(running) if at_once else NOTHING_FOUND

    def abandon(self, reason: str = FAULT) -> None:
        """Give up the running test, not what earlier ones have left, and close the window."""
        running, self._running = self._running, None
        try:
            self._pages.abandon()
        finally:
            self.fixtures.abandon()
            if running is not None:
                running.registry.leave()
                running.outcome = reason
                self._leave_out(running)

    def leave_out(self, nodeid: str, reason: str) -> None:
        """Count a test as not judged, for a reason."""
        if self._attempt is None:
            self._tally.leave_out([nodeid], reason)

    def _note(self, running: Running) -> None:
        """Note what a judgement must know of a test even if it left nothing."""
        self._judge.note_allowances(running.owner)
        if running.repeated:
            self._judge.note_runs(running.owner.nodeid, running.repeated)
        elif self._attempt is not None:
            self._judge.note_runs(running.owner.nodeid, self._attempt + 1)

    def _leave_out(self, running: Running) -> None:
        for owner, _ in running.made:
            self._forget(owner.number)
        self.leave_out(running.owner.nodeid, running.outcome)

    def _forget(self, number: int) -> None:
        self._survivors.forget(number)
        self._owners.pop(number, None)

    # -- judging ------------------------------------------------------------------------

    def judge_now(self) -> Findings:
        """Judge the running test while it runs; its own variables are in use."""
        running = self._running
        if running is None:
            return Findings()
        self._pages.turn(tidy=True)
        for owner, registry in running.made:
            self._survivors.note_registered(owner.number, registry)
        return self._session.accepted(self._judged_alone(running, asking=True))

    def _judge_at_once(self, running: Running) -> Findings:
        findings = self._judged_alone(running, asking=False)
        for owner, _ in running.made:
            self._forget(owner.number)
        accepted = with_recurrence(self._session.accepted(findings))
        fails = accepted.report.leaks and self._settings.mode != "report"
        failed = frozenset({running.owner.nodeid} if fails else ())
        # What is kept is what was found: how much of it is accepted depends on the whole run.
        self._judged.append(replace(findings, failed=failed))
        return accepted

    def _judged_alone(self, running: Running, *, asking: bool) -> Findings:
        owners = {owner.number: owner for owner, _ in running.made}
        frame = asking_frame() if asking else None
        everything = running.choice.everything
        self._ledger.close()
        try:
            return self._judge.judge(
                owners, running.grace, frame, everything=everything, asserted=True
            )
        finally:
            self._pages.open()

    # -- the whole run --------------------------------------------------------------------

    def conclude(
        self,
        let_go: Callable[[], None],
        blame: Blame,
        rerun: Rerun | None = None,
        *,
        stopped: bool = False,
    ) -> None:
        """Judge everything that is still there, in one walk.

        Args:
            let_go: drops the instances of test classes.
            blame: takes those that could not be judged.
            rerun: runs a test again; None where suspects are not confirmed.
            stopped: whether the run was stopped, so that nothing is run again.
        """
        took = Clocks.now().since(self._began)
        if self._running is not None:
            self.abandon(INTERRUPTED)
        ending = Ending(
            pages=self._pages,
            survivors=self._survivors,
            judge=self._judge,
            fixtures=self.fixtures,
            owners=self._owners,
            tally=self._tally,
        )
        ending.close_last_page()
        if stopped and rerun is not None:
            ending.leave_unconfirmed(STOPPED)
        self._late = ending.judge(
            self._settings.grace, let_go, blame, everything=self._choice.everything
        )
        if rerun is not None and not stopped:
            self._late = self._confirmed(ending, rerun, took)
        self.concluded = True

    def _confirmed(self, ending: Ending, rerun: Rerun, took: Clocks) -> Findings:
        """What is left to say once the suspects were run again.

        Args:
            ending: has judged.
            rerun: runs a test again.
            took: what the suite took until it was judged.
        """
        late, unlimited = self._late, self._settings.write_baseline
        nodeids = suspects(self._owners, self._session.accepted(late))
        if not nodeids:
            return late
        self._late = without_leaks(late, STOPPED)  # should somebody interrupt the reruns
        # A baseline that is written is to have all that recurs.
        half = took.times(SHARE).at_least(LEAST)
        reruns = Reruns(rerun, NO_LIMIT if unlimited else half, self._took)
        ending.confirm(nodeids, reruns, self._begin_attempt)
        ending.leave_unconfirmed(SEEN_LATER)
        return replace(ending.judge_again(), reruns=reruns.number)

    def _begin_attempt(self, attempt: int | None) -> None:
        self._attempt = attempt

    def findings(self) -> Findings:
        """What was found so far; the whole once it was concluded."""
        whole = merged([*self._judged, self._late])
        notes = (*self._notes, *(self._threads.notes() if whole.report.leaks else ()))
        report = replace(whole.report, notes=(*whole.report.notes, *notes))
        allowances = self._judge.allowances
        return self._tally.added_to(replace(whole, report=report, allowances=allowances))

    def close(self) -> None:
        """Let the collector see the whole heap again."""
        self._ledger.close()


def show_stash(item: pytest.Item) -> None:
    """Put the dict behind an item's stash on the collector's list before the test's page opens.

    Until CPython 3.13 a dict is on that list from the first entry on that the collector may have to
    follow, so it looks as if it were born then: in every test, when pytest notes its log records.
    """
    item.stash[SHOWN] = []
    del item.stash[SHOWN]
