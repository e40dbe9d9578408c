"""A leak is led by the type that a person knows it by."""

import asyncio
import concurrent.futures
import functools
import threading
import weakref
from unittest import mock

import pytest

import leakwatch
from leakwatch.diagnosis import explaining
from leakwatch.diagnosis.explaining import explained
from leakwatch.diagnosis.finding import MOST_EXPLAINED
from leakwatch.diagnosis.lead_type import rank

KEPT = []
CACHE = {}
BASKETS = weakref.WeakKeyDictionary()


@pytest.fixture(autouse=True)
def _empty():
    yield
    KEPT.clear()
    CACHE.clear()
    BASKETS.clear()
    total.cache_clear()
    REFUSED.__traceback__ = None


class Customer: ...


class _Private: ...


def lead(work):
    (leak,) = leakwatch.hunt(work, runs=4).leaks
    return leak.type_name.removeprefix(f"{__name__}.")


def test_the_program_before_the_standard_library():
    def work():
        event = threading.Event()
        event.customer = Customer()
        KEPT.append(event)

    assert lead(work) == "Customer"


def test_the_object_in_the_key_of_a_cache():
    def work():
        CACHE[functools._make_key((Customer(), 2), {}, typed=False)] = 7

    assert lead(work) == "Customer"


def test_of_one_or_the_other_the_more_numerous():
    def work():
        if not KEPT:
            KEPT.append(Customer())
        KEPT.append(threading.Event())

    assert lead(work) == "threading.Event"


def test_the_path_goes_on_to_the_lead_and_the_cut_stays():
    def work():
        event = threading.Event()
        event.customer = Customer()
        KEPT.append(event)

    (leak,) = leakwatch.hunt(work, runs=4).leaks
    assert leak.path.expression.endswith("].customer")
    assert leak.path.cut.name.startswith("[")
    assert leak.types[1].type_name == "threading.Event"
    assert leak.count == leak.types[0].count == leak.types[1].count


def test_the_rank_of_types():
    order = [Customer, _Private, pytest.Item]
    assert sorted([pytest.Item, _Private, threading.Event, Customer], key=rank)[:3] == order
    assert rank(asyncio.Task) < rank(asyncio.Future)
    assert rank(threading.Event) < rank(concurrent.futures.Future) < rank(list) == rank(None)


class Channel:
    def __init__(self):
        self.messages = [Message() for _ in range(5)]


class Message: ...


def test_what_holds_and_not_the_many_that_lie_in_it():
    with leakwatch.scope("work", types=(Channel, Message), on_leak=None) as scope:
        KEPT.append(Channel())
    (leak,) = scope.report.leaks
    assert leak.type_name == f"{__name__}.Channel"
    assert {it.type_name.rpartition(".")[2]: it.count for it in leak.types} == {
        "Channel": 1,
        "Message": 5,
    }


def test_what_one_of_those_beside_it_retains():
    def work():
        barrier = threading.Barrier(1)
        barrier.customer = Customer()
        CACHE[len(CACHE)] = [threading.Event(), barrier]

    (leak,) = leakwatch.hunt(work, runs=4).leaks
    assert leak.type_name == f"{__name__}.Customer"
    assert leak.path.expression.endswith(".customer")
    assert leak.path.target_type == leak.type_name


class Basket:
    def __init__(self, customer):
        self.customer = customer


@pytest.mark.parametrize("beside", [False, True], ids=["behind the value", "in the value"])
def test_the_key_of_a_weak_mapping_before_its_value(beside):
    def work():
        customer = Customer()
        BASKETS[customer] = [Basket(customer), customer] if beside else Basket(customer)

    assert lead(work) == "Customer"


class Receipt: ...


@functools.cache
def total(customer):
    return Receipt()


def test_a_cached_argument_before_the_result():
    assert lead(lambda: total(Customer())) == "Customer"


REFUSED = ValueError("refused")


def serve(customer):
    receipt = Receipt()
    raise REFUSED


def serve_inside(customer):
    receipt = Receipt()

    def inside():
        raise REFUSED.with_traceback(REFUSED.__traceback__) if customer else ValueError

    inside()


@pytest.mark.parametrize("function", [serve, serve_inside])
def test_an_argument_of_a_frame_before_its_other_variables(function):
    def work():
        with pytest.raises(ValueError, match="refused"):
            function(Customer())

    assert lead(work) == "Customer"


def test_of_a_cause_with_many_types_only_some_are_looked_at(monkeypatch):
    looked_at = []

    def counting(*given):
        looked_at.append(given[0].end.type_name)
        return explained(*given)

    monkeypatch.setattr(explaining, "explained", counting)
    with leakwatch.scope("many types", on_leak=lambda report: None) as scope:
        for number in range(1, 41):
            kind = type(f"Kind{number}", (), {})
            KEPT.extend(scope.track(kind()) for _ in range(number))
    (leak,) = scope.report.leaks
    assert (leak.type_name, leak.survivors) == (f"{__name__}.Kind40", 820)
    assert len(leak.types) == 40
    assert len(set(looked_at)) <= MOST_EXPLAINED + 1


def test_a_private_class_of_the_standard_library_before_its_building_blocks():
    class Json:
        dumps = print

    def work():
        KEPT.append(mock.patch.object(Json, "dumps"))
        KEPT[-1].start()

    leak = leakwatch.hunt(work, runs=4).leaks[0]
    mock.patch.stopall()
    assert leak.type_name == "unittest.mock._patch"
    names = [row.type_name for row in leak.types]
    assert len(names) == len(set(names))
