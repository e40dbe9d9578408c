"""Held where Python cannot see, or by nobody but the circle itself."""

from leakwatch.diagnosis.patterns.rules import (
    Mistake,
    is_cycle_with_finalizer,
    is_kept_by_a_native_owner,
    is_kept_for_exit,
)
from leakwatch.model import Pattern, State
from leakwatch.model.leaks import HELD_INSIDE

FINALIZED_CYCLE = Mistake(
    Pattern(
        "LW124",
        "reference cycle with a finalizer",
        "The objects refer to each other in a circle, so `__del__` runs only when the cycle "
        "collector comes by, on whichever thread that is, and may revive them.",
        "break the circle with a weak reference, and clean up by `weakrefs.finalize` or a "
        "`close()` instead of `__del__`",
        before="""\
import gc

gc.disable()


class Node:
    def __init__(self):
        self.leaf = Leaf(self)

    def __del__(self):
        pass


class Leaf:
    def __init__(self, node):
        self.node = node


def work():
    Node()
""",
        after="""\
import gc

import weakrefs

gc.disable()


class Node:
    def __init__(self):
        self.leaf = Leaf(self)


class Leaf:
    def __init__(self, node):
        self.node = weakrefs.ref(node)


def work():
    Node()
""",
    ),
    is_cycle_with_finalizer,
    signs=(State.FINALIZER,),
)

CYCLE = Mistake(
    Pattern(
        "LW118",
        "reference cycle",
        "The objects refer to each other in a circle, so only the cycle collector frees them.",
        "break the circle with a weak reference: `weakrefs.ref(owner)`",
        before="""\
import gc

gc.disable()


class Order:
    def __init__(self):
        self.line = Line(self)


class Line:
    def __init__(self, order):
        self.order = order


def work():
    Order()
""",
        after="""\
import gc

import weakrefs

gc.disable()


class Order:
    def __init__(self):
        self.line = Line(self)


class Line:
    def __init__(self, order):
        self.order = weakrefs.ref(order)


def work():
    Order()
""",
    ),
    lambda path: path.root.facts.is_garbage,
    signs=("LW118",),
)

AT_EXIT = Mistake(
    Pattern(
        "LW119",
        "callback registered with atexit",
        "atexit keeps a callback with its arguments until the process ends, and a bound method "
        "keeps its object. Before CPython 3.14 the callbacks can only be counted: their number "
        "has grown meanwhile.",
        "call `atexit.unregister` when the object is closed, or register one function for all "
        "objects, which finds those still open in a `weakrefs.WeakSet`",
        before="""\
import atexit


class Journal:
    def __init__(self):
        atexit.register(self.flush)

    def flush(self):
        pass

    def close(self):
        self.flush()


def work():
    Journal().close()
""",
        after="""\
import atexit


class Journal:
    def __init__(self):
        atexit.register(self.flush)

    def flush(self):
        pass

    def close(self):
        atexit.unregister(self.flush)
        self.flush()


def work():
    Journal().close()
""",
    ),
    is_kept_for_exit,
    signs=("LW119", State.REGISTERED_MEANWHILE),
)

OWNER = Mistake(
    Pattern(
        "LW131",
        "kept by an object of an extension",
        "An object of an extension keeps it, as a parent keeps its children or a container its "
        "items.",
        "take it out of its owner when it is done, by the call that the extension has for that "
        "(remove, close, destroy, no parent any more)",
        before="""\
from xml.etree.ElementTree import Element

DOCUMENT = Element("document")


def work():
    DOCUMENT.append(Element("note"))
""",
        after="""\
from xml.etree.ElementTree import Element

DOCUMENT = Element("document")


def work():
    note = Element("note")
    DOCUMENT.append(note)
    DOCUMENT.remove(note)
""",
    ),
    is_kept_by_a_native_owner,
    signs=(HELD_INSIDE,),
)

NATIVE = Mistake(
    Pattern(
        "LW117",
        "held by native code",
        "No Python object refers to it, but its reference count shows a holder: C code, or "
        "an expression that is still being evaluated.",
        "release what was registered with an extension, such as a holder that is named above; "
        "where nothing was, C code has counted a reference too many: upgrade the extension, or "
        "report it",
        before="""\
import sqlite3

DATABASE = sqlite3.connect(":memory:")


class Tax:
    def rate(self):
        return 19


def work():
    DATABASE.create_function("rate", 0, Tax().rate)
""",
        after="""\
import sqlite3

DATABASE = sqlite3.connect(":memory:")


class Tax:
    def rate(self):
        return 19


def work():
    DATABASE.create_function("rate", 0, Tax().rate)
    DATABASE.create_function("rate", 0, None)
""",
    ),
    lambda path: path.root.facts.mistake == "LW117",
    signs=("LW117",),
)
