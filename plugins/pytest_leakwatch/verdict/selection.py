"""Which objects are judged: the project's own classes, unless patterns say otherwise."""

from collections.abc import Iterable
from weakref import ref

from leakwatch.integration import OwnCode, TypeFilter, kinds_of, may_leak, type_filter

ALL = "all"


class Choice:
    """What of all that was born is judged.

    Args:
        track: classes and patterns; `all` for everything; nothing for the project's classes.
        ignore: patterns of classes that are never judged.
        own_code: of the project.

    Raises:
        ConfigurationError: an entry is neither a class nor a pattern.

    Attributes:
        everything: whether `all` was asked for.
    """

    def __init__(
        self, track: Iterable[type | str], ignore: Iterable[str], own_code: OwnCode
    ) -> None:
        wanted = tuple(track)
        self.everything = any(type(entry) is str and entry == ALL for entry in wanted)
        self._known: dict[int, tuple[ref[type], bool | None]] = {}
        self._ignored = type_filter(ignore)
        self._chosen: TypeFilter = type_filter(wanted) if wanted else own_code.made

    def kinds(self, born: Iterable[object]) -> dict[int, int]:
        """Id of the type by id of the object, for each object that is to be judged."""
        return kinds_of(born, self._answer)

    def _answer(self, cls: type) -> bool | None:
        """What was answered before, if the class at that address is still the same."""
        known = self._known.get(id(cls))
        if known is None or known[0]() is not cls:
            known = self._known[id(cls)] = (ref(cls), self._wants(cls))
        return known[1]

    def _wants(self, cls: type) -> bool | None:
        if self._ignored(cls):
            return False
        return may_leak(cls) if self.everything else self._chosen(cls)
