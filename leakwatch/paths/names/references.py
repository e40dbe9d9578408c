"""From the objects of a path to references with names."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from leakwatch.heap.fields import mro, own_field
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.heap.tasks import NOTED, wakers
from leakwatch.model.leaks import HELD_INSIDE
from leakwatch.model.root_kinds import HolderKind
from leakwatch.paths.names import containers, objects
from leakwatch.paths.names.containers import name_queue
from leakwatch.paths.names.lookup import ABSENT, name_in
from leakwatch.paths.names.name import Named, Namer, described, holder_name
from leakwatch.paths.names.objects import name_instance, name_task, named_attribute


def name_by_type(path: Sequence[object]) -> Named | None:
    """The reference from a builtin type, or from an instance of a class derived from one."""
    for base in mro(type(path[0])):
        namer = BY_TYPE.get(id(base))
        if namer is not None and (named := namer(path)) is not None:
            return named
    return None


BY_TYPE = {**objects.BY_TYPE, **containers.BY_TYPE}
NAMERS: tuple[Namer, ...] = (name_task, name_by_type, name_queue, name_instance)
"""The general rules last: a list's subclass is first a list, then an instance."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Step:
    """One named reference, with the live holder for the inspectors.

    Attributes:
        holder: the object that holds the reference; None for a root that is no object.
        holder_type: `module.qualname` to print for it.
        named: the reference's name.
        holder_kind: what sort of object the holder is.
    """

    holder: object
    holder_type: str
    named: Named
    holder_kind: HolderKind = HolderKind.INSTANCE


def name_path(
    root: HeapRoot, objects: Sequence[object], namers: Sequence[Namer] = NAMERS
) -> list[Step]:
    """Name every reference from a root to the last of the objects.

    Args:
        root: the root that holds the first object.
        objects: the objects of the path in order, the survivor last.
        namers: how references are named, the first answer counts.

    Returns:
        The steps; what belongs together (`instance.__dict__['x']`) is one step.
    """
    objects = with_callbacks(objects) if NOTED else objects
    steps = []
    if root.name:
        steps.append(Step(None, root.holder_type, Named(root.name), root.facts.holder))
    position = 0
    if root.is_namespace:
        position, first = _namespace_step(root, objects)
        steps += first
    while position < len(objects) - 1:
        named = name_reference(objects[position:], namers)
        holder = objects[position]
        kind, holder_type = described(holder)
        steps.append(Step(holder, holder_type, named, kind))
        position += min(named.hops, len(objects) - 1 - position)
    return [step for step in steps if step.named.name]


def with_callbacks(objects: Sequence[object]) -> list[object]:
    """The objects of a path, and between a future and the task that it is to wake the callback.

    Where a future notes who awaits it, it refers to that as well; what holds the task, and can be
    taken back, is the callback, on every version.
    """
    found: list[object] = []
    for holder, held in pairwise(objects):
        found += [holder, *(it for it in wakers(holder) if own_field(it, "__self__") is held)]
    return [*found, *objects[-1:]]


def _namespace_step(root: HeapRoot, objects: Sequence[object]) -> tuple[int, list[Step]]:
    """The first step out of a namespace, whose dict is the root's target."""
    if len(objects) < 2:
        return 0, []
    name = name_in(root.target, objects[1])
    named = Named(".__dict__") if name is ABSENT else named_attribute(name)
    return 1, [Step(None, root.holder_type, named, root.facts.holder)]


def name_reference(path: Sequence[object], namers: Sequence[Namer] = NAMERS) -> Named:
    """The name of the reference from the first object towards the second."""
    for namer in namers:
        named = namer(path)
        if named is not None:
            return named
    return Named(f"{HELD_INSIDE}{holder_name(path[0])}>")
