"""Which test was running when an object was born: one window page after another.

A page is the time between two looks. Whatever was born in it and is still there when it is
closed belongs to the owner of the page. Nothing is kept alive: an object is its id and the
id of its type. Every moment of the run belongs to some page, also the gaps between tests,
so an address that is used again is written anew and no entry can lie about its owner.
"""

import sys
from collections import deque
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from itertools import compress, repeat
from operator import ne
from sys import getallocatedblocks

from leakwatch.integration import (
    FullCollections,
    Window,
    collect,
    collect_rationed,
    entry,
    get_objects,
    is_in,
    is_module,
    left_of,
    module_namespace,
    monotonic,
    named_entries,
    of_kinds,
    youngest,
)
from pytest_leakwatch.verdict.selection import Choice

NOBODY = 0
"""Owner of the gaps between tests, of tests that are not judged, and of wider fixtures."""
SHARE = 50
"""Garbage that was frozen with a page waits so many times as long as it takes to collect it: a
full collection now and then costs a fiftieth of the time at the most, whatever the heap."""
LEAST_FROZEN = 50_000
"""It does not wait where so many objects, and a quarter of the heap, were frozen meanwhile and are
there still."""
MOST_GARBAGE = 700
"""As many objects the collector lets become garbage before it looks, as it is set by default."""
MOST_IN_SIGHT = 700
"""As many objects of no matter may be in sight before a page is closed: to see that they are of
none takes a glance at each."""
FEW_IN_SIGHT = 70
"""Where more of no matter are in sight they are put out of it: each look would meet them again."""
OLD: list[None] = []
"""Older than any page: in one that has it, a heap was thawed that the program had frozen before."""
LEAST_ENTRIES = 10_000
"""From so many entries on, and twice as many as were of living objects the last time, a full
collection is followed by a look for those of dead ones, which takes a fraction of its time."""


class Unfrozen:
    """A page without a window, from its construction until `close`.

    For tests that ask the collector what there is: nothing is frozen, so it answers such a test as
    it would without us. What was born in the page is found by comparing two lists of the whole
    heap, which takes as long as one or two collections. It misses an object of the same type at
    the address of one that died in the page.

    Attributes:
        whole: false once a look has not found this object itself: somebody has frozen the heap.
    """

    __slots__ = ("_before", "whole")

    def __init__(self) -> None:
        self.whole = True
        there = get_objects()
        self._before = dict(zip(map(id, there), map(id, map(type, there)), strict=True))
        there.clear()
        self._before[id(self)] = id(Unfrozen)
        self._before[id(self._before)] = id(dict)

    def newborn(self) -> list[object]:
        """The objects born since that the collector knows; borrowed, to be cleared."""
        there = get_objects()
        self.whole = id(self) in map(id, there)
        kinds = map(id, map(type, there))
        found = list(compress(there, map(ne, map(self._before.get, map(id, there)), kinds)))
        there.clear()
        return found

    def close(self) -> None:
        """Forget what was there."""
        self._before.clear()


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an object comes from; one for all of a type that a page has.

    Attributes:
        kind: id of the type.
        owner: of the page.
    """

    kind: int
    owner: int


class Ledger:
    """Objects by owner. Owners are positive numbers that the caller gives.

    A page has a window, or for a test that asks the collector what there is none. Right before a
    collection of everything, one with `gc.collect()` say, a page with a window is closed, and right
    after it comes the next one of the same owner.

    Attributes:
        broken_pages: pages in which the program itself called `gc.unfreeze`, or left its heap
            frozen where there was no window: then old and new cannot be told apart, and the page
            is nobody's.
        imported: for each module imported in a page, or executed once more, the owners of
            such pages. Each time a module is executed it gets a new `__spec__`.
    """

    def __init__(self) -> None:
        self._origins: dict[int, Origin] = {}
        self._entered: set[int] = set()
        self._window: Window | Unfrozen | None = None
        self._full_collections: FullCollections | None = None
        self._gave_way: float | None = None
        self._mark: list[object] = []
        self._frozen = self._freed = self._blocks = 0
        self._bound = LEAST_FROZEN
        self._due = 0.0
        self._most = LEAST_ENTRIES
        self._modules: set[str] = set()
        self.broken_pages = 0
        self.imported: dict[str, set[int]] = {}

    @property
    def is_open(self) -> bool:
        """Whether a page is open."""
        return self._window is not None or self._gave_way is not None

    def give_way_by(self, before: Callable[[], object], after: Callable[[], object]) -> None:
        """Say what calls `give_way` and `go_on` for the owner of the page."""
        self._full_collections = FullCollections(before, after)

    def open(self, *, unfrozen: bool = False, collected: bool = False) -> None:
        """Start the first page, or the next one after `close`.

        Args:
            unfrozen: whether it has no window. Then nothing is collected either: who counts
                objects may count on the garbage that is there without us.
            collected: whether everything was collected just now.
        """
        if self._window is None:
            if not (unfrozen or collected):
                self._collect_everything()
            self._modules.update(sys.modules)
            self._open_window(unfrozen=unfrozen)

    def close(self) -> None:
        """Let the collector see the whole heap again."""
        self._hear_no_more()
        self._gave_way = None
        if self._window is not None:
            self._window.close()
            # Only now: whoever was interrupted closes it once more.
            self._window = None

    def abandon(self) -> None:
        """Close a page that cannot be trusted: what was born in it is nobody's."""
        self._hear_no_more()
        try:
            if self._window is not None:
                born = self._window.newborn()
                self._forget(map(id, born))
                born.clear()
        finally:
            self.close()

    def goes_on(self, choice: Choice) -> bool:
        """Whether the next page may go on in the same window: nothing is there to be noted.

        Args:
            choice: what is judged, of this page and the next.
        """
        window = self._window
        if type(window) is not Window or len(sys.modules) != len(self._modules) or self._is_due():
            return False
        visible = window.at_a_glance(MOST_IN_SIGHT)
        idle = bool(visible) and choice.idle.are_all_of(visible)
        if idle and len(visible) > FEW_IN_SIGHT:
            window.pass_over(len(visible))
            self._frozen += len(visible)
        visible.clear()
        return idle

    def turn(
        self,
        owner: int,
        choice: Choice,
        *,
        following: Choice | None = None,
        tidy: bool = False,
        unfrozen: bool = False,
    ) -> bool:
        """Close the page and start the next, unless that may go on in the same window.

        Args:
            owner: to whom the closed page belongs, or NOBODY.
            choice: what of it is to be judged.
            following: what of the next page is, where that may go on in the same window.
            tidy: collect its garbage first; asked for once in each test.
            unfrozen: whether the next page has no window.

        Returns:
            whether an object of the page is alive that is to be judged.
        """
        __tracebackhide__ = True  # of a finalizer's exception
        if following is choice and not unfrozen and self.goes_on(choice):
            return False
        left = self.go_on(owner, choice)  # should nobody have said that the collection is done
        assert self._window is not None, "open() the ledger first"
        self._hear_no_more()
        if tidy:
            self._freed += collect()
        left = self._take(self._window, owner, choice) or left
        self._window.close()
        if tidy:
            self._reopen_now_and_then()
        self._open_window(unfrozen=unfrozen)
        return left

    def _take(self, window: Window | Unfrozen, owner: int, choice: Choice) -> bool:
        """Note what the open page has; whether some of it is to be judged."""
        born = window.newborn()
        kinds: dict[int, int] = {}
        if self._is_whole(born):
            kinds = choice.kinds(born)
            self._enter(born, kinds, owner)
        else:
            self.broken_pages += 1
        self._frozen += len(born)
        self._note_imports(born, owner)
        born.clear()
        return bool(kinds)

    def give_way(self, owner: int, choice: Choice) -> bool:
        """Close the page for a collection of everything that is about to begin.

        Args:
            owner: to whom the page belongs, or NOBODY.
            choice: what of it is to be judged.

        Returns:
            whether an object of the page is alive that is to be judged.
        """
        if self._window is None:
            return False
        left = self._take(self._window, owner, choice)
        self._gave_way = monotonic()
        self._window.close()
        self._window = None
        return left

    def go_on(self, owner: int, choice: Choice) -> bool:
        """Start the next page after that collection; what its finalizers made is the owner's.

        Returns:
            whether an object that they made is alive and is to be judged.
        """
        if self._gave_way is None:
            return False
        self._note_collection(self._gave_way)
        born = youngest()
        kinds = choice.kinds(born)
        self._enter(born, kinds, owner)
        born.clear()
        self._open_window(unfrozen=False)
        self._gave_way = None
        return bool(kinds)

    def _is_whole(self, born: list[object]) -> bool:
        """Whether what was born in the page, and nothing else, could be seen."""
        if type(self._window) is Unfrozen and not self._window.whole:
            return False
        return not (is_in(self._mark, born) or is_in(OLD, born))

    def drop(self, owner: int) -> None:
        """Forget what belongs to an owner: it is judged already, or is not to be."""
        if owner not in self._entered:
            return  # most of those that are dropped have left nothing
        self._entered.discard(owner)
        self._forget([found for found, it in self._origins.items() if it.owner == owner])

    def owners_among(self, wanted: Container[int]) -> dict[int, int]:
        """Owner by id of what was alive when a page of these owners was closed."""
        return {found: it.owner for found, it in self._origins.items() if it.owner in wanted}

    def alive(self, wanted: Callable[[int], bool] = bool) -> list[object]:
        """The living objects of the wanted owners; borrowed, to be cleared by the caller."""
        origins = self._origins
        if not origins:
            return []
        everything = get_objects()
        found = of_kinds(everything, {number: it.kind for number, it in origins.items()})
        everything.clear()
        return [it for it in found if wanted(origins[id(it)].owner)]

    def forget_the_dead(self) -> None:
        """Drop the entries of objects that are not there any more."""
        living = self.alive()
        ids = set(map(id, living))
        living.clear()
        self._forget([dead for dead in self._origins if dead not in ids])
        self._most = max(LEAST_ENTRIES, 2 * len(self._origins))

    def _enter(self, born: list[object], kinds: dict[int, int], owner: int) -> None:
        # All of it, wanted or not: an address that is used again is no longer the old object.
        self._forget(map(id, born))
        if owner != NOBODY:
            origins = {kind: Origin(kind, owner) for kind in set(kinds.values())}
            self._origins.update((found, origins[kind]) for found, kind in kinds.items())
            self._entered.update({owner} if kinds else ())

    def _open_window(self, *, unfrozen: bool) -> None:
        # Made right before the freeze: if it can be seen later, somebody has thawed the heap.
        self._mark = []
        if unfrozen:
            leave_garbage(min(self._freed, MOST_GARBAGE))
            self._freed = 0
        self._window = Unfrozen() if unfrozen else Window()
        if self._full_collections is not None and not unfrozen:
            self._full_collections.start()

    def _hear_no_more(self) -> None:
        """From here on a collection that comes by itself is one in our own work."""
        if self._full_collections is not None:
            self._full_collections.finish()

    def _reopen_now_and_then(self) -> None:
        if self._frozen >= self._bound:
            self._frozen = left_of(self._frozen, self._blocks)
        if self._is_due():
            self._collect_everything()
            if len(self._origins) > self._most:
                self.forget_the_dead()

    def _is_due(self) -> bool:
        return self._frozen >= self._bound or monotonic() >= self._due

    def _collect_everything(self) -> None:
        began = monotonic()
        self._freed += collect_rationed()
        self._note_collection(began)

    def _note_collection(self, began: float) -> None:
        done = monotonic()
        self._due = done + SHARE * (done - began)
        self._frozen, self._blocks = 0, getallocatedblocks()
        self._bound = max(LEAST_FROZEN, self._blocks // 4)

    def _forget(self, ids: Iterable[int]) -> None:
        if self._origins:
            deque(map(self._origins.pop, ids, repeat(None)), 0)

    def _note_imports(self, born: list[object], owner: int) -> None:
        # A page that imports nothing, the usual one, costs one comparison of numbers each.
        if id(ModuleSpec) in map(id, map(type, born)):
            specs = {id(found) for found in born if type(found) is ModuleSpec}
            for name, module in named_entries(sys.modules):
                if is_module(module) and id(entry(module_namespace(module), "__spec__")) in specs:
                    self.imported.setdefault(name, set()).add(owner)
        if len(sys.modules) != len(self._modules):
            for name in sys.modules.keys() - self._modules:
                self.imported.setdefault(name, set()).add(owner)
            self._modules = set(sys.modules)


def leave_garbage(count: int) -> None:
    """Make so many pieces of garbage in cycles.

    Without us there would be what the tests before have left; a test that counts objects, collects,
    and counts again may pass for that reason only (zope.interface has one).
    """
    for _ in range(count):
        ring: list[object] = []
        ring.append(ring)


@dataclass(slots=True, eq=False, repr=False)
class Holder:
    """The owner of the pages that are closed now.

    Attributes:
        number: of the owner.
        choice: what of the newborn is judged.
        unfrozen: whether the pages have no window, for whoever asks the collector itself.
        left: whether something of it was alive when a page was closed.
    """

    number: int
    choice: Choice
    unfrozen: bool = False
    left: bool = False


class Pages:
    """Closes a page of the ledger whenever somebody else's work begins or ends.

    Args:
        ledger: takes the pages.
        choice: what of the newborn is judged where nobody says otherwise.
    """

    def __init__(self, ledger: Ledger, choice: Choice) -> None:
        self._ledger = ledger
        self._holders = [Holder(NOBODY, choice)]
        ledger.give_way_by(self._give_way, self._go_on)

    @property
    def unfrozen(self) -> bool:
        """Whether the page that is open now has no window."""
        return self._holders[-1].unfrozen

    def open(self, *, unfrozen: bool = False, collected: bool = False) -> None:
        """Start the first page, or the next one of the same owner after the ledger was closed.

        Args:
            unfrozen: whether it has no window, even if the owner does not ask the collector.
            collected: whether everything was collected just now.
        """
        self._ledger.open(unfrozen=unfrozen or self.unfrozen, collected=collected)

    def close(self) -> None:
        """Close the last page, and let the collector see the whole heap again."""
        if self._ledger.is_open:
            self.turn()
        self._ledger.close()

    def enter(self, number: int, choice: Choice, *, unfrozen: bool = False) -> None:
        """Close the page; the next ones belong to this owner until `leave`.

        Args:
            number: of the owner.
            choice: what of it is judged.
            unfrozen: whether the owner asks the collector itself; then what lies inside does too.
        """
        unfrozen = unfrozen or self.unfrozen
        self._turn(choice, unfrozen=unfrozen)
        self._holders.append(Holder(number, choice, unfrozen))

    def leave(self, *, tidy: bool = False) -> bool:
        """Close the page; the next ones belong to the owner before again.

        Args:
            tidy: collect the garbage of the page first; asked for once in each test.

        Returns:
            whether an object of the owner is alive that is to be judged.
        """
        around = self._holders[-2]
        self._turn(around.choice, tidy=tidy, unfrozen=around.unfrozen)
        return self._holders.pop().left

    def turn(self, *, tidy: bool = False) -> None:
        """Close the page and start the next one of the same owner."""
        self._turn(self._holders[-1].choice, tidy=tidy, unfrozen=self.unfrozen)

    def hand_over(self, number: int) -> None:
        """Close the page; the next ones belong to another owner in place of this one."""
        self.turn(tidy=True)
        self._holders[-1].number = number

    def thaw(self) -> None:
        """Go on without a window: the owner is about to ask the collector itself."""
        self._turn(self._holders[-1].choice, unfrozen=True)
        self._holders[-1].unfrozen = True

    def abandon(self) -> None:
        """Close the page and forget its owner; the next one is nobody's."""
        del self._holders[1:]
        self._ledger.abandon()

    def _give_way(self) -> None:
        holder = self._holders[-1]
        holder.left = self._ledger.give_way(holder.number, holder.choice) or holder.left

    def _go_on(self) -> None:
        holder = self._holders[-1]
        holder.left = self._ledger.go_on(holder.number, holder.choice) or holder.left

    def _turn(self, following: Choice, *, tidy: bool = False, unfrozen: bool) -> None:
        holder = self._holders[-1]
        left = self._ledger.turn(
            holder.number, holder.choice, following=following, tidy=tidy, unfrozen=unfrozen
        )
        holder.left = holder.left or left
