"""The survivors of a generation window: what was born inside it and is still there."""

from collections.abc import Callable, Iterable
from types import ModuleType

from leakwatch.guest.collector import get_objects
from leakwatch.guest.frozen_heap import Sign
from leakwatch.heap.fields import HEAP_TYPE, flags
from leakwatch.heap.graph import census, of_kinds, of_types
from leakwatch.heap.objects import inherits, is_class, module_name, type_name
from leakwatch.heap.provenance import is_own_module
from leakwatch.heap.roots.namespaces import is_made_by_hand, is_permanent
from leakwatch.heap.structural_types import is_node_of_a_context
from leakwatch.tracking.stamp import Mark
from leakwatch.tracking.type_filter import TypeFilter


class Handles(list["Mark"]):
    """Weak references; a class of leakwatch, so that it is none of the newborn."""

    __slots__ = ()


class Newborns:
    """Objects born in a window, known weakly, so that nothing is kept alive.

    Most containers cannot be weakly referenced: they are known by id and type. An id alone may be
    reused once its object died; together with the type, and looked at again right away, it is good
    enough.
    """

    __slots__ = ("_handles", "_known")

    def __init__(
        self, born: list[object], wanted: TypeFilter | None, running: Iterable[object] = ()
    ) -> None:
        """Know them.

        Args:
            born: what a window has listed; emptied. It is listed before this is called, or the
                tuple of these arguments would be among it.
            wanted: which types count, or None for all that may be a leak.
            running: what runs at this moment and is none of them, such as a step of a task.
        """
        self._known = kinds_of(born, wanted or may_leak_in_a_scope)
        if self._known and running:
            self._leave_out(born, frozenset(map(id, running)))
        self._handles = Handles()
        if self._known:
            self._reference(born)
        born.clear()

    def _leave_out(self, born: Iterable[object], running: frozenset[int]) -> None:
        """Forget what runs, and the tuple that C code calls it with, which only that code holds."""
        for found in born:
            if id(found) in running or (
                type(found) is tuple and found and running.issuperset(map(id, found))
            ):
                self._known.pop(id(found), None)

    def _reference(self, born: Iterable[object]) -> None:
        """Know by a weak reference what can be known so."""
        refused = set()
        for found in born:
            kind = self._known.get(id(found))
            if kind is not None and kind not in refused:
                try:
                    self._handles.append(Mark(found))
                    del self._known[id(found)]
                except TypeError:
                    refused.add(kind)

    def __bool__(self) -> bool:
        return bool(self._known) or bool(self._handles)

    def alive(self) -> list[object]:
        """The objects that are still there; borrowed, to be cleared by the caller."""
        # Those that are known by id first: a list of ours may get the address of one that died.
        found = still_there(self._known) if self._known else []
        found += [subject for handle in self._handles if (subject := handle()) is not None]
        return found

    def any_alive(self) -> bool:
        """Whether something is still there; what died is forgotten."""
        if self._known:
            found = still_there(self._known)
            self._known = {id(survivor): id(type(survivor)) for survivor in found}
            found.clear()
        self._handles[:] = [handle for handle in self._handles if handle() is not None]
        return bool(self)


def still_there(kinds: dict[int, int]) -> list[object]:
    """The collector's objects that are known by id and id of their type; borrowed."""
    everything = get_objects()
    # Not a comprehension: before 3.12 it makes a cell, which may take the place of one that died.
    found = of_kinds(everything, kinds)
    everything.clear()
    return found


def kinds_of(born: Iterable[object], judged: Callable[[type], bool | None]) -> dict[int, int]:
    """Id of the type by id of the object, for the objects that are to be judged.

    Args:
        born: the objects; read, not kept.
        judged: whether the objects of a type are; asked once a type. None says that each is asked
            about by itself: they are classes or modules.
    """
    # For one look only: the objects at hand keep their types, and so the ids, alive.
    answers: dict[int, bool | None] = {}
    kinds = {}
    for found in born:
        kind = id(type(found))
        if kind not in answers:
            answers[kind] = judged(type(found))
        answer = answers[kind]
        if answer or (answer is None and not is_there_to_stay(found)):
            kinds[id(found)] = kind
    return kinds


def of_wanted_types(born: list[object], wanted: TypeFilter) -> list[object]:
    """Those of the objects whose type is wanted; the list given is read, not kept."""
    return of_types(born, frozenset(id(cls) for cls, _ in census(born) if wanted(cls)))


def may_leak(cls: type) -> bool | None:
    """Whether newborn objects of a type are to be judged, where nobody has chosen types.

    Modules that are imported are there to stay, our own objects are none of the program's, and the
    nodes of a context are replaced whenever a variable is set.
    """
    if is_own_module(module_name(cls)) or is_node_of_a_context(cls):
        return False
    return None if inherits(cls, type) or inherits(cls, ModuleType) else True


def may_leak_in_a_scope(cls: type) -> bool | None:
    """As `may_leak`, but for what comes once, or takes the place of another each time.

    A scope cannot tell whether it comes again; a hunt can.
    """
    answer = _lasting_answers.get(id(cls))
    if answer is None:
        answer = type_name(cls) not in NOT_IN_A_SCOPE and may_leak(cls)
        if answer is not None and is_never_freed(cls):
            _lasting_answers[id(cls)] = answer
    return answer


NOT_IN_A_SCOPE = frozenset({"_thread.lock", "logging.PlaceHolder"})
"""Of types that no scope judges: the lock that an idle thread waits for, of which each wait makes a
new one, and what `logging` has for the name above those of loggers."""

_lasting_answers: dict[int, bool] = {}
"""By id of the type: each window shows an object of ours, and the nodes of a context."""


def is_never_freed(cls: type) -> bool:
    """Whether no other type can ever have the address of this one."""
    return cls is Sign or not flags(cls) & HEAP_TYPE


def is_judged_in_a_scope(cls: type) -> bool:
    """Whether every newborn object of a type is, where nobody has chosen types."""
    return may_leak_in_a_scope(cls) is True


def may_leak_again(cls: type) -> bool | None:
    """As `may_leak`, and modules too: an import comes once, what each run makes keeps coming."""
    return inherits(cls, ModuleType) or may_leak(cls)


def is_there_to_stay(found: object) -> bool:
    """Whether an object, known to be a class or a module, is one that an import defined."""
    return is_permanent(found) if is_class(found) else not is_made_by_hand(found)
