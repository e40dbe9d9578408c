"""The reference to cut is chosen once, and all that hangs on it is one leak with one signature."""

import subprocess
import sys

import pytest

import leakwatch
from tests.heaps import report_on, run_python


def only_leak(lines):
    (leak,) = report_on(lines).leaks
    return leak


FAILED = """
class Shop: pass
SHOP = Shop()
def fail(by):
    by['session'] = Session()
    raise ValueError
try: fail({})
except ValueError as error: SHOP.error = error
"""
CUTS = {
    "an entry of a registry": ("HELD = {'u42': Session()}", "['u42']", "app.HELD[*]"),
    "an entry of a list that has more than the registry": (
        "HELD = {'checkout': [Session() for _ in range(9)]}",
        "[8]",
        "app.HELD[*]",
    ),
    "the whole record where the registry has more": (
        "HELD = {n: [Session(), n] for n in range(9)}",
        "[0]",
        "app.HELD[*]",
    ),
    "no index of a tuple": ("HELD = {'u42': (1, Session())}", "['u42']", "app.HELD[*]"),
    "an attribute of the program's object": (
        "class Shop: pass\nSHOP = Shop()\nSHOP.current = Session()",
        ".current",
        "app.SHOP.current",
    ),
    "a key": ("HELD = {Session(): 1}", ".<key>", "app.HELD[*]"),
    "before what a failed function has captured": (
        FAILED,
        ".error",
        "app.SHOP.error",
    ),
}


@pytest.mark.parametrize("case", CUTS)
def test_the_reference_to_cut_is(case):
    lines, reference, cause = CUTS[case]
    leak = only_leak(lines)
    assert leak.path.cut.name == reference
    assert str(leak.cause) == cause
    assert sum(it.cut for it in leak.path.references) == 1


def test_the_entry_of_a_record_is_not_an_index_of_it():
    leak = only_leak("HELD = {'u%d' % n: [n, Session()] for n in range(9)}")
    assert leak.path.expression == "app.HELD['u0'][1]"
    assert leak.path.cut.name == "['u0']"


TOGETHER = {
    "key and value of an entry": "HELD = {Session(): Session()}",
    "the members of a tuple": "HELD = [(Session(), Other())]",
    "objects of several types": "HELD = [Session(), Other()]",
    "what a survivor holds": "HELD = [Session()]\nHELD[0].other = Other()",
    "what two keys of a cache hold": "HELD = {'a': Session(), 'b': [Other()]}",
}


@pytest.mark.parametrize("case", TOGETHER)
def test_all_that_hangs_on_one_reference_is_one_leak(case):
    leak = only_leak(f"class Other(Session): pass\n{TOGETHER[case]}")
    assert leak.survivors == sum(it.count for it in leak.types) == 2


def test_the_types_have_their_share_of_what_is_retained():
    leak = only_leak(
        "class Other(Session): pass\nHELD = [Session(), Other()]\nHELD[1].data = [0] * 99"
    )
    assert leak.retained_bytes == sum(it.retained_bytes for it in leak.types)
    assert leak.types[0].type_name == leak.type_name


def test_a_name_of_a_logger_has_no_part_in_the_signature():
    lines = """
import logging
for name in ("AppA", "AppB"):
    logging.getLogger(name).handlers = [logging.StreamHandler()]
    logging.getLogger(name).handlers[0].session = Session()
"""
    assert only_leak(lines).survivors == 2


def test_classes_that_share_an_attribute_are_one_place():
    lines = """
class Base: pass
class A(Base): pass
class B(Base): pass
A.kept, B.kept = Session(), Session()
"""
    assert str(only_leak(lines).cause) == "app.Base.kept"


TREE = """
class Metric:
    def __init__(self): self.children = {}
REQUESTS = Metric()
for number in range(300): REQUESTS.children["GET", f"/users/{number}"] = Metric()
"""


def test_of_a_variable_with_a_tree_the_children_are_to_be_cut(tmp_path):
    (tmp_path / "shop.py").write_text(TREE, encoding="utf-8")
    command = [sys.executable, "-m", "leakwatch", "run", str(tmp_path / "shop.py")]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    assert "__main__.REQUESTS.children[('GET', '/users/" in printed
    assert "cut    [('GET', '/users/" in printed


def test_what_is_kept_in_a_table_that_all_share_is_told_by_whose_it_is():
    lines = """
import asyncio, leakwatch
class Connection:
    def ping(self): pass
class Timer:
    def tick(self): pass
async def work():
    loop = asyncio.get_running_loop()
    loop.call_later(3600, Connection().ping)
    loop.call_later(3600, Timer().tick)
print(sorted(leak.type_name for leak in leakwatch.hunt(work, runs=4).leaks))
"""
    assert run_python("-c", lines).strip() == "['__main__.Connection', '__main__.Timer']"


def test_cause_and_signature_are_the_same_in_a_scope_and_in_a_hunt():
    def work():
        HANDLERS.setdefault("checkout", []).append(Handler())

    with leakwatch.scope("work", types=[Handler]) as scope:
        for _ in range(9):
            work()
    (found,) = scope.report.leaks
    HANDLERS.clear()
    (hunted,) = leakwatch.hunt(work).leaks
    assert (found.cause, found.signature) == (hunted.cause, hunted.signature)


HANDLERS = {}


class Handler: ...


@pytest.fixture(autouse=True)
def _empty():
    yield
    HANDLERS.clear()
