"""`weak_cached_method`: a cache on a method that goes when its object goes.

``functools.lru_cache`` on a method keeps every object it was ever called on: the cache belongs to
the class, and its keys hold ``self``. It is the most common leak in Python.
"""

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from weakrefs._primitives import ref
from weakrefs.ephemerons import EphemeronDictionary
from weakrefs.identity_dictionary import WeakIdKeyDictionary
from weakrefs.weakrefable import check

__all__ = ["weak_cached_method"]

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")


class BoundCache(Generic[P, R]):
    """A cached method of one object: call it, or look at its cache."""

    __slots__ = ("__self__", "_cache", "cache_clear", "cache_info")

    def __init__(self, owner: object, cache: Any) -> None:
        self.__self__ = owner
        self._cache = cache
        self.cache_clear: Callable[[], None] = cache.cache_clear
        self.cache_info: Callable[[], Any] = cache.cache_info

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        result: R = self._cache(*args, **kwargs)
        return result


class CachedMethod(Generic[S, P, R]):
    """The descriptor that `weak_cached_method` puts in the place of a function."""

    def __init__(
        self, func: Callable[Concatenate[S, P], R], maxsize: int | None, typed: bool
    ) -> None:
        update_wrapper(self, func)
        self._func = func
        self._new_cache: Callable[[Any], Any] = lru_cache(maxsize=maxsize, typed=typed)
        # A result may reach its object, so the cache has to hang on it. Objects without a place
        # for that are remembered weakly; there such a result does keep its object.
        self._on_objects: EphemeronDictionary[S, Any] = EphemeronDictionary()
        self._beside_objects: WeakIdKeyDictionary[S, Any] = WeakIdKeyDictionary()

    @overload
    def __get__(self, instance: None, owner: Any = None) -> Self: ...
    @overload
    def __get__(self, instance: S, owner: Any = None) -> BoundCache[P, R]: ...
    def __get__(self, instance: S | None, owner: Any = None) -> Any:
        if instance is None:
            return self
        cache = self._on_objects.get(instance) or self._beside_objects.get(instance)
        return BoundCache(instance, cache or self._begin(instance))

    def __call__(self, instance: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return self.__get__(instance)(*args, **kwargs)

    def _begin(self, instance: S) -> Any:
        try:
            self_ref = ref(instance)
        except TypeError:
            check(instance)
            raise
        cache = self._new_cache(_unbound(self._func, self_ref))
        try:
            return self._on_objects.setdefault(instance, cache)
        except TypeError:
            return self._beside_objects.setdefault(instance, cache)


def _unbound(func: Callable[..., R], self_ref: ref[Any]) -> Callable[..., R]:
    # The cache must not hold its object. Whoever calls holds it, by the `BoundCache`.
    def call(*args: Any, **kwargs: Any) -> R:
        return func(self_ref(), *args, **kwargs)

    return call


@overload
def weak_cached_method(func: Callable[Concatenate[S, P], R], /) -> CachedMethod[S, P, R]: ...
@overload
def weak_cached_method(
    *, maxsize: int | None = None, typed: bool = False
) -> Callable[[Callable[Concatenate[S, P], R]], CachedMethod[S, P, R]]: ...
def weak_cached_method(
    func: Any = None, /, *, maxsize: int | None = None, typed: bool = False
) -> Any:
    """Cache the results of a method, separately for each object and only while it lives.

    Arguments:
        func: the function in the class body. The decorator is used bare or with options.
        maxsize: how many results to keep per object, the latest used; None for all.
        typed: keep ``f(3)`` and ``f(3.0)`` apart.

    Returns:
        A descriptor. ``obj.method.cache_info()`` and ``obj.method.cache_clear()`` are those of
        the object's own cache.

    Raises:
        TypeError: on the first call for an object that cannot be weakly referenced, and for
            arguments that cannot be hashed. The object itself is never hashed or compared.

    Results may refer to the object. If it has no ``__dict__``, a result that does keeps it alive.
    """
    if func is None:
        return lambda function: CachedMethod(function, maxsize, typed)
    return CachedMethod(func, maxsize, typed)
