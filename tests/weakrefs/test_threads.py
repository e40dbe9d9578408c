"""What threads may rely on. Each test ends with a fact that no schedule may change.

On a free-threaded interpreter these run without the lock if nothing that is loaded asks for it;
`PYTHON_GIL=0` in the environment makes sure.
"""

import gc
import subprocess
import sys
import sysconfig
import threading
import time
from collections import Counter
from itertools import chain
from queue import SimpleQueue

import pytest

from weakrefs import (
    EphemeronDictionary,
    WeakIdKeyDictionary,
    WeakIdSet,
    WeakKeyDictionary,
    WeakKeyValueDictionary,
    WeakList,
    WeakOrderedSet,
    WeakRegistry,
    WeakSet,
    WeakValueDictionary,
    core,
    finalize,
    weak_cached_method,
    weak_lru_cache,
)

THREADS = 16


class Thing:
    def __init__(self, cyclic=False):
        self.cycle = self if cyclic else None

    def told(self):
        return self


@pytest.fixture(autouse=True)
def hasty_switching():
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(interval)


def in_threads(work, count=THREADS):
    """Call ``work(n)`` in `count` threads at once; return the results, raise what they raised."""
    start, results, errors = threading.Barrier(count), {}, []

    def run(n):
        try:
            start.wait()
            results[n] = work(n)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(n,)) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return [results[n] for n in range(count)]


def race(mapping, key):
    """Return what two threads got for `key`, of which both offered a value."""
    return in_threads(lambda n: mapping.setdefault(key, Thing()), count=2)


def test_racing_threads_get_the_same_object_from_setdefault():
    for _ in range(100):
        one, other = race(WeakValueDictionary(), "key")
        assert one is other


@pytest.mark.parametrize("make", [WeakKeyDictionary, WeakIdKeyDictionary, EphemeronDictionary])
def test_racing_threads_get_the_same_value_from_setdefault_of_a_key(make):
    for _ in range(100):
        one, other = race(make(), Thing())
        assert one is other


@pytest.mark.parametrize(
    "make",
    [
        WeakValueDictionary,
        WeakKeyDictionary,
        WeakIdKeyDictionary,
        EphemeronDictionary,
        WeakKeyValueDictionary,
    ],
)
def test_iteration_never_raises_while_others_write_and_objects_die(make):
    mapping = make()
    keep = [(Thing(), Thing()) for _ in range(50)]
    mapping.update(keep)

    def work(n):
        for i in range(150):
            if n % 2:
                mapping.update([(key := Thing(cyclic=i % 8 == 0), value := Thing())])
                mapping.pop(key, None)
                del key, value
            else:
                for view in (mapping, mapping.values(), mapping.items()):
                    list(view)
                mapping.copy()

    in_threads(work)
    gc.collect()
    assert len(mapping) == len(keep)
    assert all(mapping[key] is value for key, value in keep)


@pytest.mark.parametrize("make", [WeakSet, WeakIdSet, WeakOrderedSet])
def test_set_iteration_never_raises_while_others_write_and_objects_die(make):
    keep = [Thing() for _ in range(50)]
    weak = make(keep)

    def work(n):
        for i in range(150):
            if n % 2:
                weak.add(thing := Thing(cyclic=i % 8 == 0))
                weak.discard(thing)
                del thing
            else:
                list(weak)
                weak.copy()
                assert weak >= make(keep)

    in_threads(work)
    gc.collect()
    assert len(weak) == len(keep)


class Slow(Thing):
    """Hashes like many others, and lets other threads in while it is compared."""

    def __init__(self, number):
        self.number = number

    def __hash__(self):
        return self.number % 3

    def __eq__(self, other):
        time.sleep(0)
        return isinstance(other, Slow) and self.number == other.number


# No `WeakSet`: plain sets of some releases, 3.11.7 and 3.13.0 among them, miscount here, or crash.
@pytest.mark.parametrize("kind", ["WeakKeyDictionary", "WeakKeyValueDictionary", "WeakOrderedSet"])
def test_comparisons_that_let_other_threads_in_do_no_harm(kind):
    make, add, _ = KINDS[kind]
    container, keep = make(), [Slow(n) for n in range(12)]

    def work(n):
        for i in range(30):
            add(container, keep[i % 12])
            add(container, Slow(100 + i % 5))
            assert keep[i % 12] in container
            list(container), container.copy()
            if kind != "WeakOrderedSet":
                list(container.items()), list(container.values())

    in_threads(work, count=8)
    gc.collect()
    assert sorted(thing.number for thing in container) == list(range(12))
    assert len(container) == 12


@pytest.mark.skipif(core.IMPLEMENTATION == "pure", reason="threads cannot share a generator")
def test_threads_that_share_an_iterator_share_the_entries():
    things = [Thing() for _ in range(2000)]
    walks = WeakKeyDictionary((thing, 1) for thing in things).items(), iter(WeakSet(things))
    for walk in walks:
        assert len(list(chain(*in_threads(lambda n, walk=walk: list(walk), count=8)))) == 2000


def test_no_update_is_lost():
    mapping, weak = WeakValueDictionary(), WeakSet()
    alive = [[Thing() for _ in range(200)] for _ in range(THREADS)]

    def work(n):
        for i, thing in enumerate(alive[n]):
            mapping[n, i] = thing
            weak.add(thing)

    in_threads(work)
    assert len(mapping) == len(weak) == THREADS * 200
    assert all(mapping[n, i] is thing for n in range(THREADS) for i, thing in enumerate(alive[n]))


def test_a_new_value_survives_the_death_of_the_old_one_under_its_key():
    mapping = WeakValueDictionary()

    def work(n):
        for i in range(300):
            mapping[n] = thing = Thing(cyclic=i % 4 == 0)
            assert mapping[n] is thing
            if i % 50 == 0:
                gc.collect()
        return thing

    kept = in_threads(work, count=4)
    assert [mapping[n] for n in range(4)] == kept


def test_a_finalizer_called_from_many_threads_runs_once():
    thing, seen = Thing(), []
    finalizers = [finalize(thing, seen.append, n) for n in range(200)]
    in_threads(lambda n: [finalizer() for finalizer in finalizers])
    assert sorted(seen) == list(range(200))


def test_a_list_loses_and_doubles_nothing():
    shared, alive = WeakList(), [[Thing() for _ in range(50)] for _ in range(4)]

    def work(n):
        for i, thing in enumerate(alive[n]):
            if i % 2:
                shared.append(thing)
            else:
                shared.insert(0, thing)
            shared.append(lost := Thing(cyclic=i % 8 == 0))
            del lost
            list(shared), len(shared)

    in_threads(work, count=4)
    gc.collect()
    assert len(shared) == 4 * 50
    assert {id(thing) for thing in shared} == {id(thing) for row in alive for thing in row}


def test_a_cache_gives_each_thread_the_right_result():
    @weak_lru_cache(maxsize=20)
    def tag(thing, n):
        return n

    keep = [Thing() for _ in range(10)]

    def work(n):
        for i in range(200):
            assert tag(keep[i % 10], n) == n
            assert tag(Thing(), n) == n

    in_threads(work)
    assert tag.cache_info().currsize <= 20
    tag.cache_clear()


def test_threads_share_the_cache_of_an_object():
    class Shape:
        @weak_cached_method
        def token(self):
            return object()

    for _ in range(50):
        shape = Shape()
        shape.token.cache_info()
        in_threads(lambda n, shape=shape: shape.token(), count=2)
        assert shape.token.cache_info().currsize == 1


def test_a_cache_that_drops_and_forgets_at_once_stays_whole():
    # An OrderedDict that two threads change at once ends a free-threaded interpreter (3.13t).
    @weak_lru_cache(maxsize=20)
    def tag(thing, n):
        return n

    keep = [Thing() for _ in range(40)]

    def work(n):
        for i in range(300):
            which = (i * 7 + n) % 40
            assert tag(keep[which], which) == which
            assert tag(Thing(), i) == i
            if i % 100 == 99:
                tag.cache_clear()

    in_threads(work, count=8)
    gc.collect()
    results = list(tag._results)
    assert len(results) == tag.cache_info().currsize == len(tag._keys) <= 20
    keep.clear()
    gc.collect()
    assert tag.cache_info().currsize == len(tag._keys) == 0


def by_value(container, thing):
    container[id(thing)] = thing


def by_key(container, thing):
    container[thing] = id(thing)


def by_pair(container, thing):
    container[thing] = thing


def method(container, thing):
    container.add(thing.told)


KINDS = {
    "WeakValueDictionary": (WeakValueDictionary, by_value, lambda d: list(d.values())),
    "WeakKeyDictionary": (WeakKeyDictionary, by_key, list),
    "WeakIdKeyDictionary": (WeakIdKeyDictionary, by_key, list),
    "EphemeronDictionary": (EphemeronDictionary, by_pair, list),
    "WeakKeyValueDictionary": (WeakKeyValueDictionary, by_pair, list),
    "WeakSet": (WeakSet, WeakSet.add, list),
    "WeakIdSet": (WeakIdSet, WeakIdSet.add, list),
    "WeakOrderedSet": (WeakOrderedSet, WeakOrderedSet.add, list),
    "WeakList": (WeakList, WeakList.append, list),
    "WeakRegistry": (WeakRegistry, method, lambda r: r()),
}


@pytest.mark.parametrize(("make", "add", "things_of"), KINDS.values(), ids=KINDS)
def test_objects_that_die_on_another_thread_leave_and_the_others_stay_once(make, add, things_of):
    container, handed_over = make(), SimpleQueue()
    kept = [[Thing() for _ in range(50)] for _ in range(8)]
    mine = {id(thing) for row in kept for thing in row}

    def work(n):
        for i, thing in enumerate(kept[n]):
            add(container, thing)
            add(container, lost := Thing(cyclic=i % 10 == 0))
            handed_over.put(lost)
            del lost
            if i % 2:
                handed_over.get()  # dies here: most of them were made by another thread
            if i % 10 == n:
                seen = Counter(map(id, things_of(container)))
                assert all(seen[id(own)] == 1 for own in kept[n][: i + 1])
                assert len(container) >= i + 1

    in_threads(work, count=8)
    while not handed_over.empty():
        handed_over.get()
    gc.collect()
    assert Counter(map(id, things_of(container))) == Counter(mine)
    assert len(container) == len(mine)
    kept.clear()
    gc.collect()
    assert (things_of(container), len(container)) == ([], 0)


def test_each_entry_is_taken_out_by_one_thread_only():
    things = [Thing() for _ in range(400)]
    values = WeakValueDictionary(enumerate(things))
    others = [make(things) for make in (WeakSet, WeakIdSet, WeakOrderedSet, WeakList)]

    def taken(pop):
        found = []
        while True:
            try:
                found.append(pop())
            except (IndexError, KeyError):
                return found

    def work(n):
        pairs = taken(values.popitem)
        return [[thing for _, thing in pairs], *(taken(other.pop) for other in others)]

    for rows in zip(*in_threads(work, count=8), strict=True):
        assert Counter(map(id, chain(*rows))) == Counter(map(id, things))


def test_a_finalizer_runs_once_for_objects_that_die_on_another_thread():
    seen, handed_over = [], SimpleQueue()

    def work(n):
        for i in range(100):
            finalize(thing := Thing(), seen.append, (n, i))
            handed_over.put(thing)
            del thing
            handed_over.get()

    in_threads(work, count=8)
    gc.collect()
    assert sorted(seen) == [(n, i) for n in range(8) for i in range(100)]


@pytest.mark.skipif(
    not sysconfig.get_config_var("Py_GIL_DISABLED"), reason="this interpreter always has the lock"
)
def test_nothing_of_it_switches_the_lock_of_a_free_threaded_interpreter_on():
    program = (
        "import sys, weakrefs\n"
        "for name in weakrefs.__all__: getattr(weakrefs, name)\n"
        "assert not sys._is_gil_enabled()"
    )
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
