"""What is still there of the objects of some owners, registered ones included."""

from collections.abc import Container, Iterable

from leakwatch.integration import Registry
from leakwatch.model import Birth
from pytest_leakwatch.attribution.ledger import Ledger


class Survivors:
    """The living objects by owner; nothing is kept alive.

    Args:
        ledger: knows what was born, without registration.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._registered: dict[int, Registry] = {}

    def note_registered(self, number: int, registry: Registry) -> bool:
        """Remember what an owner has registered; gives whether any of it is alive."""
        alive = bool(registry.registered_alive())
        if alive:
            self._registered[number] = registry
        return alive

    def forget_the_dead(self, numbers: Iterable[int]) -> int:
        """Drop what is not there any more; gives the number of objects of some owners."""
        self._ledger.forget_the_dead()
        return len(self.owners(numbers))

    def forget(self, number: int) -> None:
        """Drop an owner: it is judged already, or is not to be."""
        self._ledger.drop(number)
        self._registered.pop(number, None)

    def borrowed(self, numbers: Container[int]) -> list[object]:
        """The living objects of some owners, to be cleared by the caller."""
        found = {id(it): it for it in self._ledger.alive(numbers.__contains__)}
        for number in sorted(self._registered):
            if number in numbers:
                for handle in self._registered[number].registered_alive():
                    if (registered := handle()) is not None:
                        found.setdefault(id(registered), registered)
        return list(found.values())

    def count(self, numbers: Container[int]) -> int:
        """The number of living objects of some owners."""
        found = self.borrowed(numbers)
        number = len(found)
        found.clear()
        return number

    def owners(self, numbers: Iterable[int]) -> dict[int, int]:
        """Number of the owner by id of the object.

        It is negative where the owner registered the object, which counts in any case then.
        """
        wanted = frozenset(numbers)
        registered = {
            id(handle()): -number
            for number in self._registered.keys() & wanted
            for handle in self._registered[number].registered_alive()
        }
        return {**self._ledger.owners_among(wanted), **registered}

    def registrations(self, numbers: Iterable[int]) -> dict[int, Birth]:
        """Where the objects were registered, by id."""
        return {
            id(handle()): handle.site.birth(self._registered[number].name)
            for number in self._registered.keys() & frozenset(numbers)
            for handle in self._registered[number].registered_alive()
        }


def opened(name: str) -> Registry:
    """A new registry that takes what is registered from now on."""
    registry = Registry(name)
    registry.enter()
    return registry
