"""`weak_lru_cache`: an LRU cache whose entries go when an argument dies."""

from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from functools import update_wrapper
from itertools import count
from threading import RLock
from types import MethodType
from typing import Any, Generic, NamedTuple, ParamSpec, TypeVar, overload

from weakrefs._primitives import ref
from weakrefs.references import MISSING
from weakrefs.weakrefable import is_weakrefable

__all__ = ["weak_lru_cache"]

P = ParamSpec("P")
R = TypeVar("R")

# Between positional and keyword arguments in a key, as no argument can be this object.
_KEYWORDS = object()


class CacheInfo(NamedTuple):
    """What a cache has done: the fields of `functools.lru_cache`."""

    hits: int
    misses: int
    maxsize: int | None
    currsize: int


class _ArgumentRef(ref[Any]):
    """A reference to an argument that knows the number of its entry."""

    __slots__ = ("number",)
    number: int


class WeakCache(Generic[P, R]):
    """The callable that `weak_lru_cache` returns."""

    def __init__(self, func: Callable[P, R], maxsize: int | None, typed: bool) -> None:
        update_wrapper(self, func)
        self._func = func
        self._maxsize = maxsize
        self._typed = typed
        self._numbers = count()
        self._forget = _forgetter(self)
        # An OrderedDict links its keys beside its dict, so without a global lock two threads that
        # change it at once crash (CPython 3.13t). Callbacks never wait here, see `_forget_dead`.
        self._changing = RLock()
        self._dead: deque[int] = deque()
        self.cache_clear()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        key = self._key(ref, args, kwargs)
        result = self._results.get(key, MISSING)
        if result is MISSING:
            self._misses += 1
            return self._remember(self._func(*args, **kwargs), args, kwargs)
        self._hits += 1
        self._note_use(key)
        return result  # type: ignore[no-any-return]

    def _note_use(self, key: tuple[Any, ...]) -> None:
        # As `_change` does, without its calls: this is on the way of every hit.
        try:
            with self._changing:
                self._results.move_to_end(key)
        except KeyError:  # dropped by another thread after the look
            pass
        finally:
            if self._dead:
                self._forget_dead()

    def __get__(self, instance: object, owner: Any = None) -> Any:
        """Bind like a function, so that it can be used on methods."""
        return self if instance is None else MethodType(self, instance)

    def cache_info(self) -> CacheInfo:
        """Return hits, misses, maximal and current size. Threads may make the counts inexact."""
        return CacheInfo(self._hits, self._misses, self._maxsize, len(self._results))

    def cache_clear(self) -> None:
        """Forget all results and counts."""
        self._change(self._begin)

    def _begin(self) -> None:
        self._hits = self._misses = 0
        self._results: OrderedDict[tuple[Any, ...], R] = OrderedDict()
        self._keys: dict[int, tuple[Any, ...]] = {}

    def _key(
        self, weak: Callable[[Any], Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> tuple[Any, ...]:
        """Return what an entry is found by: the arguments, those that can be by reference."""
        values = [*args, _KEYWORDS, *kwargs.values()] if kwargs else args
        key = tuple([weak(value) if is_weakrefable(value) else value for value in values])
        if kwargs:
            key += (_KEYWORDS, *kwargs)
        return (*key, *map(type, values)) if self._typed else key

    def _remember(self, result: R, args: tuple[Any, ...], kwargs: dict[str, Any]) -> R:
        if self._maxsize == 0:
            return result
        number, forget = next(self._numbers), self._forget

        def weak(argument: Any) -> _ArgumentRef:
            reference = _ArgumentRef(argument, forget)
            reference.number = number
            return reference

        self._change(self._enter, number, self._key(weak, args, kwargs), result)
        while self._maxsize is not None and len(self._results) > self._maxsize:
            self._drop_oldest()
        return result

    def _enter(self, number: int, key: tuple[Any, ...], result: R) -> None:
        # Where another thread was first, its key stays, and with it the references in that.
        if key not in self._results and any(type(part) is _ArgumentRef for part in key):
            self._keys[number] = key
        self._results[key] = result

    def _drop_oldest(self) -> None:
        try:
            key, _ = self._change(self._results.popitem, False)
        except KeyError:  # all of them died after the look
            return
        for part in key:
            if type(part) is _ArgumentRef:
                self._keys.pop(part.number, None)

    def _change(self, change: Callable[..., Any], *args: Any) -> Any:
        """Return ``change(*args)``, called while no other thread changes the results."""
        try:
            with self._changing:
                return change(*args)
        finally:
            if self._dead:
                self._forget_dead()

    def _forget_dead(self) -> None:
        """Take out the entries of dead arguments, unless another thread is at a change.

        That one looks here again when it has let go, so nothing is left, and nobody waits: who
        calls may be a callback in the midst of anything.
        """
        while self._dead and self._changing.acquire(blocking=False):
            try:
                with suppress(IndexError):  # a callback on this thread came first
                    key = self._keys.pop(self._dead.popleft(), None)
                    if key is not None:
                        self._results.pop(key, None)
            finally:
                self._changing.release()


def _forgetter(cache: WeakCache[..., Any]) -> Callable[[_ArgumentRef], None]:
    def forget(argument: _ArgumentRef, cache_ref: ref[Any] = ref(cache)) -> None:
        cache = cache_ref()
        if cache is not None:
            cache._dead.append(argument.number)
            cache._forget_dead()

    return forget


@overload
def weak_lru_cache(func: Callable[P, R], /) -> WeakCache[P, R]: ...
@overload
def weak_lru_cache(
    *, maxsize: int | None = 128, typed: bool = False
) -> Callable[[Callable[P, R]], WeakCache[P, R]]: ...
def weak_lru_cache(func: Any = None, /, *, maxsize: int | None = 128, typed: bool = False) -> Any:
    """Cache the results of a function without keeping its arguments alive.

    Arguments:
        func: the function. The decorator is used bare or with options.
        maxsize: how many results to keep, the latest used; None for all.
        typed: keep ``f(3)`` and ``f(3.0)`` apart.

    Returns:
        A callable with ``cache_info()``, ``cache_clear()`` and ``__wrapped__``.

    Raises:
        TypeError: by the call, for arguments that cannot be hashed.

    Arguments that can be weakly referenced are held so, and an entry goes when the first of them
    dies. The others, such as numbers and strings, are held as in `functools.lru_cache`. A result
    that reaches an argument keeps it until the entry is dropped as the oldest. For methods
    `weak_cached_method` is better: it compares no objects, and such a result does no harm.
    """
    if func is None:
        return lambda function: WeakCache(function, maxsize, typed)
    return WeakCache(func, maxsize, typed)
