"""Causes that are one mistake are merged; others are not."""

import contextvars
import itertools
import logging
from typing import ClassVar
from unittest import mock

import pytest

import leakwatch
from tests.heaps import run_python

NUMBER = itertools.count()
USED: dict[str, mock.Mock] = {}
CURRENT = contextvars.ContextVar("current")


class Metric:
    def __init__(self):
        self.children = {}


class Counter(Metric): ...


class Histogram(Metric): ...


REQUESTS, TIMES = Counter(), Histogram()
ORDERS, USERS = [], []


class Order: ...


class Dictionary:
    sorted_words: ClassVar[dict[str, list[str]]] = {}
    expressions: ClassVar[dict[str, list[str]]] = {}
    used: ClassVar[dict[str, Order]] = {}
    known: ClassVar[set[str]] = set()


@pytest.fixture(autouse=True)
def _empty():
    yield
    for it in (
        REQUESTS.children,
        TIMES.children,
        ORDERS,
        USERS,
        Dictionary.sorted_words,
        Dictionary.expressions,
        Dictionary.used,
        Dictionary.known,
    ):
        it.clear()


def test_what_one_call_adds_to_several_objects_of_one_make_is_one_leak():
    def work():
        labels = "GET", f"/users/{next(NUMBER)}"
        REQUESTS.children[labels] = Counter()
        TIMES.children[labels] = Histogram()

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.survivors == 2 * leak.count
    assert "the same work adds as much to" in leak.reasons[0]
    assert leak.pattern.code == "LW128"


def test_what_else_holds_the_survivors_is_named_with_the_cut():
    with leakwatch.scope("work", types=[Order]) as scope:
        order = Order()
        ORDERS.append(order)
        REQUESTS.children[1] = order
        del order
    (leak,) = scope.report.leaks
    assert leak.cause.reference == "[*]"
    assert leak.reasons == (
        f"also held by {__name__}.REQUESTS.children[*]: nothing is freed until that is cut too",
    )


def test_the_table_of_all_loggers_is_no_second_place():
    with leakwatch.scope("work", discover=True) as scope:
        for number in range(3):
            logging.getLogger(f"orders.{number}").addFilter(Metric())
    for number in range(3):
        del logging.root.manager.loggerDict[f"orders.{number}"]
    (leak,) = scope.report.leaks
    assert leak.pattern.code == "LW121"
    assert not any("also held" in reason for reason in leak.reasons), leak.reasons


def test_a_variable_of_a_context_is_held_by_the_context_once():
    with leakwatch.scope("work", types=[Order]) as scope:
        CURRENT.set(Order())
    CURRENT.set(None)
    (leak,) = scope.report.leaks
    assert leak.pattern.code == "LW105"
    assert leak.reasons == ()


def test_the_calls_that_a_mock_notes_are_one_leak():
    client = USED["client"] = mock.Mock()
    (leak,) = leakwatch.hunt(lambda: client.send(Order())).leaks
    USED.clear()
    assert (leak.type_name, leak.pattern.code) == (f"{__name__}.Order", "LW123")


def test_the_calls_that_a_mock_and_those_above_it_note_are_one_leak_in_a_scope_too():
    client = USED["client"] = mock.Mock()
    client.send(Order())
    with leakwatch.scope("work", discover=True) as scope:
        for _ in range(5):
            client.send(Order())
    USED.clear()
    (leak,) = scope.report.leaks
    assert leak.type_name == f"{__name__}.Order"


def test_two_lists_of_a_logger_that_get_different_objects_are_two_leaks():
    logger = logging.getLogger("of two lists")

    def work():
        logger.addHandler(logging.NullHandler())
        logger.addFilter(logging.Filter())

    leaks = leakwatch.hunt(work).leaks
    logger.handlers.clear()
    logger.filters.clear()
    assert len(leaks) == 2


def test_a_second_way_below_the_reference_to_cut_is_no_second_cause():
    class Entry:
        pass

    with leakwatch.scope("work", types=[Order]) as scope:
        entry = Entry()
        entry.order = Order()
        entry.again = [entry.order]
        ORDERS.append(entry)
        del entry
    (leak,) = scope.report.leaks
    assert leak.reasons == ()


def test_a_variable_of_the_function_that_asks_is_no_second_cause():
    with leakwatch.scope("work", types=[Order]) as scope:
        order = Order()
        ORDERS.append(order)
    (leak,) = scope.report.leaks
    assert leak.reasons == ()
    del order


def test_two_lists_that_the_same_work_adds_to_are_two_leaks():
    def work():
        ORDERS.append(Order())
        USERS.append(Order())

    assert len(leakwatch.hunt(work).leaks) == 2


def test_caches_of_one_owner_that_one_call_fills_are_one_leak():
    def work():
        key = f"settings {next(NUMBER)}"
        Dictionary.sorted_words[key] = [key]
        Dictionary.expressions[key] = [key, key]

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.growth == 2
    assert f"{__name__}.Dictionary.sorted_words[*]" in f"{leak.cause} {leak.reasons}"
    assert f"{__name__}.Dictionary.expressions[*]" in f"{leak.cause} {leak.reasons}"


def test_entries_of_one_key_are_one_leak_whatever_they_are():
    def work():
        key = f"settings {next(NUMBER)}"
        Dictionary.sorted_words[key] = [key]
        Dictionary.used[key] = Order()

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.type_name == f"{__name__}.Order"
    assert f"adds as much to {__name__}.Dictionary.sorted_words[*]" in leak.reasons[0]


def test_entries_of_one_key_are_one_leak_in_a_scope_too():
    Dictionary.sorted_words["first"], Dictionary.used["first"] = [], Order()
    with leakwatch.scope("work", discover=True) as scope:
        for _ in range(3):
            key = f"settings {next(NUMBER)}"
            Dictionary.sorted_words[key] = [[key]]
            Dictionary.used[key] = Order()
    (leak,) = scope.report.leaks
    assert leak.type_name == f"{__name__}.Order"


def test_a_set_of_the_keys_is_told_with_them():
    def work():
        key = f"settings {next(NUMBER)}"
        Dictionary.used[key] = Order()
        Dictionary.known.add(key)

    (leak,) = leakwatch.hunt(work).leaks
    assert leak.type_name == f"{__name__}.Order"
    assert f"adds as much to {__name__}.Dictionary.known[*]" in leak.reasons[0]


def test_what_has_a_name_is_told_beside_the_caches_of_its_owner():
    def work():
        key = f"settings {next(NUMBER)}"
        Dictionary.sorted_words[key] = [key]
        Dictionary.used[f"order {next(NUMBER)}"] = Order()

    names = {leak.type_name for leak in leakwatch.hunt(work).leaks}
    assert names == {"builtins.list", f"{__name__}.Order"}


def test_what_a_mapping_has_under_a_leaked_object_is_told_with_that():
    REQUESTS.children[Order()] = {"number": [0]}
    with leakwatch.scope("work", discover=True) as scope:
        for number in range(10):
            order = Order()
            ORDERS.append(order)
            REQUESTS.children[order] = {"number": [number]}
        del order
    (leak,) = scope.report.leaks
    assert (leak.type_name, leak.count) == (f"{__name__}.Order", 10)
    assert "REQUESTS.children[*]: nothing is freed until that is cut too" in leak.reasons[0]


def test_what_a_leaked_thread_is_calling_is_told_with_the_thread():
    lines = """
import functools, os, threading, leakwatch
class Channel:
    def __init__(self):
        self.closed = threading.Event()
    def serve(self, *arguments):
        channel = self
        self.closed.wait()
def work():
    channel = Channel()
    call = functools.partial(channel.serve, object())
    threading.Thread(target=lambda: max([1], key=call), daemon=True).start()
print([it.type_name for it in leakwatch.hunt(work, runs=4).leaks], flush=True)
os._exit(0)
"""
    assert run_python("-c", lines) == "['__main__.Channel']\n"


def test_two_registries_with_an_object_each_are_two_leaks():
    with leakwatch.scope("work", types=[Metric]) as scope:
        REQUESTS.children[1] = Counter()
        TIMES.children[1] = Histogram()
    assert len(scope.report.leaks) == 2


def test_as_many_in_each_of_several_objects_of_one_make_is_one_leak_without_runs_too():
    with leakwatch.scope("work", types=[Metric]) as scope:
        for number in range(30):
            REQUESTS.children[number] = Counter()
            TIMES.children[number] = Histogram()
    (leak,) = scope.report.leaks
    assert (leak.survivors, leak.count) == (60, 30)


def test_what_holds_each_other_in_circles_is_one_leak():
    lines = """
import gc, leakwatch
gc.disable()
class Order:
    def __init__(self): self.lines = [Line(self), Line(self)]
class Line:
    def __init__(self, order): self.order = order
(leak,) = leakwatch.hunt(Order, runs=4).leaks
print(leak.path.root.kind, *sorted(it.type_name for it in leak.types))
print(leak.survivors == 3 * min(it.count for it in leak.types))
"""
    assert run_python("-c", lines) == "cyclic garbage __main__.Line __main__.Order\nTrue\n"
