"""A stretch of work with a name: what it made should be gone when it ends.

The usual exit of a scope costs microseconds: every handle is dead, so nothing is
collected, nothing walked and nobody waited for.
"""

from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from types import TracebackType
from typing import Any, TypeVar

from leakwatch.errors import ScopeError, quoted
from leakwatch.guest.collector import paused_collector
from leakwatch.guest.guarded import Guarded, entered
from leakwatch.guest.importing import held_signals
from leakwatch.heap.provenance import asking_frame
from leakwatch.interpreter import exit_callbacks, get_frame
from leakwatch.model import Leak, Settling
from leakwatch.report import Report
from leakwatch.tracking.beside import Key, claim, in_thread, release
from leakwatch.tracking.case import Case, Host, acquitted, concluded
from leakwatch.tracking.decorators import decorate
from leakwatch.tracking.discovery import Discovery
from leakwatch.tracking.handles import Registry, living, site_of, untracked
from leakwatch.tracking.on_leak import OnLeak, act, checked
from leakwatch.tracking.open_scopes import (
    OVERLAPPED,
    current_scope,
    loop_has_other_tasks,
    loop_is_running,
    others_open,
)
from leakwatch.tracking.settling import settle, settle_async
from leakwatch.tracking.type_filter import TypeFilter, as_given, type_filter, unmatched
from leakwatch.tracking.window import suspended

__all__ = ["Scope", "current_scope"]

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

NOTHING_DONE = Settling()


async def nothing() -> None:
    """What is awaited where nothing is left to do."""


class Scope(Registry, Guarded):
    """Watches what is registered in it, or with `discover` everything born in it.

    Use it as a context manager (`with` and `async with`) once, or as a decorator of
    functions, coroutine functions, generators and asynchronous generators, where each call
    gets a scope of its own.

    Attributes:
        name: as given.
        report: what was found; set when the scope has closed.
        stretch: the time from its beginning to its end, among that of others.
    """

    __slots__ = (
        "_beside",
        "_claim",
        "_cycles",
        "_discovers",
        "_discovery",
        "_exit_callbacks",
        "_figures",
        "_garbage",
        "_grace",
        "_host",
        "_not_judged",
        "_on_leak",
        "_types",
        "_wanted",
        "report",
    )

    def __init__(
        self,
        name: str,
        *,
        discover: bool,
        types: Iterable[type | str] | None,
        on_leak: OnLeak,
        grace: float,
        cycles: bool = False,
        host: Host,
    ) -> None:
        super().__init__(name)
        # None until the scope has closed; then, and no sooner, somebody has a use for it.
        self.report: Report = None  # type: ignore[assignment]
        self._types = None if types is None else as_given(types)
        self._wanted: TypeFilter | None = None if self._types is None else type_filter(self._types)
        self._on_leak = on_leak if on_leak is None else checked(on_leak)
        self._grace = grace
        self._cycles = cycles
        self._garbage: tuple[Leak, ...] = ()
        self._host = host
        self._discovers = discover or types is not None
        self._figures: dict[str, int] | None = None
        self._discovery: Discovery | None = None
        self._beside = False
        self._claim: frozenset[Key] = frozenset()
        self._not_judged: str | None = None

    def track(self, obj: T, reason: str = "") -> T:
        """Register an object that should be gone when this scope has ended.

        Args:
            obj: any object that can be referenced weakly; it is not kept alive.
            reason: why it should be gone; printed in the report.

        Returns:
            the object itself.

        Raises:
            NotTrackable: the object cannot be referenced weakly; the message says what to do.
            ScopeError: the scope is not open.
        """
        self.register(obj, reason, 2)
        return obj

    def register(self, obj: object, reason: str, depth: int) -> None:
        """Do what `track` does for a caller so many frames up."""
        if self._figures is None or self.report is not None:
            raise ScopeError(
                f"scope {quoted(self.name)} is not open: track inside its `with` block"
            )
        self._tracker.track(obj, site_of(get_frame(depth), reason))

    def begin(self) -> None:
        """Start watching, without making this the current scope."""
        if self._figures is not None:
            raise ScopeError(
                f"scope {quoted(self.name)} was used before: make a new one for each `with`"
            )
        if self._discovers:
            self._discovery = Discovery(self._wanted, self._types)
        self._exit_callbacks = exit_callbacks()
        self.stretch.begin()
        # Tasks that open no scope make objects as well, of all types.
        if self._discovers and self._wanted is None and loop_has_other_tasks():
            self.stretch.met_others = True
        # The figures of the process say nothing of one of many that are at work.
        self._figures = self._host.begin(self.name, alone=not self.stretch.met_others)
        if self._discovery is not None:
            self._discovery.open(beside=self.stretch.met_others)

    def finish(self, error: BaseException | None, returned: object = None) -> None:
        """Judge and act, from ordinary code."""
        settling, alive = NOTHING_DONE, self.close()
        self._beside |= alive and loop_has_other_tasks(ready=True)  # they would stand still
        if alive and self._beside:
            settling = settle(self._still_alive, self._grace, collecting=False)
            alive = self._still_alive() and not self._postponed(waiting_stops=loop_is_running())
        elif alive:
            with suspended():
                settling = settle(self._still_alive, self._grace)
                # Asked in here: a window that is open around hides the heap again below.
                alive = self._still_alive()
        self._tell(self._judged(settling, returned, alive=alive)(), error)

    def finish_async(
        self, error: BaseException | None, returned: object = None
    ) -> Coroutine[Any, Any, None]:
        """Judge and act, from a coroutine; other tasks run while it waits.

        What is open is closed at once, before the coroutine that is returned is awaited.
        """
        return self._finish_async(error, returned, alive=self.close())

    async def _finish_async(
        self, error: BaseException | None, returned: object, *, alive: bool
    ) -> None:
        settling = NOTHING_DONE
        self._beside |= alive and loop_has_other_tasks()
        if alive and self._beside:
            settling = await settle_async(self._still_alive, self._grace, collecting=False)
            alive = self._still_alive() and not self._postponed(waiting_stops=False)
        elif alive:
            with suspended():
                settling = await settle_async(self._still_alive, self._grace)
                alive = self._still_alive()
        judge = self._judged(settling, returned, alive=alive)
        self._tell(await in_thread(judge) if alive and self._beside else judge(), error)

    def close(self) -> bool:
        """Close what is open; whether something is there that is to be judged."""
        self._beside = others_open(self.stretch)
        if self._beside or self.stretch.met_others:
            if self._discovery is not None:
                self._discovery.close_beside_others(self._tracker)
        else:
            if self._cycles:
                with paused_collector():
                    self._garbage = self._cyclic_garbage()
            if self._discovery is not None:
                self._discovery.close()
        self.stretch.end()
        if self._discovery is not None:
            self._not_judged = self._discovery.not_judged
            if self._types and self._not_judged is None:
                self._not_judged = unmatched(self._types)
        return self._anything_noted()

    def _postponed(self, *, waiting_stops: bool) -> bool:
        """Whether what was registered here is left to a later judgement, in quiet.

        Args:
            waiting_stops: whether other work would stand still until there is an answer.
        """
        if not waiting_stops:
            born = self._discovery.alive() if self._discovery is not None else []
            self._claim = claim(self.name, self._tracker.alive(), born)
            born.clear()
        if self._claim:
            return False
        self._postpone()
        self._not_judged = OVERLAPPED
        return True

    def _postpone(self) -> None:
        with held_signals():
            from leakwatch.tracking.postponed import postpone_all, postpone_registered

        postpone_registered(self._tracker.alive(), self.name)
        if self._discovery is not None:
            postpone_all(self._discovery.alive())

    def _cyclic_garbage(self) -> tuple[Leak, ...]:
        """What nothing holds but a cycle: asked before the collector has run."""
        if self._discovery is not None:
            self._discovery.look(collected=False)
        case = self._case("freed by the cycle collector only")
        return self._host.garbage(case) if self._anything_noted() else ()

    def _anything_noted(self) -> bool:
        return self._tracker.any_alive() or (self._discovery is not None and self._discovery.found)

    def _still_alive(self) -> bool:
        return self._tracker.any_alive() or bool(self._discovery and self._discovery.any_alive())

    def _judged(self, settling: Settling, returned: object, *, alive: bool) -> Callable[[], Report]:
        """What gives the report; it is called at once, or on another thread."""
        alone = not (self._beside or self.stretch.met_others)
        memory = self._host.end(self._figures) if alone and self._figures else None
        if not (alive or self._garbage or self._not_judged):
            return partial(acquitted, self._host, self.name, settling, memory, self._notes())
        make = (
            partial(self._case, f"outlived scope {self.name!r}")
            if alive
            else partial(Case, self.name)
        )
        case = make(
            returned=returned,
            garbage=self._garbage,
            settling=settling,
            memory=memory,
            notes=self._notes(),
            not_judged=self._not_judged,
            collected=not self._beside,
            analyse="fork" if alive and self._beside else "here",
        )
        return partial(concluded, self._host, case)

    def _tell(self, report: Report, error: BaseException | None) -> None:
        self.report = report
        if self._claim and report.not_judged:  # no process, or no memory for one
            self._postpone()
        if self._claim and not report.leaks:
            release(self._claim)
        self._tracker.forget()
        if self._discovery is not None:
            self._discovery.forget()
        if self._on_leak is not None:  # else it is left to the plugins, which have the report
            act(report, self._on_leak, error)

    def _case(self, doom: str, **more: Any) -> Case:
        """The question for what is still there."""
        found = self._discovery
        return Case(
            name=self.name,
            survivors=self._survivors,
            doom=doom,
            births={id(handle()): handle.site.birth(self.name) for handle in self._tracker.alive()},
            asking=asking_frame(),
            noted=found.noted if found else None,
            imported=found.imported() if found else frozenset(),
            lasting=found.lasting if found else frozenset(),
            exit_callbacks=self._exit_callbacks,
            busy=found.busy() if found else frozenset(),
            owners_only=found is not None and found.everything,
            **more,
        )

    def _survivors(self) -> list[object]:
        tracked = living(self._tracker.alive())
        if self._discovery is not None:
            known = set(map(id, tracked))
            tracked += [found for found in self._discovery.alive() if id(found) not in known]
        return tracked

    def _notes(self) -> tuple[str, ...]:
        if not self._untrackable and self._discovery is None:
            return ()
        notes = [untracked(count, name) for name, count in sorted(self._untrackable.items())]
        return (*notes, *(self._discovery.notes() if self._discovery else ()))

    def _enter(self) -> None:
        self.begin()
        self.enter()

    def _exit(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.leave()
        if self.report is None:  # else it was closed before, by another thread perhaps
            self.finish(error)

    __aenter__ = entered

    def _aexit(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Coroutine[Any, Any, None]:
        self.leave()
        if self.report is None:
            return self.finish_async(error)
        return nothing()

    def _end(self) -> None:
        self.leave()
        self.abandon()

    def abandon(self) -> None:
        """Leave nothing open, and judge nothing."""
        self.stretch.end()
        if self._discovery is not None:
            self._discovery.abandon()

    def __call__(self, function: F) -> F:
        """Decorate a function: each call runs in a new scope of this name."""
        return decorate(function, self.again)

    def again(self) -> "Scope":
        """A new scope with the same options."""
        return Scope(
            self.name,
            discover=self._discovers,
            types=self._types,
            on_leak=self._on_leak,
            grace=self._grace,
            cycles=self._cycles,
            host=self._host,
        )
