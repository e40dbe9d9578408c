"""Methods of a test class that are meant to tear down and are never called, for want of the name.

`def tear_down(self)` in a `unittest.TestCase` undoes nothing, so what `setUp` has registered stays.
"""

import pytest

from leakwatch.integration import class_name, class_namespace, module_name, mro

METHODS = {"teardown": "teardown_method", "teardownclass": "teardown_class"}
METHODS["teardownmethod"] = METHODS["teardown"]
OF_UNITTEST = {"teardown": "tearDown", "teardownclass": "tearDownClass"}
"""What is called after a test or a class, by its name without capitals and underscores."""

_known: dict[str, str] = {}


def uncalled_of(item: pytest.Item) -> str:
    """What is said of such a method of a test's class; empty without one."""
    if not isinstance(item.parent, pytest.Class):
        return ""
    name = item.parent.nodeid
    if name not in _known:
        cls = getattr(item, "cls", None)
        _known[name] = "" if cls is None else uncalled_in(cls)
    return _known[name]


def uncalled_in(cls: type) -> str:
    """The first method of a class that looks like a teardown and is none, in a sentence."""
    bases = mro(cls)
    # By name: nobody need have imported unittest.
    of_unittest = any(module_name(base) == "unittest.case" for base in bases)
    called = {**METHODS, **OF_UNITTEST} if of_unittest else METHODS
    for base in bases:
        for name in class_namespace(base):
            meant = called.get(name.lower().replace("_", ""))
            if meant is not None and name not in {meant, *METHODS.values()}:
                return f"{class_name(base)}.{name} is never called; {meant} is"
    return ""
