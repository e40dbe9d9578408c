"""`WeakRegistry`: observers that need not be taken out, because they leave when they die."""

from collections.abc import Callable, Iterator
from functools import partial
from types import BuiltinMethodType, MethodType, MethodWrapperType
from typing import Any, Generic, ParamSpec, TypeVar

from weakrefs._primitives import ref
from weakrefs.callbacks import WeakCallback
from weakrefs.copying import own_state

__all__ = ["WeakRegistry"]

P = ParamSpec("P")
R = TypeVar("R")


class WeakRegistry(Generic[P, R]):
    """An ordered collection of callables to be told of something, each held weakly.

    Calling it calls those that live, in the order in which they came, and returns the list of
    their results. An exception of one of them goes to the caller, and the rest are not called.
    Who is added or removed meanwhile is considered from the next call on.

    Methods count as the same if object and function are: by identity, never by ``==``.
    """

    data: dict[Any, WeakCallback[P, R]]

    def __init__(self) -> None:
        self.data = {}
        self._remove = _remover(self)

    def add(self, observer: Callable[P, R]) -> Callable[P, R]:
        """Add `observer`, unless it is there; return it, so that this works as a decorator.

        Arguments:
            observer: held as `weak_callback` holds it.

        Raises:
            TypeError: `observer` cannot be weakly referenced; the message names the remedy.
        """
        callback = WeakCallback(observer, partial(self._remove, _identity(observer)))
        self.data.setdefault(_identity(observer), callback)
        return observer

    def discard(self, observer: Callable[P, R]) -> None:
        """Remove `observer` if it is there."""
        self.data.pop(_identity(observer), None)

    def clear(self) -> None:
        """Remove all observers."""
        self.data.clear()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[R]:
        return [observer(*args, **kwargs) for observer in self]

    def __iter__(self) -> Iterator[Callable[P, R]]:
        for callback in list(self.data.values()):
            observer = callback.target()
            if observer is not None:
                yield observer

    def __contains__(self, observer: object) -> bool:
        callback = self.data.get(_identity(observer))
        return callback is not None and callback.alive

    def __len__(self) -> int:
        return len(self.data)

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy or pickle the living observers; a loaded one stays if somebody else holds it."""
        return _with_observers, (type(self), list(self), own_state(self))

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}; {len(self)} observers>"


def _with_observers(
    cls: type[WeakRegistry[P, R]], observers: list[Callable[P, R]], attributes: Any
) -> WeakRegistry[P, R]:
    registry = cls()
    for observer in observers:
        registry.add(observer)
    vars(registry).update(attributes or {})
    return registry


def _identity(observer: Any) -> tuple[object, ...]:
    """Return what tells one observer from another. It leaves the registry before its ids can."""
    if type(observer) is partial:
        values = (*observer.args, *observer.keywords.values())
        return (*_identity(observer.func), tuple(observer.keywords), *map(id, values))
    if isinstance(observer, MethodType):
        return id(observer.__self__), id(observer.__func__)
    if isinstance(observer, BuiltinMethodType | MethodWrapperType):
        return id(observer.__self__), observer.__name__
    return (id(observer),)


def _remover(registry: WeakRegistry[..., Any]) -> Callable[[Any, Any], None]:
    def remove(key: Any, _: Any, registry_ref: ref[Any] = ref(registry)) -> None:
        registry = registry_ref()
        if registry is not None:
            registry.data.pop(key, None)

    return remove
