"""A scope around each call of a function, keeping the function what it is.

A generator runs in its caller's context, so a scope that stayed current between two steps
would catch what the caller tracks meanwhile. Its steps are driven one by one instead.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from functools import wraps
from types import TracebackType
from typing import Any, Protocol, TypeVar, cast

from leakwatch.guest.guarded import Guarded, entered

F = TypeVar("F", bound=Callable[..., Any])


class DrivenScope(Protocol):
    """What a decorated call needs of its scope."""

    def begin(self) -> None:
        """Start watching."""

    def enter(self) -> None:
        """Make it the current scope."""

    def leave(self) -> None:
        """Make the scope around it current again."""

    def finish(self, error: BaseException | None, returned: object = None) -> None:
        """Judge."""

    def finish_async(
        self, error: BaseException | None, returned: object = None
    ) -> Coroutine[Any, Any, None]:
        """Close what is open; the coroutine judges."""

    def abandon(self) -> None:
        """Leave nothing open, and judge nothing."""


MakeScope = Callable[[], DrivenScope]


class Call(Guarded):
    """One call of a decorated function: its scope, and the value on its way to the caller."""

    __slots__ = ("returned", "scope")

    def __init__(self, make: MakeScope) -> None:
        self.scope = make()
        self.returned: Any = None

    def _enter(self) -> None:
        self.scope.begin()

    def _exit(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.scope.finish(error, self.returned)

    __aenter__ = entered

    def _aexit(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> Coroutine[Any, Any, None]:
        return self.scope.finish_async(error, self.returned)

    def _end(self) -> None:
        self.scope.abandon()


class current(Guarded):  # noqa: N801 - used as `with current(scope):`
    """The scope is the current one while the block runs."""

    __slots__ = ("_scope",)

    def __init__(self, scope: DrivenScope) -> None:
        self._scope = scope

    def _enter(self) -> None:
        self._scope.enter()

    def _exit(self, *failure: object) -> None:
        self._scope.leave()

    def _end(self) -> None:
        self._scope.leave()


def decorate(function: F, make: MakeScope) -> F:
    """Wrap a plain, coroutine, generator or asynchronous generator function.

    Args:
        function: the function.
        make: gives a new scope for each call.
    """
    import inspect

    if inspect.isasyncgenfunction(function):
        wrapper = around_async_generator(function, make)
    elif inspect.iscoroutinefunction(function):
        wrapper = around_coroutine(function, make)
    elif inspect.isgeneratorfunction(function):
        wrapper = around_generator(function, make)
    else:
        wrapper = around_function(function, make)
    return cast(F, wrapper)


def around_function(function: Callable[..., Any], make: MakeScope) -> Callable[..., Any]:
    """A scope around each call of a plain function."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with Call(make) as call, current(call.scope):
            call.returned = function(*args, **kwargs)
        return call.returned

    return wrapper


def around_coroutine(function: Callable[..., Any], make: MakeScope) -> Callable[..., Any]:
    """A scope around each run of a coroutine function."""

    @wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        async with Call(make) as call:
            with current(call.scope):
                call.returned = await function(*args, **kwargs)
        return call.returned

    return wrapper


def around_generator(function: Callable[..., Any], make: MakeScope) -> Callable[..., Any]:
    """A scope from the first step of a generator to its end."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        with Call(make) as call:
            call.returned = yield from stepwise(function(*args, **kwargs), call.scope)
        return call.returned

    return wrapper


def stepwise(generator: Generator[Any, Any, Any], scope: DrivenScope) -> Generator[Any, Any, Any]:
    """Run a generator with the scope current only while the generator itself runs."""
    step: Callable[[Any], Any] = generator.send
    value: Any = None
    while True:
        try:
            with current(scope):
                produced = step(value)
        except StopIteration as stop:
            return stop.value
        try:
            value = yield produced
            step = generator.send
        except GeneratorExit:
            generator.close()
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the caller throws is passed on
            step, value = generator.throw, error


def around_async_generator(function: Callable[..., Any], make: MakeScope) -> Callable[..., Any]:
    """A scope from the first step of an asynchronous generator to its end."""

    @wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        async with Call(make) as call:
            generator = function(*args, **kwargs)
            step, value = generator.asend, None
            while True:
                try:
                    with current(call.scope):
                        produced = await step(value)
                except StopAsyncIteration:
                    return
                try:
                    value = yield produced
                    step = generator.asend
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as error:  # noqa: BLE001 - passed on, as above
                    step, value = generator.athrow, error

    return wrapper
