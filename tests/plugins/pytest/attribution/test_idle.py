"""Which pages need no look: what is in sight is of types that matter to nobody."""

import gc
import io
import socket
import weakref
from array import array
from pathlib import Path

import pytest
from _pytest.timing import Instant

from leakwatch.integration import OwnCode
from pytest_leakwatch.attribution.idle import IdleTypes
from pytest_leakwatch.attribution.ledger import Ledger
from pytest_leakwatch.verdict.selection import Choice


class Cart:
    pass


class Closing:
    def __del__(self):
        pass


def idle(*found, judged=(Cart,)):
    return IdleTypes(lambda cls: cls in judged).are_all_of(list(found))


def numbers():
    yield 1


def test_containers_and_what_pytest_makes_for_each_test_are_idle():
    assert idle([], {}, (), test_containers_and_what_pytest_makes_for_each_test_are_idle)
    assert idle(Instant(), io.StringIO(), io.BytesIO(), weakref.ref(Cart))


def test_what_is_judged_is_never_idle():
    assert not idle([], Cart())
    assert not idle([], judged=(list,))


def test_classes_and_what_runs_code_when_it_goes_are_not_idle():
    assert not idle(Cart)
    assert not idle(Closing(), judged=())
    with socket.socket() as unclosed:
        assert not idle(unclosed)


def test_an_object_of_a_library_that_pytest_does_not_make_is_not_idle():
    assert not idle(Path(), judged=())


def test_generators_are_idle_by_their_code():
    assert not idle(numbers())
    assert idle(pytest.MonkeyPatch.context().gen)


def test_what_a_finalizer_is_registered_for_is_not_idle():
    assert not idle(weakref.finalize.__dict__["_Info"]())


def test_another_class_at_the_address_of_one_that_has_gone_is_asked_about():
    types = IdleTypes(lambda cls: cls is Cart)
    passing = type("Passing", (), {"__module__": "_pytest.passing"})
    assert types.are_all_of([passing()])
    assert id(passing) in array("Q", types._types)
    del passing
    gc.collect()
    assert types._types == b""
    assert types.are_all_of([[]])


@pytest.fixture
def ledger():
    ledger = Ledger()
    ledger.open()
    yield ledger
    ledger.close()


def test_a_page_goes_on_until_it_has_something_that_is_judged(ledger):
    choice = Choice((), (), OwnCode(Path(__file__).parent))
    kept = [[], {}]
    assert ledger.goes_on(choice)
    kept.append(Cart())
    assert not ledger.goes_on(choice)
    assert ledger.turn(1, choice)
    assert ledger.goes_on(choice)
    assert list(ledger.owners_among({1})) == [id(kept[-1])]


def test_what_is_of_no_matter_is_looked_at_once(ledger):
    choice = Choice((), (), OwnCode(Path(__file__).parent))
    kept = [[] for _ in range(500)]
    assert ledger.goes_on(choice)
    assert len(gc.get_objects()) < 70
    kept.append(Cart())
    assert not ledger.goes_on(choice)
    ledger.close()
    assert set(map(id, kept)) <= set(map(id, gc.get_objects()))


def test_a_page_in_which_the_program_froze_the_heap_does_not_go_on(ledger):
    choice = Choice((), (), OwnCode(Path(__file__).parent))
    assert ledger.goes_on(choice)
    gc.freeze()
    try:
        assert not ledger.goes_on(choice)
    finally:
        gc.unfreeze()
    assert not ledger.goes_on(choice)


def test_a_page_with_much_in_sight_is_closed(ledger):
    choice = Choice((), (), OwnCode(Path(__file__).parent))
    kept = [[] for _ in range(1_000)]
    assert not ledger.goes_on(choice)
    assert len(kept) == 1_000
