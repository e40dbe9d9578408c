"""arq: around each of the functions of a worker, for its hooks do not say which one has ended."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, Unpack

from arq.worker import Function, func

from leakwatch_tasks import count_task

if TYPE_CHECKING:
    from leakwatch.integration import MonitorOptions


def counted(*functions: Any, **options: "Unpack[MonitorOptions]") -> list[Function]:
    """The functions of a worker, each of which counts its jobs.

    Args:
        functions: coroutine functions, names of some, or what `arq.func` gives.
        options: of `leakwatch.monitor`.
    """
    return [counting(func(function), options) for function in functions]


def counting(function: Function, options: "MonitorOptions") -> Function:
    """One function under the same name."""
    run: Callable[..., Awaitable[Any]] = function.coroutine

    @wraps(run)
    async def run_and_count(*arguments: Any, **named: Any) -> Any:
        try:
            return await run(*arguments, **named)
        finally:
            count_task(function.name, **options)

    return replace(function, coroutine=run_and_count)
