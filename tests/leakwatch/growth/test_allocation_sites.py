"""A hunt tells the line that created what stays: one more run, with tracemalloc on."""

import json

import pytest

from tests.heaps import run_python

HUNTS = """
import json, sys, textwrap, tracemalloc
import leakwatch, leakwatch.growth.rounds

leakwatch.growth.rounds.SECONDS = 0  # one round of runs is enough where every run leaks
KEPT, TEXTS, WRAPPERS, GONE = [], [], [], []

class Cart:
    def __init__(self): self.lines = []

def new_cart():
    return Cart()  # instance
def instance(): KEPT.append(new_cart())
def text(): TEXTS.append("cart " * 3 + str(len(TEXTS)))  # text
def library(): WRAPPERS.append(textwrap.TextWrapper())  # library
def nothing(): GONE[:] = [Cart()]

calls, traced = [], []
def counted():
    traced.append(tracemalloc.is_tracing())
    instance()

def born(work):
    leaks = leakwatch.hunt(work, runs=4, warmup=1).leaks
    return [[leak.born.line, leak.born.function] for leak in leaks]

found = {work.__name__: born(work) for work in (instance, text, library, nothing)}
leakwatch.hunt(counted, runs=4, warmup=1)
found["traced"] = traced
found["left on"] = tracemalloc.is_tracing()
tracemalloc.start()
born(instance)
found["kept on"] = tracemalloc.is_tracing()
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    script = tmp_path_factory.mktemp("hunts") / "hunts.py"
    script.write_text(HUNTS, encoding="utf-8")
    return json.loads(run_python(str(script)))


def line_of(mark):
    return next(i for i, line in enumerate(HUNTS.splitlines(), 1) if line.endswith(f"# {mark}"))


@pytest.mark.parametrize(
    ("work", "function"), [("instance", "new_cart"), ("text", "text"), ("library", "library")]
)
def test_the_innermost_line_of_the_program_is_told(found, work, function):
    assert found[work] == [[line_of(work), function]]


def test_only_work_that_leaves_something_behind_is_listened_to_and_only_once(found):
    assert found["nothing"] == []
    assert found["traced"].count(True) == 1
    assert found["traced"][-1]


def test_tracemalloc_is_left_as_it_was(found):
    assert not found["left on"]
    assert found["kept on"]
