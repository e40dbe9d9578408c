"""Caches and collections that keep what is put into them."""

from leakwatch.diagnosis.patterns.rules import (
    PICKLERS,
    Mistake,
    is_cache,
    is_growing,
    is_kept_as_a_key,
    is_keyed_by_values,
    is_memo_of_a_pickler,
    is_recorded_by_mock,
    is_resource,
    is_small_view,
    is_warning_on_record,
    is_weak_value_with_its_key,
)
from leakwatch.model import Pattern, State
from leakwatch.model.root_kinds import HolderKind

CACHED_METHOD = Mistake(
    Pattern(
        "LW102",
        "cache on a method or on live arguments",
        "The cache of a function keeps every argument it was called with, `self` included.",
        "cache on the object itself: `weakrefs.weak_cached_method` for a method, "
        "`weakrefs.weak_lru_cache` for a function of live arguments, "
        "`functools.cached_property` for a value without arguments",
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
    ),
    is_cache,
    signs=("<cached ", HolderKind.CACHE, State.WRAPPER),
)

WEAK_VALUE = Mistake(
    Pattern(
        "LW122",
        "weak mapping whose value reaches its key",
        "A WeakKeyDictionary refers to its values strongly, so a value that leads back to its "
        "key keeps its own entry.",
        "use `weakrefs.EphemeronDictionary`, whose values live by their keys, "
        "or let the value refer to the key through `weakrefs.ref`",
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
    ),
    is_weak_value_with_its_key,
    signs=(State.HOLDS_ITS_KEY,),
)

MOCK = Mistake(
    Pattern(
        "LW123",
        "mock that recorded the object",
        "A mock keeps the arguments of every call, and its parents keep them as well.",
        "make the mock in the test that needs it, call `mock.reset_mock()` at its end, "
        "or put a plain function in its place",
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
    ),
    is_recorded_by_mock,
    signs=("._mock_",),
)

GROWING = Mistake(
    Pattern(
        "LW101",
        "container that only grows",
        "A container that lives as long as the program keeps all that is put into it.",
        "remove the entry when the object is done, bound the container, or use a weak one "
        "(`weakrefs.WeakValueDictionary`, `weakrefs.WeakSet`)",
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
    ),
    is_growing,
)

KEY = Mistake(
    Pattern(
        "LW127",
        "mapping that only grows, by its keys",
        "A mapping keeps its keys as it keeps its values, for as long as the entry is there.",
        "remove the entry when the object is done, key it by something that does not leak (its id "
        "or name), or use a mapping with weak keys: `weakrefs.EphemeronDictionary`",
        before="""\
STARTED = {}


class Session:
    pass


def work():
    STARTED[Session()] = 1.5
""",
        after="""\
from weakrefs import EphemeronDictionary

STARTED = EphemeronDictionary()


class Session:
    pass


def work():
    STARTED[Session()] = 1.5
""",
    ),
    is_kept_as_a_key,
    signs=(".<key>",),
)

VALUES = Mistake(
    Pattern(
        "LW128",
        "one entry for each combination of values",
        "What is kept for each combination of values, such as the labels of a metric or a method "
        "with a path, grows with every value that comes along.",
        "key it by what has few values (the route and not the path, no ids), remove the entries "
        "that are not used any more, or bound the container",
        before="""\
import itertools

SERIES = {}
NUMBERS = itertools.count()


class Counter:
    pass


def work():
    path = f"/users/{next(NUMBERS)}"
    SERIES[("GET", path)] = Counter()
""",
        after="""\
SERIES = {}


class Counter:
    pass


def work():
    if ("GET", "/users/{id}") not in SERIES:
        SERIES["GET", "/users/{id}"] = Counter()
""",
    ),
    is_keyed_by_values,
    signs=("[(",),
)

WARNING = Mistake(
    Pattern(
        "LW129",
        "warning whose text varies",
        "A module notes each warning that it has shown by its text, so that it is shown once; a "
        "text with a number or an id in it is a new one each time.",
        "keep what varies out of the text, or choose a filter that notes nothing: "
        '`warnings.simplefilter("ignore")` or `"always"`',
        before="""\
import itertools
import warnings

NUMBERS = itertools.count()


def work():
    warnings.warn(f"user {next(NUMBERS)} has no address", stacklevel=1)
""",
        after="""\
import warnings


def work():
    warnings.warn("a user has no address", stacklevel=1)
""",
    ),
    is_warning_on_record,
    signs=(".__warningregistry__",),
)

MEMO = Mistake(
    Pattern(
        "LW130",
        "pickler that is used again and again",
        "A pickler keeps every object that it has pickled, to write each once only.",
        "call `pickler.clear_memo()` after each message, or make a pickler for each: "
        "`pickle.dumps`",
        before="""\
import io
import pickle


class Message:
    pass


PICKLER = pickle.Pickler(io.BytesIO())


def work():
    PICKLER.dump(Message())
""",
        after="""\
import io
import pickle


class Message:
    pass


PICKLER = pickle.Pickler(io.BytesIO())


def work():
    PICKLER.dump(Message())
    PICKLER.clear_memo()
""",
    ),
    is_memo_of_a_pickler,
    signs=(*PICKLERS,),
)

RESOURCE = Mistake(
    Pattern(
        "LW125",
        "resource never closed",
        "What was opened and is kept holds its descriptor, threads or buffers as well.",
        "open it in a `with` block, or close it where its owner is closed",
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
    ),
    is_resource,
    signs=(State.OPEN,),
)

SMALL_VIEW = Mistake(
    Pattern(
        "LW132",
        "small view of a large buffer",
        "A view, such as a memoryview or a slice of an array, keeps the whole buffer of which it "
        "shows a part, so little of it takes as much memory as all.",
        "keep a copy of the part (`bytes(view)`, `array.copy()`), and remove it when it is done",
        before="""\
HEADS = []


def received():
    return bytes(1_000_000)


def work():
    HEADS.append(memoryview(received())[:16])
""",
        after="""\
from collections import deque

HEADS = deque(maxlen=3)


def received():
    return bytes(1_000_000)


def work():
    HEADS.append(bytes(memoryview(received())[:16]))
""",
    ),
    is_small_view,
    signs=(State.SMALL_VIEW,),
)
