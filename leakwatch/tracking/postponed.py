"""What scopes left behind and could not judge, because other work overlapped.

It waits here, weakly, until all work that was open at that time has ended. Then whoever judges
next in quiet takes it: `check`, or the end of a run.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from leakwatch.guest.frozen_heap import on_harvest
from leakwatch.model import Birth
from leakwatch.tracking.handles import Handle
from leakwatch.tracking.newborn import kinds_of, may_leak_in_a_scope
from leakwatch.tracking.open_scopes import Stretch, oldest_open, serials
from leakwatch.tracking.stamp import Mark
from leakwatch.tracking.type_filter import TypeFilter

MOST = 20_000
"""Objects that wait at the most; the oldest are given up first."""


class Candidate(Mark):
    """A weak reference to an object that waits for a judgement.

    Attributes:
        birth: where it was registered, or None.
        serial: only what began later cannot have to do with it.
    """

    __slots__ = ("birth", "serial")

    birth: Birth | None
    serial: int

    # A weak reference hashes and compares its referent, which is the program's code.
    __hash__ = object.__hash__
    __eq__ = object.__eq__


_waiting: list[Candidate] = []
given_up = 0
imported: set[str] = set()
"""Modules first imported in scopes that were not judged; what they define is no leak."""


def postpone(subject: Any, birth: Birth | None, serial: int) -> None:
    """Have an object that can be referenced weakly judged later."""
    candidate = Candidate(subject)
    candidate.birth = birth
    candidate.serial = serial
    _waiting.append(candidate)
    if len(_waiting) > MOST:
        tidy()


def tidy() -> None:
    """Drop those that are gone and, where they are still too many, the oldest."""
    global given_up  # noqa: PLW0603 - one process, one count
    seen = len(_waiting)
    living = [it for it in _waiting[:seen] if it() is not None]
    kept = living[-MOST // 2 :]
    given_up += len(living) - len(kept)
    # Whoever comes in between appends behind what is replaced here in one step.
    _waiting[:seen] = kept


def postpone_registered(handles: Iterable[Handle], scope: str) -> None:
    """Have what was registered in a scope judged later."""
    serial = next(serials)
    for handle in handles:
        subject = handle()
        if subject is not None:
            postpone(subject, handle.site.birth(scope), serial)


def postpone_born(key: object, wanted: TypeFilter | None, modules: frozenset[str]) -> None:
    """Have what the open window shows judged later; what cannot be referenced weakly is left out.

    Args:
        key: says which types are wanted.
        wanted: the types, or None for all that may be a leak.
        modules: first imported meanwhile; what they define is there to stay.
    """
    imported.update(modules)
    on_harvest(key, taker(wanted))


def postpone_all(subjects: list[object]) -> None:
    """Have objects judged later; the list is cleared."""
    serial = next(serials)
    for subject in subjects:
        with suppress(TypeError):  # a list, say: its owner is reported
            postpone(subject, None, serial)
    subjects.clear()


def taker(wanted: TypeFilter | None) -> Callable[[list[object]], None]:
    """What takes the objects of some types from the window before it is closed."""

    def take(visible: list[object]) -> None:
        kinds = kinds_of(visible, wanted or may_leak_in_a_scope)
        postpone_all([found for found in visible if id(found) in kinds])

    return take


def ready(own: Iterable[Stretch]) -> list[Candidate]:
    """What can be judged now: all work that was open then has ended.

    Args:
        own: the scopes of the caller, which are no other work.
    """
    before = oldest_open(own)
    return [it for it in alive() if before is None or it.serial < before]


def alive() -> list[Candidate]:
    """All that waits and is still there."""
    return [it for it in _waiting.copy() if it() is not None]


def waiting(own: Iterable[Stretch]) -> str | None:
    """What other work that is open may still use, in words, or None."""
    count = len(alive()) - len(ready(own))
    if not count:
        return None
    objects = "1 object waits" if count == 1 else f"{count} objects wait"
    return f"{objects} for other work to end that overlapped their scope"


def notes() -> tuple[str, ...]:
    """What was given up, for a report."""
    if not given_up:
        return ()
    return (f"{given_up:,} objects that scopes left to this judgement were too many, and given up",)


def births(candidates: Iterable[Candidate]) -> dict[int, Birth]:
    """Where they were registered, by id of the object."""
    return {id(it()): it.birth for it in candidates if it.birth is not None}
