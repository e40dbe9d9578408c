"""A stretch of work with a name: what it made should be gone when it ends.

The usual exit of a scope costs microseconds: every handle is dead, so nothing is
collected, nothing walked and nobody waited for.
"""

from collections.abc import Callable, Iterable
from contextvars import ContextVar, Token
from dataclasses import replace
from types import TracebackType
from typing import Any, Self, TypeVar

from leakwatch.case import Case, Host, acquitted, concluded
from leakwatch.decorating import decorate
from leakwatch.discovery import Discovery
from leakwatch.errors import ScopeError
from leakwatch.heap.asking import asking_frame
from leakwatch.heap.objects import full_type_name
from leakwatch.interpreter import exit_callbacks, get_frame, paused_collector
from leakwatch.model import Leak, Settling
from leakwatch.policy import OnLeak, act, checked
from leakwatch.report import Report
from leakwatch.selection import TypeFilter, type_filter
from leakwatch.settling import settle, settle_async
from leakwatch.tracking import Handle, Tracker, living, site_of, untracked
from leakwatch.window import suspended

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

NOTHING_DONE = Settling()
_current: "ContextVar[Scope | None]" = ContextVar("leakwatch.scope", default=None)


def current_scope() -> "Scope | None":
    """The innermost open scope of this context (thread or task)."""
    found = _current.get()
    while found is not None and not found.is_current:
        found = found._around
    return found


class Scope:
    """Watches what is registered in it, or with `discover` everything born in it.

    Use it as a context manager (`with` and `async with`) once, or as a decorator of
    functions, coroutine functions, generators and asynchronous generators, where each call
    gets a scope of its own.

    Attributes:
        name: as given.
        report: what was found; set when the scope has closed.
    """

    __slots__ = (
        "__weakref__",
        "_around",
        "_cycles",
        "_discovers",
        "_discovery",
        "_exit_callbacks",
        "_figures",
        "_garbage",
        "_grace",
        "_host",
        "_on_leak",
        "_token",
        "_tracker",
        "_types",
        "_untrackable",
        "_wanted",
        "name",
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
        self.name = name
        self.report: Report | None = None
        self._types = types
        self._wanted: TypeFilter | None = None if types is None else type_filter(types)
        self._on_leak = checked(on_leak)
        self._grace = grace
        self._cycles = cycles
        self._garbage: tuple[Leak, ...] = ()
        self._host = host
        self._discovers = discover or types is not None
        self._tracker = Tracker()
        self._token: Token[Scope | None] | None = None
        self._around: Scope | None = None
        self._figures: dict[str, int] | None = None
        self._discovery: Discovery | None = None
        self._untrackable: dict[str, int] = {}

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
            raise ScopeError(f"scope {self.name!r} is not open: track inside its `with` block")
        self._tracker.track(obj, site_of(get_frame(depth), reason))

    def track_silently(self, obj: object, depth: int) -> None:
        """Register an object if that is possible; count its type if it is not."""
        try:
            if not self._tracker.knows(obj):
                self.register(obj, "", depth + 1)
        except (TypeError, ScopeError):
            name = full_type_name(type(obj))
            self._untrackable[name] = self._untrackable.get(name, 0) + 1

    def registered_alive(self) -> list[Handle]:
        """Handles of the registered objects that are still there, in order of registration."""
        return self._tracker.alive()

    def begin(self) -> None:
        """Start watching, without making this the current scope."""
        if self._figures is not None:
            raise ScopeError(f"scope {self.name!r} was used before: make a new one for each `with`")
        if self._discovers:
            self._discovery = Discovery(self._wanted)
        self._figures = self._host.open(self.name)
        self._exit_callbacks = exit_callbacks()
        if self._discovery is not None:
            self._discovery.open()

    def enter(self) -> None:
        """Make this the current scope of the running context."""
        self._around = current_scope()
        self._token = _current.set(self)

    @property
    def is_current(self) -> bool:
        """Whether it was made current and not left; what a context has set may be stale."""
        return self._token is not None

    def leave(self) -> None:
        """Make the scope around this one current again.

        One left out of order, or in another context, is only marked: `current_scope` skips it.
        """
        token, self._token = self._token, None
        if token is not None and _current.get() is self:
            try:  # noqa: SIM105 - `suppress` takes a microsecond, a tenth of a whole scope
                _current.reset(token)
            except ValueError:
                pass

    def finish(self, error: BaseException | None, returned: object = None) -> None:
        """Judge and act, from ordinary code."""
        settling, alive = NOTHING_DONE, self._anything_alive()
        if alive:
            with suspended():
                settling = settle(self._still_alive, self._grace)
                # Asked in here: a window that is open around hides the heap again below.
                alive = self._still_alive()
        self._conclude(settling, error, returned, alive=alive)

    async def finish_async(self, error: BaseException | None, returned: object = None) -> None:
        """Judge and act, from a coroutine; other tasks run while it waits."""
        settling, alive = NOTHING_DONE, self._anything_alive()
        if alive:
            with suspended():
                settling = await settle_async(self._still_alive, self._grace)
                alive = self._still_alive()
        self._conclude(settling, error, returned, alive=alive)

    def _anything_alive(self) -> bool:
        if self._cycles:
            with paused_collector():
                self._garbage = self._cyclic_garbage()
        if self._discovery is not None:
            self._discovery.close()
        return self._anything_noted()

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

    def _conclude(
        self, settling: Settling, error: BaseException | None, returned: object, *, alive: bool
    ) -> None:
        memory = self._host.figures(self._figures or {})
        if alive or self._garbage:
            case = replace(
                self._case(f"outlived scope {self.name!r}") if alive else Case(self.name),
                returned=returned,
                garbage=self._garbage,
                settling=settling,
                memory=memory,
                notes=self._notes(),
            )
            self.report = concluded(self._host, case)
        else:
            self.report = acquitted(self._host, self.name, settling, memory, self._notes())
        self._tracker.forget()
        if self._discovery is not None:
            self._discovery.forget()
        act(self.report, self._on_leak, error)

    def _case(self, doom: str) -> Case:
        """The question for what is still there."""
        found = self._discovery
        return Case(
            name=self.name,
            survivors=self._survivors,
            doom=doom,
            births={id(handle()): handle.site.birth(self.name) for handle in self._tracker.alive()},
            asking=asking_frame(),
            imported=found.imported() if found else frozenset(),
            lasting=found.lasting if found else frozenset(),
            exit_callbacks=self._exit_callbacks,
            owners_only=found is not None and found.everything,
        )

    def _survivors(self) -> list[object]:
        tracked = living(self._tracker.alive())
        if self._discovery is not None:
            known = set(map(id, tracked))
            tracked += [found for found in self._discovery.alive() if id(found) not in known]
        return tracked

    def _notes(self) -> tuple[str, ...]:
        notes = [untracked(count, name) for name, count in sorted(self._untrackable.items())]
        return (*notes, *(self._discovery.notes() if self._discovery else ()))

    def __enter__(self) -> Self:
        self.begin()
        self.enter()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.leave()
        self.finish(error)

    async def __aenter__(self) -> Self:
        return self.__enter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.leave()
        await self.finish_async(error)

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
