"""One analysis of the heap: every survivor told, none hiding another, nothing broken by it."""

from re import sub

import pytest

import leakwatch
from leakwatch.diagnosis import explaining
from tests.heaps import report_on, run_python

pytestmark = pytest.mark.usefixtures("each_walk")


def test_collections_still_end_after_an_analysis_in_a_coroutine():
    lines = """
import asyncio, gc, leakwatch
class Session: pass
KEPT = []
async def main():
    async with leakwatch.scope("work") as scope:
        KEPT.append(scope.track(Session()))
        await asyncio.sleep(0.001)
asyncio.run(main())
gc.collect()
print("ended")
"""
    assert run_python("-c", lines) == "ended\n"


def test_the_list_of_survivors_is_none_of_them():
    lines = """
from leakwatch.paths.question import Question
from leakwatch.heap.roots.root import RootQuery
from leakwatch.paths.analysis import analysed
survivors = []
survivors.append(survivors)
with analysed(Question(survivors, RootQuery(), (), owners_only=True)) as analysis:
    print(len(analysis.traces))
"""
    assert run_python("-c", lines) == "0\n"


def test_objects_of_one_cause_whose_paths_run_through_each_other_are_told_together():
    lines = """
class Cart(Session): pass
cart = Cart(); session = Session()
KEPT = [cart, session]
cart.session = session
session.cart = cart
del cart, session
"""
    (leak,) = report_on(lines).leaks
    assert sorted(it.type_name for it in leak.types) == ["app.Cart", "app.Session"]
    assert leak.survivors == 2


def test_what_a_leaked_object_holds_is_told_with_it_and_credited_to_its_own_type():
    lines = """
class Cart(Session): pass
KEPT = Cart()
KEPT.session = Session()
KEPT.session.data = [bytes(100_000)]
"""
    (leak,) = report_on(lines).leaks
    sizes = {it.type_name: it.retained_bytes for it in leak.types}
    assert sizes["app.Session"] > 100_000
    assert sizes["app.Cart"] < 10_000
    assert leak.path.cut.name == ".KEPT"


def test_what_two_leaks_share_is_credited_to_one_of_them():
    lines = """
class Cart(Session): pass
shared = [bytes(100_000)]
FIRST = Session(); SECOND = Cart()
FIRST.data = SECOND.data = shared
del shared
"""
    report = report_on(lines)
    total = sum(leak.retained_bytes for leak in report.leaks)
    assert 100_000 < total < 110_000


def test_31_types_through_each_other_are_all_told_and_their_sizes_sum_to_what_is_held():
    lines = """
import sys
data = [bytearray(1000 + i) for i in range(31)]
held = sum(map(sys.getsizeof, data)) + sys.getsizeof([])
kinds = [type(f"Leak{i}", (Session,), {"__module__": "app"}) for i in range(31)]
globals().update({kind.__name__: kind for kind in kinds})
KEPT = [kind() for kind in kinds]
for i, leak in enumerate(KEPT):
    leak.data, leak.all, leak.next = data[i], KEPT, KEPT[(i + 7) % 31]
    leak.others = [KEPT[i - 1], KEPT[(i + 1) % 31], data]
    held += sum(map(sys.getsizeof, (leak, leak.others)))
    # CPython 3.13 does not show the collector a dict that shares the values of its instance.
    if sys.version_info < (3, 13): held += sys.getsizeof(leak.__dict__)
held += sys.getsizeof(data) - sys.getsizeof([])
scope.name = str(held)
del data, kinds, leak
"""
    report = report_on(lines)
    (leak,) = report.leaks
    assert len(leak.types) == leak.survivors == 31
    assert sum(it.retained_bytes for it in leak.types) == leak.retained_bytes == int(report.scope)


def test_a_chain_of_many_is_told_without_recursion():
    lines = """
KEPT = None
for _ in range(20_000):
    session = Session(); session.next = KEPT; KEPT = session
del session
"""
    report = report_on(lines)
    assert sum(leak.count for leak in report.leaks) == 20_000


def test_collections_still_end_after_a_hunt_that_follows_asyncio():
    lines = """
import asyncio, gc, leakwatch
class Session: pass
KEPT = []
asyncio.run(asyncio.sleep(0.001))
leakwatch.hunt(lambda: KEPT.append("text" * 100))
gc.collect()
print("ended")
"""
    assert run_python("-c", lines) == "ended\n"


def test_what_is_held_in_another_place_is_a_leak_of_its_own():
    lines = """
class Shop: pass
shop, STORED, KEYS = Shop(), [[], []], {}
vars(shop)["opened"] = True
FIRST, SECOND = Session(), Session()
Shop.first, Shop.second = Session(), Session()
shop.first, shop.second = Session(), Session()
shop.some, shop.more = [Session()], [Session()]
KEYS[Session()] = Session()
for number in range(10):
    STORED[number % 2].append((number, {"session": Session()}))
"""
    report = report_on(lines)
    # Which entry is told is the container's own affair.
    found = {sub(r"\[\d\]", "[0]", leak.path.expression): leak.count for leak in report.leaks}
    names = ("first", "second")
    assert found == {
        "app.STORED[0][0][0]['session']": 10,
        "app.KEYS[<app.Session>]": 2,  # key and value are one entry
        **{f"app.{name.upper()}": 1 for name in names},
        **{f"app.{holder}.{name}": 1 for holder in ("Shop", "shop") for name in names},
        "app.shop.some[0]": 1,
        "app.shop.more[0]": 1,
    }


class Basket: ...


BASKETS = []


def test_one_of_thousands_of_entries_is_explained_and_stands_for_all(monkeypatch):
    calls, located = [], explaining.located
    monkeypatch.setattr(explaining, "located", lambda *given: calls.append(1) or located(*given))
    with leakwatch.scope("work", discover=True, types=[Basket]) as scope:
        BASKETS.extend((number, {"basket": [Basket()]}) for number in range(2000))
    (leak,) = scope.report.leaks
    BASKETS.clear()
    assert leak.count == 2000
    assert len(calls) == 1
