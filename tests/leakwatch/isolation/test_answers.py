"""What a hook answers is of the declared type, plain, and taken whole or not at all."""

import asyncio
import itertools
from collections import ChainMap, UserDict
from collections.abc import Sequence

import pytest

from leakwatch import extending, hookspecs
from leakwatch.command import Subcommand
from leakwatch.errors import PluginError
from leakwatch.extending import (
    HeapRoot,
    Inspector,
    Judgement,
    KnownLeak,
    Named,
    Namer,
    OfClass,
    Renderer,
    RootProvider,
    Size,
    Sizer,
    Verdict,
)
from leakwatch.isolation.answers import (
    LONGEST_TEXT,
    MOST_FAILURES,
    MOST_PARTS,
    Source,
    check_for,
    check_of,
)
from leakwatch.model import MemoryGrowth, MemoryPart, MemorySample

HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("leakwatch_"))
FAULTS: list[BaseException] = []


def note(plugin: str, hook: str, error: BaseException) -> str:
    FAULTS.append(error)
    return f"plugin {plugin!r} failed in {hook}"


SOURCE = Source("odd", "leakwatch_hook", note)


@pytest.fixture(autouse=True)
def _no_faults():
    yield
    FAULTS.clear()


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_declares_an_answer_that_can_be_checked(hook):
    assert callable(check_of(getattr(hookspecs, hook), extending))


class Loud(str):
    __slots__ = ()

    def __eq__(self, other):
        raise RuntimeError("compared")

    __hash__ = str.__hash__


class Number(int):
    def __add__(self, other):
        raise RuntimeError("added")


class Raising(UserDict):
    def __getitem__(self, key):
        raise asyncio.CancelledError


def endless():
    while True:
        yield None


WRONG = [
    (str, 5, "a text, got int"),
    (str, "x" * (LONGEST_TEXT + 1), "at most 10,000 characters"),
    (int, 1.0, "a whole number, got float"),
    (int, 10**400, "a whole number from"),
    (float, float("nan"), "a finite number"),
    (float, "1", "a number, got str"),
    (bool, 1, "True or False, got int"),
    (Verdict, "LEAKING", "a Verdict, got str"),
    (tuple[str, ...], "abc", "a list, got str"),
    (tuple[str, ...], 5, "a list, got int"),
    (tuple[str, ...], itertools.repeat("a"), f"at most {MOST_PARTS:,} parts"),
    (dict[str, int], [("rss", 1)], "numbers by name, got list"),
    (dict[str, int], {"rss": None}, "a whole number, got NoneType"),
    (dict[str, int], {1: 1}, "a text, got int"),
    (dict[str, int], {"rss": 2**63}, "a whole number from"),
    (None, "an answer", "nothing, got str"),
    (Inspector, 5, "a function, got int"),
    (KnownLeak, {"id": "x"}, "a KnownLeak, got dict"),
    (KnownLeak, KnownLeak("x", None), "KnownLeak.reason: expected a text, got NoneType"),
    (Renderer, Renderer("csv", ".csv", str), "Renderer.suffixes: expected a list, got str"),
    (OfClass[Size], len, "a OfClass, got builtin_function_or_method"),
    (OfClass[Size] | Sizer, 5, "a function, got int"),
    (OfClass[Size] | Sizer, OfClass("numpy", None, len), "OfClass.name: expected a text, got None"),
    (OfClass[Size] | Sizer, OfClass("numpy", "ndarray", 5), "OfClass.call: expected a function"),
    (
        MemoryGrowth,
        MemoryGrowth({}, {}, samples=(MemorySample(0.0, None, {"rss": "x"}),)),
        "MemoryGrowth.samples: MemorySample.figures: expected a whole number, got str",
    ),
]


@pytest.mark.parametrize(("wanted", "found", "said"), WRONG)
def test_an_answer_of_another_type_is_refused_and_says_what_was_expected(wanted, found, said):
    with pytest.raises((TypeError, ValueError), match=said):
        check_for(wanted)(found, SOURCE)


def test_a_mapping_that_raises_raises_where_it_is_checked():
    with pytest.raises(asyncio.CancelledError):
        check_for(dict[str, int])(Raising(rss=1), SOURCE)


def test_what_passes_is_plain():
    figures = check_for(dict[str, int])(ChainMap({Loud("rss"): Number(5)}), SOURCE)
    assert [(type(name), type(value)) for name, value in figures.items()] == [(str, int)]
    known = check_for(KnownLeak)(KnownLeak(Loud("x"), "y", references=["a"]), SOURCE)
    assert type(known.id) is str
    assert known == KnownLeak("x", "y", references=("a",))
    growth = MemoryGrowth({"rss": 1}, {"rss": 2}, parts=[MemoryPart("native heap", Number(1))])
    assert type(check_for(MemoryGrowth)(growth, SOURCE).parts[0].size) is int


def test_a_good_value_is_passed_on_as_it_is():
    known, figures = KnownLeak("x", "y"), {"rss": 1}
    assert check_for(KnownLeak)(known, SOURCE) is known
    assert check_for(dict[str, int])(figures, SOURCE) is figures


FUNCTIONS = [
    (
        Inspector,
        Judgement(Verdict.LEAKING, "closed"),
        [5, "abc", [None], Judgement("LEAKING")],
        None,
    ),
    (Namer, Named(".x"), [5, Named(".x", hops=0), Named(None)], None),
    (Sizer, 5, ["5", -1, 10**400, 1.5], None),
    (RootProvider, [HeapRoot("k", "l", [])], [5, "abc", [None], endless(), HeapRoot], ()),
]


@pytest.mark.parametrize(("kind", "good", "wrong", "missing"), FUNCTIONS)
def test_a_function_answers_what_is_declared_or_nothing(kind, good, wrong, missing):
    def offered(answer):
        return check_for(kind)(lambda _: answer, SOURCE)

    assert offered(good)([]) == good
    assert offered(None)([]) == missing
    assert FAULTS == []
    assert [offered(answer)([]) for answer in wrong] == [missing] * len(wrong)
    assert len(FAULTS) == len(wrong)


def test_the_function_of_a_class_answers_what_is_declared_for_it():
    def offered(kind, answer):
        return check_for(kind)(OfClass("shop", "Cart", lambda _: answer), SOURCE).call([])

    assert offered(OfClass[Size], 5) == offered(OfClass[Size] | Sizer, 5) == 5
    assert offered(OfClass[Size], [5]) is None
    assert offered(OfClass[Sequence[object]], ([5], None)) == [[5], None]
    assert offered(OfClass[Sequence[object]], 5) == ()
    assert len(FAULTS) == 2


def test_live_objects_in_a_list_may_be_any_number_and_are_not_looked_at_one_by_one():
    many, check = [None] * (MOST_PARTS + 1), check_for(Sequence[object])
    assert check(many, SOURCE) == many
    assert check(many, SOURCE) is not many
    with pytest.raises(ValueError, match="parts"):
        check(iter(many), SOURCE)


@pytest.mark.parametrize(
    "error",
    [SystemExit(7), asyncio.CancelledError(), GeneratorExit(), StopIteration(), ValueError()],
)
def test_a_function_that_raises_at_once_or_while_it_is_read_gives_nothing(error):
    def at_once(_):
        raise error

    def lazily(_):
        yield HeapRoot("k", "l", [])
        raise error

    assert check_for(Inspector)(at_once, SOURCE)([]) is None
    assert check_for(RootProvider)(lazily, SOURCE)([]) == ()
    assert len(FAULTS) == 2


def test_ctrl_c_in_a_function_is_the_users():
    def interrupted(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check_for(Inspector)(interrupted, SOURCE)([])
    assert FAULTS == []


def test_a_function_that_fails_again_and_again_is_asked_no_more():
    calls = []
    sizer = check_for(Sizer)(calls.append, SOURCE)
    for _ in range(MOST_FAILURES):
        sizer([])
    assert len(calls) == MOST_FAILURES
    broken = check_for(Sizer)(lambda _: calls.append(1) or "wrong", SOURCE)
    for _ in range(2 * MOST_FAILURES):
        broken([])
    assert len(calls) == 2 * MOST_FAILURES


def test_a_renderer_has_no_answer_to_go_on_with_so_its_failure_is_an_error_that_names_the_plugin():
    broken = check_for(Renderer)(Renderer("csv", (".csv",), lambda _: None), SOURCE)
    with pytest.raises(PluginError, match="plugin 'odd' failed in leakwatch_hook"):
        broken.render(None)
    long = "x" * (LONGEST_TEXT + 1)
    good = check_for(Renderer)(Renderer("csv", (".csv",), lambda _: long), SOURCE)
    assert good.render(None) == long


def test_a_command_ends_as_it_likes():
    def leave(_):
        raise SystemExit(4)

    command = check_for(Subcommand)(Subcommand("c", "help", leave, leave), SOURCE)
    with pytest.raises(SystemExit):
        command.run(None)
    with pytest.raises(PluginError):
        command.add_arguments(None)
