"""What is decided by a kind of root stands in its row, and nowhere else is a kind spelled out."""

import ast
from pathlib import Path

from leakwatch.extending import HeapRoot, RootKind, Wave
from leakwatch.heap.roots.providers import PROVIDERS
from leakwatch.heap.roots.root import RootQuery
from leakwatch.model import Root, root_kinds
from leakwatch.model.root_kinds import KINDS, MODULE_GLOBAL, root_kind
from tests.heaps import run_python

ROOT = Path(__file__).parents[3]
TABLE = ROOT / "leakwatch" / "model" / "root_kinds.py"
SOURCES = [
    path
    for folder in ("leakwatch", "plugins")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != TABLE
]


def relative(path):
    return path.relative_to(ROOT).as_posix()


def texts_of(tree):
    """The texts in a source, but for the kind that a plugin gives to a root of its own."""
    given = {
        id(node.args[0])
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Root", "HeapRoot"}
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in given:
            yield node.value, node.lineno


def test_every_root_of_a_provider_has_a_kind_of_the_table():
    query = RootQuery()
    kinds = {root.kind for provider in PROVIDERS for root in provider(query)}
    assert kinds <= set(KINDS.values())
    assert len(kinds) > 5


def test_every_root_that_is_made_names_a_row_of_the_table():
    rows = {name for name, value in vars(root_kinds).items() if type(value) is RootKind}
    made = {
        ast.unparse(node.args[0])
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "HeapRoot"
    }
    # What a function gives, copies, what a file says, a plugin's own row, a start that is no root.
    others = {"name.kind", "kind", "self.kind", "source.kind", "root_kind(row.kind)", "KEPT", "''"}
    assert made - rows == others


def test_no_kind_is_spelled_out_beside_the_table():
    found = [
        (relative(path), line, text)
        for path in SOURCES
        for text, line in texts_of(ast.parse(path.read_text(encoding="utf-8")))
        if text in KINDS
    ]
    # A part of the process's memory has the name of a kind.
    assert [it for it in found if it[::2] != ("plugins/leakwatch_memory/split.py", OWN)] == []


OWN = "leakwatch itself"


def test_the_names_of_the_kinds_differ():
    assert len(KINDS) == sum(type(value) is RootKind for value in vars(root_kinds).values())


def test_a_kind_that_nobody_knows_has_the_defaults():
    root = HeapRoot("SQL function", "rate", [])
    assert root.facts.name == Root("SQL function", "rate").facts.name == "SQL function"
    assert (root.facts.lasts, root.facts.is_counted, root.wave) == ("", True, Wave.PROGRAM)


def test_a_kind_in_words_has_the_facts_of_its_row():
    assert Root("module global", "shop").facts is MODULE_GLOBAL
    assert HeapRoot("module global", "shop", {}).facts is MODULE_GLOBAL
    assert root_kind("thread-local").wave is HeapRoot("thread-local", "", {}).wave is Wave.ODD


PLUGIN = """
import sqlite3, weakref
import leakwatch
from leakwatch.extending import HeapRoot, RootKind
from leakwatch.session import plugins

DATABASE = sqlite3.connect(":memory:")
REGISTERED = []

class Tax:
    def rate(self):
        return 19

class OfSql:
    kind = "SQL function"
    @leakwatch.hookimpl
    def leakwatch_root_providers(self):
        return [self.roots]
    def roots(self, query):
        for it in REGISTERED:
            yield HeapRoot(self.kind, "rate", it(), ".rate", "sqlite3.Connection")

def work():
    rate = leakwatch.track(Tax()).rate
    DATABASE.create_function("rate", 0, rate)
    REGISTERED[:] = [weakref.WeakMethod(rate)]

plugin = OfSql()
plugins().register(plugin, "of_sql")
for plugin.kind in ("SQL function", RootKind("SQL function", lasts="the connection is open")):
    with leakwatch.scope("taxes") as scope:
        work()
    path = scope.report.leaks[0].path
    print(path.root, path.references[0].verdict, path.references[0].reason, sep="|")
"""


def test_a_plugin_may_give_a_kind_of_its_own():
    assert run_python("-c", PLUGIN).splitlines() == [
        "SQL function rate|UNKNOWN|",
        "SQL function rate|NOT_LEAKING|the connection is open",
    ]
