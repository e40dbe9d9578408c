"""A scope around each call of a function, keeping the function what it is.

A generator runs in its caller's context, so a scope that stayed current between two steps
would catch what the caller tracks meanwhile. The steps are driven one by one instead.
"""

import inspect
from collections.abc import AsyncGenerator, Callable, Generator
from functools import wraps
from typing import Any, Protocol, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])


class DrivenScope(Protocol):
    """What a decorated call needs of its scope."""

    def begin(self) -> None: ...
    def enter(self) -> None: ...
    def leave(self) -> None: ...
    def finish(self, error: BaseException | None, returned: object = None) -> None: ...
    async def finish_async(
        self, error: BaseException | None, returned: object = None
    ) -> None: ...


MakeScope = Callable[[], DrivenScope]


def decorate(function: F, make: MakeScope) -> F:
    """Wrap a plain, coroutine, generator or asynchronous generator function.

    Args:
        function: the function.
        make: gives a new scope for each call.
    """
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
        scope = make()
        scope.begin()
        scope.enter()
        try:
            result = function(*args, **kwargs)
        except BaseException as error:
            scope.leave()
            scope.finish(error)
            raise
        scope.leave()
        scope.finish(None, result)
        return result

    return wrapper


def around_coroutine(function: Callable[..., Any], make: MakeScope) -> Callable[..., Any]:
    """A scope around each run of a coroutine function."""

    @wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        scope = make()
        scope.begin()
        scope.enter()
        try:
            result = await function(*args, **kwargs)
        except BaseException as error:
            scope.leave()
            await scope.finish_async(error)
            raise
        scope.leave()
        await scope.finish_async(None, result)
        return result

    return wrapper


def around_generator(function: Callable[..., Any], make: MakeScope) -> Callable[..., Any]:
    """A scope from the first step of a generator to its end."""

    @wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        scope = make()
        scope.begin()
        try:
            result = yield from stepwise(function(*args, **kwargs), scope)
        except BaseException as error:
            scope.finish(error)
            raise
        scope.finish(None, result)
        return result

    return wrapper


def stepwise(
    generator: Generator[Any, Any, Any], scope: DrivenScope
) -> Generator[Any, Any, Any]:
    """Run a generator with the scope current only while the generator itself runs."""
    step: Callable[[Any], Any] = generator.send
    value: Any = None
    while True:
        scope.enter()
        try:
            produced = step(value)
        except StopIteration as stop:
            return stop.value
        finally:
            scope.leave()
        try:
            value = yield produced
            step = generator.send
        except GeneratorExit:
            generator.close()
            raise
        except BaseException as error:
            step, value = generator.throw, error


def around_async_generator(function: Callable[..., Any], make: MakeScope) -> Callable[..., Any]:
    """A scope from the first step of an asynchronous generator to its end."""

    @wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> AsyncGenerator[Any, Any]:
        scope = make()
        scope.begin()
        generator = function(*args, **kwargs)
        step: Callable[[Any], Any] = generator.asend
        value: Any = None
        try:
            while True:
                scope.enter()
                try:
                    produced = await step(value)
                except StopAsyncIteration:
                    break
                finally:
                    scope.leave()
                try:
                    value = yield produced
                    step = generator.asend
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as error:
                    step, value = generator.athrow, error
        except BaseException as error:
            await scope.finish_async(error)
            raise
        await scope.finish_async(None)

    return wrapper
