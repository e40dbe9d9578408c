"""Caches and collections that keep what is put into them."""

from leakwatch.diagnosis.patterns.rules import (
    Mistake,
    is_cache,
    is_growing,
    is_recorded_by_mock,
    is_resource,
    is_weak_value_with_its_key,
)
from leakwatch.model import Pattern

CACHED_METHOD = Mistake(
    Pattern(
        "LW102",
        "cache on a method or on live arguments",
        "functools.lru_cache keeps every argument it was called with, `self` included.",
        "cache on the object itself: `weakrefs.weak_cached_method` for a method, "
        "`weakrefs.weak_lru_cache` for a function of live arguments, "
        "`functools.cached_property` for a value without arguments",
    ),
    is_cache,
    before="""\
from functools import cache


class Report:
    @cache
    def total(self, digits):
        return round(1.234, digits)


def work():
    Report().total(2)
""",
    after="""\
from weakrefs import weak_cached_method


class Report:
    @weak_cached_method
    def total(self, digits):
        return round(1.234, digits)


def work():
    Report().total(2)
""",
)

WEAK_VALUE = Mistake(
    Pattern(
        "LW122",
        "weak mapping whose value reaches its key",
        "A WeakKeyDictionary refers to its values strongly, so a value that leads back to its "
        "key keeps its own entry.",
        "use `weakrefs.EphemeronDictionary`, whose values live by their keys, "
        "or let the value refer to the key through `weakrefs.ref`",
    ),
    is_weak_value_with_its_key,
    before="""\
from weakref import WeakKeyDictionary

EDITORS = WeakKeyDictionary()


class Document:
    pass


class Editor:
    def __init__(self, document):
        self.document = document


def work():
    document = Document()
    EDITORS[document] = Editor(document)
""",
    after="""\
from weakrefs import EphemeronDictionary

EDITORS = EphemeronDictionary()


class Document:
    pass


class Editor:
    def __init__(self, document):
        self.document = document


def work():
    document = Document()
    EDITORS[document] = Editor(document)
""",
)

MOCK = Mistake(
    Pattern(
        "LW123",
        "mock that recorded the object",
        "A mock keeps the arguments of every call, and its parents keep them as well.",
        "make the mock in the test that needs it, call `mock.reset_mock()` at its end, "
        "or put a plain function in its place",
    ),
    is_recorded_by_mock,
    before="""\
from unittest.mock import Mock

send = Mock()


class Message:
    pass


def work():
    send(Message())
""",
    after="""\
from unittest.mock import Mock


class Message:
    pass


def work():
    send = Mock()
    send(Message())
""",
)

GROWING = Mistake(
    Pattern(
        "LW101",
        "container that only grows",
        "A container that lives as long as the program keeps all that is put into it.",
        "remove the entry when the object is done, bound the container, or use a weak one "
        "(`weakrefs.WeakValueDictionary`, `weakrefs.WeakSet`)",
    ),
    is_growing,
    before="""\
SESSIONS = {}


class Session:
    pass


def work():
    session = Session()
    SESSIONS[id(session)] = session
""",
    after="""\
from weakrefs import WeakValueDictionary

SESSIONS = WeakValueDictionary()


class Session:
    pass


def work():
    session = Session()
    SESSIONS[id(session)] = session
""",
)

RESOURCE = Mistake(
    Pattern(
        "LW125",
        "resource never closed",
        "What was opened and is kept holds its descriptor, threads or buffers as well.",
        "open it in a `with` block, or close it where its owner is closed",
    ),
    is_resource,
    before="""\
import socket

CONNECTIONS = []


def work():
    connection = socket.socket()
    CONNECTIONS.append(connection)
""",
    after="""\
import socket

CONNECTIONS = []


def work():
    with socket.socket() as connection:
        CONNECTIONS.append(connection)
        CONNECTIONS.remove(connection)
""",
)
