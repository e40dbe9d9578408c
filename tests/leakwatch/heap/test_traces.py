"""One analysis of the heap: every survivor told, none hiding another, nothing broken by it."""

from tests.heaps import report_on, run_python


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


def test_leaks_whose_paths_run_through_each_other_are_both_told():
    lines = """
class Cart(Session): pass
cart = Cart(); session = Session()
KEPT = [cart, session]
cart.session = session
session.cart = cart
del cart, session
"""
    report = report_on(lines)
    assert sorted(leak.type_name for leak in report.leaks) == ["app.Cart", "app.Session"]


def test_a_leak_held_by_another_leak_is_told_and_credited_to_itself():
    lines = """
class Cart(Session): pass
KEPT = Cart()
KEPT.session = Session()
KEPT.session.data = [bytes(100_000)]
"""
    report = report_on(lines)
    sizes = {leak.type_name: leak.retained_bytes for leak in report.leaks}
    assert sizes["app.Session"] > 100_000
    assert sizes["app.Cart"] < 10_000


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
