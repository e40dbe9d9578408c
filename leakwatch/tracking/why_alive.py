"""Why is it alive: what holds an object, or all instances of a class."""

from difflib import get_close_matches

from leakwatch.guest.collector import get_objects
from leakwatch.heap.objects import full_type_name, is_class, mro, qualified_name
from leakwatch.heap.provenance import asking_frame
from leakwatch.report import Report
from leakwatch.tracking.case import Case, Host
from leakwatch.tracking.window import suspended

CLOSE = 3
"""Names suggested for a type that has no instances."""


class Target:
    """What is asked about; holds an object for the time of the question only.

    A class of ours and no list, so that its reference is recognised as leakwatch's own.
    """

    __slots__ = ("_asked", "_kinds")

    def __init__(self, asked: object) -> None:
        self._asked = asked
        self._kinds: frozenset[int] = frozenset()

    def name(self) -> str:
        """How the report names the question."""
        asked = self._asked
        if type(asked) is str:
            return asked
        return full_type_name(asked) if is_class(asked) else full_type_name(type(asked))  # type: ignore[arg-type]

    def is_there(self) -> bool:
        """Whether there is an object that the question is about; to be asked first."""
        from leakwatch.heap.listing import listed_types

        if not self._is_of_a_class():
            return True
        # By id: a set of classes would ask a metaclass for `__hash__`.
        self._kinds = frozenset(id(cls) for cls in listed_types() if self._means(cls))
        return bool(self._kinds)

    def survivors(self) -> list[object]:
        """The living objects that the question is about; borrowed."""
        # Here, not above: whoever imports leakwatch may never ask, and needs no walk.
        from leakwatch.heap.listing import listed_of

        return listed_of(self._kinds) if self._is_of_a_class() else [self._asked]

    def _is_of_a_class(self) -> bool:
        return type(self._asked) is str or is_class(self._asked)

    def _means(self, cls: type) -> bool:
        """Whether the instances of a class are meant."""
        if type(self._asked) is str:
            return self._asked in (full_type_name(cls), qualified_name(cls))
        return any(base is self._asked for base in mro(cls))

    def nothing_found(self) -> str:
        """Why there is no answer, with names that are close."""
        none = "no instance of it is alive that the collector knows"
        objects = get_objects()
        # By id: a set of classes would ask a metaclass for `__hash__`.
        living = {id(cls): cls for cls in map(type, objects)}.values()
        if self.exists(objects):
            # What has its name and lives is of a class made twice, as by a reload.
            others = any(full_type_name(cls) == self.name() for cls in living)
            twin = "; another class of the same name has living instances" if others else ""
            return f"the class exists, but {none}{twin}"
        names = sorted({full_type_name(cls) for cls in living} - {self.name()})
        close = get_close_matches(self.name(), names, n=CLOSE)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        return f"{none}{hint}"

    def exists(self, objects: list[object]) -> bool:
        """Whether there is such a class, with or without instances."""
        asked = self._asked
        return is_class(asked) or any(
            asked in (full_type_name(found), qualified_name(found))  # type: ignore[arg-type]
            for found in objects
            if is_class(found)
        )


def explain(
    target: Target,
    host: Host,
    *,
    every_root: bool = False,
    exact_sizes: bool = False,
    analyse: str = "here",
) -> Report:
    """Answer the question; the leaks of the report are the ways in which the target is held.

    What only the variables of the caller hold is reported as *in use*.

    Args:
        target: what is asked about.
        host: the session.
        every_root: report every root that holds it, not only the first.
        exact_sizes: report what each of the objects alone retains.
        analyse: where to judge, see `leakwatch.forking.analysis`.
    """
    # Its figures are not of use: what grows while one asks is our own look at the heap.
    host.open(target.name())
    # Where a window is open, inside a scope or under pytest, the older heap is out of sight.
    with suspended():
        missing = None if target.is_there() else target.nothing_found()
    case = Case(
        name=target.name(),
        kind="why",
        survivors=None if missing else target.survivors,
        doom="asked about",
        every_root=every_root,
        exact_sizes=exact_sizes,
        analyse=analyse,
        asking=asking_frame(),
        not_judged=missing,
    )
    return host.conclude(case)
