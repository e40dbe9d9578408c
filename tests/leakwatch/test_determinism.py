"""Same heap, same path, same signature; two bugs, two signatures."""

import json

import pytest

from tests.heaps import leak_of, outline, report_on, run_python

pytestmark = pytest.mark.usefixtures("each_walk")

MANY_HOLDERS = """
import random
class Shop: pass
session = Session()
names = ["alpha", "beta", "gamma", "delta", "epsilon"]
random.shuffle(names)
shops = {}
for name in names:
    shop = Shop(); shop.session = session; shop.others = {session, shop}
    shops[name] = shop
known = {name: shops[name] for name in sorted(shops)}
del shops, shop, session, name
"""

SHUFFLED_CREATION = """
import random
class Shop: pass
sizes = list(range(100))
random.shuffle(sizes)
junk = [bytearray(size) for size in sizes]
shop = Shop(); shop.sessions = set()
for _ in range(5): shop.sessions.add(Session())
registry = {"shop": shop}
del shop, junk, sizes
"""


def told(lines: str, seed: int) -> list[tuple[str, str, int]]:
    report = report_on(lines, seed=seed)
    return [(outline(leak.path), leak.signature, leak.count) for leak in report.leaks]


def test_one_path_and_one_signature_over_hash_seeds_and_orders():
    outcomes = {json.dumps(told(MANY_HOLDERS, seed)) for seed in range(4)}
    assert len(outcomes) == 1, outcomes


def test_members_of_a_set_are_one_leak_whatever_their_order():
    outcomes = {json.dumps(told(SHUFFLED_CREATION, seed)) for seed in range(4)}
    assert len(outcomes) == 1, outcomes
    assert json.loads(outcomes.pop())[0][2] == 5


SHUFFLED_HUNDREDFOLD = """
import gc, json, leakwatch, random
class Session: pass
class Shop: pass
class Till: pass
def build():
    session = Session()
    names = ["alpha", "beta", "gamma", "delta", "epsilon"]
    random.shuffle(names)
    shops = {}
    for name in names:
        junk = [bytearray(random.randrange(500)) for _ in range(random.randrange(50))]
        shop = Shop(); shop.session = session; shop.others = {session, shop}
        shops[name] = shop
    tills = {Till() for _ in range(random.randrange(3, 9))}
    for till in random.sample(sorted(tills, key=id), len(tills)): till.sessions = [Session()]
    globals().update(KNOWN={name: shops[name] for name in sorted(shops)}, TILLS=tills)
def told():
    with leakwatch.scope("work", types=[Session]) as scope: build()
    return [(leak.signature, leak.path.expression, leak.type_name) for leak in scope.report.leaks]
print(json.dumps([sorted(told()) for _ in range(10)]))
"""


def test_100_runs_with_other_orders_and_hash_seeds_give_one_path_and_signature_a_bug(each_walk):
    outcomes = set()
    # Ten runs in each process. The other tests show that the slow walk sees the same.
    for seed in range(10 if each_walk == "native" else 3):
        runs = json.loads(run_python("-c", SHUFFLED_HUNDREDFOLD, seed=seed))
        outcomes.update(map(json.dumps, runs))
    assert len(outcomes) == 1, outcomes
    assert len(json.loads(outcomes.pop())) == 2


def test_keys_counts_and_indexes_do_not_matter_to_the_signature():
    one = leak_of("REGISTRY = {'a': [Session()]}")
    other = leak_of("REGISTRY = {'x': [], 'y': [0, 0, Session()], 5: None}")
    assert one.signature == other.signature
    assert len(one.signature) == 12
    assert int(one.signature, 16) >= 0


def test_line_numbers_do_not_matter_to_the_signature():
    lines = """
def steps():
    session = Session()
    yield
running = steps()
next(running)
"""
    assert leak_of(lines).signature == leak_of("\n\n\n" + lines).signature


def test_two_registries_have_two_signatures():
    lines = """
class Registry:
    def __init__(self): self.entries = {}
orders, users = Registry(), Registry()
orders.entries["a"] = Session()
users.entries["a"] = Session()
"""
    report = report_on(lines)
    assert sorted(outline(leak.path) for leak in report.leaks) == [
        "module global app: .orders .entries ['a']",
        "module global app: .users .entries ['a']",
    ]
    assert len({leak.signature for leak in report.leaks}) == 2


def test_two_types_in_one_registry_are_one_leak():
    report = report_on("class Cart(Session): pass\nREGISTRY = [Session(), Cart(), Cart()]")
    (leak,) = report.leaks
    assert [(it.type_name, it.count) for it in leak.types] == [("app.Cart", 2), ("app.Session", 1)]
    assert (leak.type_name, leak.count, leak.survivors) == ("app.Cart", 2, 3)


def test_the_report_is_the_same_text_in_two_processes():
    lines = """
import leakwatch
class Session: pass
KEPT = {}
with leakwatch.scope("work") as scope:
    for name in ("a", "b"): KEPT[name] = scope.track(Session())
print(*[leak.signature for leak in scope.report.leaks], [str(l.path) for l in scope.report.leaks])
"""
    assert run_python("-c", lines, seed=1) == run_python("-c", lines, seed=2)
