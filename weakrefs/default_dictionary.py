"""`WeakDefaultDictionary`: makes a value for a key that has none, and forgets it when unused."""

from collections.abc import Callable, Iterable, Mapping
from typing import Self, TypeVar

from weakrefs.references import DEAD
from weakrefs.value_dictionary import WeakValueDictionary

__all__ = ["WeakDefaultDictionary"]

K = TypeVar("K")
V = TypeVar("V")


class WeakDefaultDictionary(WeakValueDictionary[K, V]):
    """A `WeakValueDictionary` whose ``d[key]`` makes what is missing: one lock per key, say.

    Arguments:
        default_factory: called without arguments for a key that has no living value; None makes
            it an ordinary `WeakValueDictionary`. A subclass may define ``__missing__(key)``.
        other: a mapping, or an iterable of pairs, to begin with.
        **kwargs: more entries, under string keys.

    The value lives as long as the caller keeps it. Threads that race for a key all get the same
    object; what the slower one made is dropped. Only ``d[key]`` makes values, not ``get``.
    """

    def __init__(
        self,
        default_factory: Callable[[], V] | None = None,
        other: Mapping[K, V] | Iterable[tuple[K, V]] = (),
        /,
        **kwargs: V,
    ) -> None:
        self.default_factory = default_factory
        super().__init__(other, **kwargs)

    def __getitem__(self, key: K) -> V:
        value = self.data.get(key, DEAD)()
        return self.__missing__(key) if value is None else value

    def __missing__(self, key: K) -> V:
        """Make, keep weakly and return the value of `key`.

        Raises:
            KeyError: there is no factory.
            TypeError: what the factory made cannot be weakly referenced.
        """
        if self.default_factory is None:
            raise KeyError(key)
        return self.setdefault(key, self.default_factory())

    def _empty(self) -> Self:
        return type(self)(self.default_factory)

    def copy(self) -> Self:
        """Return a new mapping of the same class, with the same factory and entries."""
        new = self._empty()
        new._set_all(self.items())
        return new
