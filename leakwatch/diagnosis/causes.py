"""The cause of a leak: the one reference to cut, chosen once, and the signature of it.

A path leads from what is needed to what should be gone. Between the two lies the reference that
somebody forgot to take back: the entry of a container, or, where none is on the way, the attribute
or variable itself. Whatever hangs below it is there because of it alone, so all of that is one
leak, whatever its types. The signature is taken from the way down to that reference, with keys,
indexes and generated names left out, and from nothing below it.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile
from types import CoroutineType, FunctionType, MethodType
from typing import Any

from leakwatch.heap.fields import (
    entry,
    function_of,
    globals_of,
    mro,
    own_field,
    own_text,
    text,
)
from leakwatch.heap.objects import (
    full_type_name,
    identities,
    inherits,
    is_class,
    is_exactly,
    module_name,
)
from leakwatch.heap.provenance import is_standard_module
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.structural_types import MAPPINGS, is_plumbing
from leakwatch.heap.tasks import is_task
from leakwatch.interpreter import get_referents
from leakwatch.model import Cause, Reference
from leakwatch.model.leaks import HELD_INSIDE, folded
from leakwatch.model.root_kinds import CLASS_ATTRIBUTE, MODULE_GLOBAL, HolderKind
from leakwatch.paths.names.containers import ANY_KEY
from leakwatch.paths.names.objects import CACHED_CALL, CACHED_RESULT
from leakwatch.paths.names.references import Step

DIGITS = 12
ENTRY_NAMES = {
    ".<key>": ANY_KEY,
    ".<cached argument>": CACHED_CALL,
    CACHED_RESULT: CACHED_CALL,
}
"""Both halves of an entry are the same entry."""
IMMUTABLE = (tuple, frozenset)
"""What cannot lose an entry: whoever holds the whole of it has to let go."""
SCHEDULED = "._scheduled"
QUEUES_OF_A_LOOP = frozenset({"._ready", SCHEDULED, "_ready", "_scheduled"})
TRACEBACK = ".__traceback__"
CAPTURES = frozenset(
    {
        HolderKind.FUNCTION,
        HolderKind.METHOD,
        HolderKind.BUILTIN_METHOD,
        HolderKind.FRAME,
        HolderKind.GENERATOR,
        HolderKind.ASYNC_GENERATOR,
        HolderKind.COROUTINE,
        HolderKind.TASK,
    }
)
FUNCTIONS = identities((FunctionType, MethodType))
SEQUENCES = identities((list, set))


@dataclass(frozen=True, slots=True)
class Place:
    """The reference to cut, in general: equal for all that one mistake leaves behind.

    Attributes:
        start: what tells the root, where the place begins there; else empty.
        holder: the way down to the holder, as Python would write it, without keys.
        names: the general names of the references from there on, the one to cut last.
        behind: what is held, where the place alone says nothing: a table that all programs share.
        make: the same place in any object of the same make; empty where no object has it.
        keeper: the way to the outermost object of the standard library on the way; empty for none.
        module: the module of the nearest holder that is no container; empty where none is.
        signature: 12 hexadecimal digits: one bug, one signature.
    """

    start: tuple[str, ...]
    holder: str
    names: tuple[str, ...]
    behind: str = ""
    make: str = ""
    module: str = ""
    keeper: tuple[str, ...] = field(default=(), compare=False)
    signature: str = field(init=False, compare=False)

    def __post_init__(self) -> None:
        parts = [*self.start, *([] if self.start else [self.holder]), *self.names, self.behind]
        text = "\n".join(parts).encode("utf-8", "backslashreplace")
        digits = hashlib.sha256(text).hexdigest()[:DIGITS]
        object.__setattr__(self, "signature", digits)

    @property
    def owner(self) -> tuple[object, ...]:
        """The class or object whose attribute leads to the entry to cut; empty without one."""
        is_of_a_module = self.start[:1] == (MODULE_GLOBAL.name,) and len(self.names) == 2
        return () if is_of_a_module else self.owner_or_module

    @property
    def owner_or_module(self) -> tuple[object, ...]:
        """The same; it may be a module whose variable it is."""
        *above, attribute, last = ("", *self.names) if len(self.names) > 1 else ("", "", "")
        is_entry_of_it = attribute.startswith(".") and not last.startswith(".")
        return (self.start, self.holder, *above) if is_entry_of_it else ()

    @property
    def cause(self) -> Cause:
        """The same, as reports have it."""
        *above, last = self.names or ("",)
        return Cause(self.holder + "".join(above), last or self.behind)


def first_suspect(references: Sequence[Reference]) -> int:
    """The position of the first reference that may be the one to cut."""
    return next((i for i, reference in enumerate(references) if reference.suspect), 0)


def marked(references: Sequence[Reference], cut: int) -> tuple[Reference, ...]:
    """The references, the one to cut marked."""
    return tuple(
        replace(reference, cut=True) if i == cut else reference
        for i, reference in enumerate(references)
    )


def cut_of(
    root: HeapRoot, steps: Sequence[Step], references: Sequence[Reference], survivor: object
) -> int:
    """Which reference to cut: the first entry that can be taken out, or else an attribute.

    An attribute is set once and stays; entries come and go, and one was forgotten. Of a list in a
    registry that has more entries than the registry, it is one of the list's.

    Args:
        root: where the path starts.
        steps: the named references.
        references: the same with verdicts.
        survivor: what the last of them leads to.

    Returns:
        its position; -1 where the root itself holds the first object, in a way that has no name.
    """
    if not steps or root.facts.is_unseen:
        return -1
    held = [*(step.holder for step in steps[1:]), survivor]
    suspects = [i for i, reference in enumerate(references) if reference.suspect] or [0]
    # What a function has captured is kept by whoever keeps the function.
    kept = [*takewhile(lambda i: not is_capture(steps[i]), suspects)] or suspects[:1]
    entries = (i for i in kept if references[i].is_entry and may_shrink(steps[i].holder))
    at = next(entries, None)
    if at is None:
        owned = root.facts.is_dotted or any(is_inside(steps[i]) for i in kept)
        return attribute_to_cut(kept, steps) if owned else suspects[0]
    while at + 1 in kept and references[at + 1].is_entry:
        if not grew_in(steps[at].holder, held[at]):
            break
        at += 1
    return at


def is_capture(step: Step) -> bool:
    """Whether a reference is one to what a function, its frame or a failure of it works on."""
    captures = step.holder_kind in CAPTURES or step.named.name == TRACEBACK
    return step.holder is not None and captures


def attribute_to_cut(kept: Sequence[int], steps: Sequence[Step]) -> int:
    """The last attribute of an object of the program or a library: a module names what lasts.

    What an object of an extension holds is more likely an item of it than its attribute.
    """
    theirs = [i for i in kept if i and is_of_an_owner(steps[i])]
    return theirs[-1] if theirs else kept[0]


def is_of_an_owner(step: Step) -> bool:
    """Whether the holder is an object of the program, of a library, or an extension's."""
    return is_inside(step) or not is_of_the_standard_library(step.holder)


def is_inside(step: Step) -> bool:
    """Whether only an extension knows the reference."""
    return step.named.name.startswith(HELD_INSIDE)


def may_shrink(holder: object) -> bool:
    """Whether an entry can be taken out of a container."""
    return not any(inherits(type(holder), base) for base in IMMUTABLE)


def grew_in(registry: Any, entry: Any) -> bool:
    """Whether an entry is a collection that has as many entries as the registry that it is in."""
    if not is_exactly(registry, MAPPINGS) or not is_exactly(entry, SEQUENCES):
        return False
    return len(entry) > len(registry)


def place_of(
    root: HeapRoot, steps: Sequence[Step], first: int, cut: int, survivor: object
) -> Place:
    """The place of a reference to cut.

    Args:
        root: where the path starts.
        steps: the named references; none where the root itself holds the survivor.
        first: the first of them that may be the one to cut.
        cut: the one to cut.
        survivor: what is at the end.
    """
    # Upwards to a reference that says where it is.
    while first > 0 and is_anonymous(steps[first]):
        first -= 1
    names = [general_name(step) for step in steps[first : cut + 1]]
    if root.facts.is_event_loop:
        # A task goes from one to the other, and is the same mistake in both.
        names = [SCHEDULED if name in QUEUES_OF_A_LOOP else name for name in names]
    says_which = bool(names) and is_the_programs(root, steps, cut)
    behind = "" if says_which else name_behind(steps, cut, survivor)
    make, module = make_of(steps[: cut + 1]), module_of(root, steps, cut, survivor)
    keeper = keeper_of(root, steps[: cut + 1])
    if first > 0:
        holder = steps[first].holder_type
        return Place((), holder, tuple(folded(names)), behind, make, module, keeper)
    identity = identity_of(root) if steps else root.identity
    holder = identity if root.facts.is_expression else f"{root.facts} {identity}".rstrip()
    start = root.facts.name, identity
    return Place(start, holder, tuple(folded(names)), behind, make, module, keeper)


def keeper_of(root: HeapRoot, steps: Sequence[Step]) -> tuple[str, ...]:
    """The way to the outermost object of the standard library that is no container, if any."""
    for at, step in enumerate(steps):
        if step.holder_kind is HolderKind.INSTANCE and is_an_object_of_the_library(step.holder):
            return (root.facts.name, root.label, *map(general_name, steps[:at]))
    return ()


def is_an_object_of_the_library(holder: object) -> bool:
    """Whether an object is one of the standard library's, and no part of how others are held."""
    return not is_plumbing(type(holder)) and is_of_the_standard_library(holder)


def identity_of(root: HeapRoot) -> str:
    """What tells a root from others; subclasses that share an attribute are one place."""
    if root.facts is CLASS_ATTRIBUTE:
        return full_type_name(family(class_of_root(root)))
    return root.identity or root.label


def make_of(steps: Sequence[Step]) -> str:
    """The place in any object of the same make: the class with the attributes below it."""
    named = [i for i, step in enumerate(steps) if not is_anonymous(step)]
    holder = steps[named[-1]].holder if named else None
    if holder is None or is_class(holder) or is_of_the_standard_library(holder):
        return ""
    names = "".join(general_name(step) for step in steps[named[-1] :])
    return full_type_name(family(type(holder))) + names


def module_of(root: HeapRoot, steps: Sequence[Step], cut: int, survivor: object) -> str:
    """Whose code holds it: the nearest holder's that is no container, or the root's.

    In a table that all share it is who has put it there: the first behind the cut that is not the
    standard library's.
    """
    above = (it.holder for it in reversed(steps[: cut + 1]) if it.holder is not None)
    home = next(filter(None, map(module_told_by, above)), home_of_root(root))
    if home and not is_standard_module(home):
        return home
    behind = (*(step.holder for step in steps[cut + 1 :]), survivor)
    return next(filter(None, map(module_told_by, behind)), home)


def module_told_by(found: object) -> str:
    """The module that an object tells it is of; empty for containers, which are anybody's."""
    home = home_of(found)
    if is_standard_module(home):
        return ""
    own = is_class(found) or is_exactly(found, FUNCTIONS)
    return home if own or not is_plumbing(type(found)) else ""


def home_of_root(root: HeapRoot) -> str:
    """The module whose variable, or whose class's attribute, a root is."""
    if root.facts is CLASS_ATTRIBUTE:
        cls = class_of_root(root)
        return module_name(cls) if is_class(cls) else ""
    return root.home or (root.label if root.facts.is_dotted else "")


def class_of_root(root: HeapRoot) -> Any:
    """The class whose attribute a root is: its dict is the target, or it is that itself."""
    return root.target if root.alias is None else root.alias


def family(cls: Any) -> type:
    """The furthest base of a class that is of the same package."""
    package = module_name(cls).partition(".")[0]
    return [it for it in mro(cls) if module_name(it).partition(".")[0] == package][-1]


def is_anonymous(step: Step) -> bool:
    """Whether the reference says nothing about where it is: `[*]`, `.__self__`."""
    name = step.named.signature_part
    return not name.startswith(".") or name.startswith((".__", ".<"))


def general_name(step: Step) -> str:
    """The name of a reference without keys."""
    name = step.named.signature_part
    return ENTRY_NAMES.get(name, name)


def is_the_programs(root: HeapRoot, steps: Sequence[Step], cut: int) -> bool:
    """Whether a place belongs to one program or library, and is no table that all of them share.

    What asyncio has scheduled, or atexit is to call, comes from everywhere: there the place does
    not say which mistake it was.
    """
    if root.facts.is_dotted and not is_standard_module(root.label):
        return True
    holders = [step.holder for step in steps[: cut + 1] if step.holder is not None]
    if not all(is_of_the_standard_library(holder) for holder in holders):
        return True
    return not root.facts.is_dotted and (root.facts.is_expression or root.facts.is_holder)


def name_behind(steps: Sequence[Step], cut: int, survivor: object) -> str:
    """Whose entry it is: the first object behind the cut that is not the standard library's.

    Of a function its name, of all else the module: key and value of an entry are of one.
    """
    behind = [step.holder for step in steps[cut + 1 :]] + [survivor]
    # What nobody can see is told apart by what it holds.
    name = name_of if steps and cut >= 0 else full_name_of
    names = (name(found) for found in behind if not is_of_the_standard_library(found))
    return next(names, "" if is_plumbing(type(survivor)) else full_type_name(type(survivor)))


def is_of_the_standard_library(found: object) -> bool:
    """Whether an object is of a type, or runs a function, of the standard library."""
    return is_standard_module(home_of(found))


def home_of(found: Any) -> str:
    """The module of a function, of a class, or of the type of any other object."""
    if type(found) is MethodType:
        found = function_of(found)
    if type(found) is FunctionType:
        return own_text(found, "__module__")
    if (variables := globals_behind(found)) is not None:
        return text(entry(variables, "__name__")) or ""
    return module_name(found if is_class(found) else type(found))


def full_name_of(found: Any) -> str:
    """A function or a class by its own name, any other object by its type's."""
    if is_class(found):
        return full_type_name(found)
    return name_of(found) if is_exactly(found, FUNCTIONS) else full_type_name(type(found))


def globals_behind(found: Any) -> dict[str, object] | None:
    """The globals of the function that a task or a coroutine runs; None of anything else."""
    near = get_referents(found) if is_task(found) else [found]
    coroutines = [it for it in near if type(it) is CoroutineType]
    frame = own_field(coroutines[0], "cr_frame") if coroutines else None
    return None if frame is None else globals_of(frame)


def name_of(found: Any) -> str:
    """A function by its own name, of any other object the module of its class."""
    if type(found) is MethodType:
        found = function_of(found)
    if type(found) is FunctionType:
        return f"{home_of(found)}.{own_text(found, '__qualname__')}"
    return home_of(found)
