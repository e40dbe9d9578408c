"""What only pytest keeps: on its items, nodes, fixtures, reports and kept exceptions.

It goes when pytest lets go of it, at the end of the scope or of the session, and no change
to the program would free it earlier. So it is named and fails nothing.
"""

from leakwatch.model import RetentionPath
from pytest_leakwatch.selection import FirstParty

PYTEST = ("_pytest", "pytest", "xdist", "pluggy")
EXCEPTIONS = frozenset({"last exception", "handled exception"})
"""Roots that belong to a failed test, or to pytest's own handling of it."""
PLANTED = frozenset({".__loader__", ".__spec__"})
"""Globals of a module that the import system sets: pytest's own loader knows the session."""
NAMESPACES = frozenset({"module global", "class attribute"})


def kept_by_pytest(path: RetentionPath, ours: FirstParty) -> bool:
    """Whether the path leads through an object of pytest, and the project is not to blame.

    A registry of the project that holds a pytest object is the project's own doing.
    """
    if path.root.kind in EXCEPTIONS:
        return True
    if path.root.kind in NAMESPACES and _belongs(path.root.label, ours):
        return path.references[0].name in PLANTED
    return any(_is_of_pytest(reference.holder_type) for reference in path.references)


def kept_by_its_class(path: RetentionPath, home: str) -> bool:
    """Whether the setup of a test class or module put this into one of its own variables.

    `setup_class` and `setUpClass` do so by habit: the class is there until the end anyway.

    Args:
        path: how the object is held.
        home: name of the class or module; empty for the setup of something else.
    """
    if not home or path.root.kind not in NAMESPACES or path.root.label != home:
        return False
    return path.root.kind == "class attribute" or len(path.references) == 1


def _is_of_pytest(type_name: str) -> bool:
    return type_name.partition(".")[0] in PYTEST


def _belongs(label: str, ours: FirstParty) -> bool:
    """Whether a dotted name starts with a module of the project."""
    return any(module in ours for module in prefixes(label))


def prefixes(label: str) -> list[str]:
    """`a.b.C` gives `a.b.C`, `a.b` and `a`."""
    parts = label.split(".")
    return [".".join(parts[:end]) for end in range(len(parts), 0, -1)]
