"""Which objects are judged: the project's own classes, unless patterns say otherwise."""

from collections.abc import Iterable

from leakwatch.integration import (
    OwnCode,
    PerClass,
    TypeFilter,
    census,
    kinds_of,
    may_leak,
    type_filter,
)
from pytest_leakwatch.attribution.idle import IdleTypes

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
        idle: the types that a page may have in sight and need not be closed.
    """

    def __init__(
        self, track: Iterable[type | str], ignore: Iterable[str], own_code: OwnCode
    ) -> None:
        wanted = tuple(track)
        self.everything = any(type(entry) is str and entry == ALL for entry in wanted)
        self._answer = PerClass(self._wants)
        self.idle = IdleTypes(self._answer)
        self._ignored = type_filter(ignore)
        self._chosen: TypeFilter = type_filter(wanted) if wanted else own_code.made

    def kinds(self, born: list[object]) -> dict[int, int]:
        """Id of the type by id of the object, for each object that is to be judged."""
        if all(self._answer(cls) is False for cls, _ in census(born)):
            return {}
        return kinds_of(born, self._answer)

    def notes(self, cls: type) -> bool:
        """Whether every object of a type that a test makes is judged."""
        return self._answer(cls) is True

    def _wants(self, cls: type) -> bool | None:
        if self._ignored(cls):
            return False
        return may_leak(cls) if self.everything else self._chosen(cls)
