"""What only pytest keeps: on its items, nodes, fixtures, reports and kept exceptions.

It goes when pytest lets go of it, at the end of the scope or of the session, and no change
to the program would free it earlier. So it is named and fails nothing.
"""

from leakwatch.integration import OwnCode, is_bounded
from leakwatch.model import Leak, RetentionPath
from leakwatch.model.root_kinds import CLASS_ATTRIBUTE

PYTEST = ("_pytest", "pytest", "xdist", "pluggy")
ABC = "_abc._abc_data"
PLANTED = frozenset({".__loader__", ".__spec__"})
"""Globals of a module that the import system sets: pytest's own loader knows the session."""


def kept_by_pytest(path: RetentionPath, own_code: OwnCode) -> bool:
    """Whether the path leads through an object of pytest, and the project is not to blame.

    A registry of the project that holds a pytest object is the project's own doing.
    """
    if path.root.facts.of_a_failure:
        return True
    if path.root.facts.is_dotted and any(map(own_code.owns, prefixes(path.root.label))):
        return bool(path.references) and path.references[0].name in PLANTED
    return any(it.holder_type.partition(".")[0] in PYTEST for it in path.references)


def kept_by_abc(path: RetentionPath) -> bool:
    """Whether an abstract class keeps this to remember what `isinstance` answered."""
    return any(reference.holder_type == ABC for reference in path.references)


def kept_once(leak: Leak) -> bool:
    """Whether it is the one value that a module computes when it is first asked for.

    A cached function without arguments, or a `cached_property` of an object that a module
    names, has room for one value, which whoever came first has made.
    """
    path = leak.path
    if leak.count != 1 or not path.root.facts.is_dotted or len(path.references) != 2:
        return False
    return any(reference.bounded for reference in path.references)


def cannot_grow(leak: Leak, count: int) -> bool:
    """Whether a test has left one object of a leak, in a place that has room for one.

    Where there are several behind one variable, they may be a chain that grows; of an attribute
    that classes share each has its own.

    Args:
        leak: with the objects of all tests.
        count: how many the test has left.
    """
    alone = leak.count == 1 or leak.path.root.facts is CLASS_ATTRIBUTE
    return count == 1 and alone and is_bounded(leak.path)


def variable(path: RetentionPath) -> str:
    """The variable of a class or module that a path starts with; empty for other roots."""
    if not path.root.facts.is_dotted or not path.references:
        return ""
    return path.root.label + path.references[0].name


def prefixes(label: str) -> list[str]:
    """`a.b.C` gives `a.b.C`, `a.b` and `a`."""
    parts = label.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
