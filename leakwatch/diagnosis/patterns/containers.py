"""Caches and collections that keep what is put into them."""

from leakwatch.diagnosis.patterns.mistake import Mistake, ends_in_entry, has_name, passes
from leakwatch.model import HolderKind, Pattern, RetentionPath, State


def is_cache(path: RetentionPath) -> bool:
    """An `lru_cache` is on the path: one of functions, or one that an object made of its method."""
    return has_name(path, "<cached argument", "<cached result>") or any(
        reference.name == ".__wrapped__" and reference.holder_kind == HolderKind.CACHE
        for reference in path.references
    )


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


def is_weak_value_with_its_key(path: RetentionPath) -> bool:
    """A weak mapping holds the survivor by a value: its keys are weak, its values are not."""
    return passes(path, *WEAK_KEYS) and has_name(path, "ReferenceType", "weakref", "KeyedRef")


WEAK_KEYS = ("weakref.WeakKeyDictionary", "weakrefs.key_dictionary.WeakKeyDictionary")

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


def is_recorded_by_mock(path: RetentionPath) -> bool:
    """A mock keeps the arguments of every call, its children's calls included."""
    return has_name(path, "._mock_call_args", "._mock_mock_calls", "._mock_method_calls")


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


def is_growing(path: RetentionPath) -> bool:
    """An entry of a container holds the survivor, or `sys.modules` does."""
    return ends_in_entry(path) or path.root.facts.mistake == "LW101"


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


def is_resource(path: RetentionPath) -> bool:
    """The survivor is a file, socket, pool or the like that was never closed."""
    return path.target_state == State.OPEN and bool(path.references)


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
