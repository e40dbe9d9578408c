"""A collection at nearly every allocation, so that callbacks interrupt every line."""

import subprocess
import sys
import textwrap

import pytest

PROLOGUE = """
import gc, random, weakrefs
class Thing:
    def __init__(self): self.me = self
gc.collect(); gc.freeze()  # the collections below have only our own objects to look at
gc.set_threshold(1)
draw = random.Random(0)
"""

PROGRAMS = {
    "value dictionary": """
        d = weakrefs.WeakValueDictionary()
        for i in range(3000):
            d[draw.randrange(20)] = keep = Thing()
            d.setdefault(draw.randrange(20), Thing())
            list(d.items()), list(d), d.copy(), len(d), d.get(3), d.pop(draw.randrange(20), None)
        d["keep"] = keep
        gc.collect()
        assert dict(d)["keep"] is keep and set(d.values()) == {keep}, dict(d)
    """,
    "key dictionary": """
        d = weakrefs.WeakKeyDictionary()
        for i in range(3000):
            d[keep := Thing()] = i
            d.setdefault(Thing(), Thing())
            list(d.items()), list(d), d.copy(), len(d), d.get(keep)
        gc.collect()
        assert dict(d) == {keep: i}, dict(d)
    """,
    "identity dictionary": """
        d = weakrefs.WeakIdKeyDictionary()
        for i in range(3000):
            d[keep := Thing()] = i
            d.setdefault(Thing(), Thing())
            list(d.items()), list(d), d.copy(), len(d), d.get(keep)
        gc.collect()
        assert list(d.items()) == [(keep, i)], list(d.items())
    """,
    "set": """
        s = weakrefs.WeakSet()
        for i in range(3000):
            s.add(keep := Thing())
            s.add(Thing())
            s | [Thing()], s & s, s - [keep], s ^ [Thing()], list(s), len(s), s == s.copy()
        gc.collect()
        assert list(s) == [keep], list(s)
    """,
    "identity set": """
        s = weakrefs.WeakIdSet()
        for i in range(3000):
            s.add(keep := Thing())
            s.add(Thing())
            s | [Thing()], s & s, s - [keep], s ^ [Thing()], list(s), len(s), s == s.copy()
        gc.collect()
        assert list(s) == [keep], list(s)
    """,
    "finalizers and methods": """
        class Button(Thing):
            def click(self): pass
        seen = []
        for i in range(3000):
            button = Button()
            weakrefs.finalize(button, seen.append, i)
            method = weakrefs.WeakMethod(button.click, lambda method: None)
        del button
        gc.collect()
        assert sorted(seen) == list(range(3000)) and method() is None
    """,
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_containers_stand_a_collection_at_every_allocation(program):
    command = [sys.executable, "-X", "faulthandler", "-c", PROLOGUE + textwrap.dedent(program)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.returncode == 0


# A collection at nearly every allocation, of 16 threads at once. What is kept must be there in the
# end, once, and nothing else.
MANY_THREADS = """
import sys, threading
sys.setswitchinterval(1e-5)
errors, start = [], threading.Barrier(16)
def in_threads(work):
    def run():
        start.wait()
        try:
            for i in range(100): work(i)
        except BaseException as error:
            errors.append(error)
    threads = [threading.Thread(target=run) for _ in range(16)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()
    gc.collect()
    assert not errors, errors
keep = [Thing() for _ in range(20)]
"""

SHARED = {
    "value dictionary": """
        d = weakrefs.WeakValueDictionary()
        def work(i):
            d[i % 20] = keep[i % 20]
            assert d.setdefault(i % 20, Thing()) is keep[i % 20]
            d[threading.get_ident(), i] = Thing()
            list(d.items()), list(d), d.copy(), len(d), d.get(i), d.pop(-1, None)
        in_threads(work)
        assert dict(d) == dict(enumerate(keep)), dict(d)
    """,
    "key dictionary": """
        d = weakrefs.WeakKeyDictionary()
        def work(i):
            d[keep[i % 20]] = i % 20
            d[Thing()] = Thing()
            list(d.items()), list(d), d.copy(), len(d), d.get(keep[0])
        in_threads(work)
        assert dict(d) == {thing: i for i, thing in enumerate(keep)}, dict(d)
    """,
    "set": """
        s = weakrefs.WeakSet()
        def work(i):
            s.add(keep[i % 20]), s.add(Thing())
            list(s), len(s), s | [Thing()], s & keep, s - keep, keep[i % 20] in s
        in_threads(work)
        assert sorted(map(id, s)) == sorted(map(id, keep))
    """,
    "the others": """
        d, e, p = (weakrefs.WeakIdKeyDictionary(), weakrefs.EphemeronDictionary(),
                   weakrefs.WeakKeyValueDictionary())
        s, o, l = weakrefs.WeakIdSet(), weakrefs.WeakOrderedSet(), weakrefs.WeakList(keep)
        def work(i):
            thing, gone = keep[i % 20], Thing()
            d[thing], e[thing], p[thing] = i % 20, thing, thing
            d[gone], e[gone], p[gone] = i, gone, thing
            for some in (s, o): some.add(thing), some.add(gone)
            l.append(gone)
            for some in (d, e, p, s, o, l): list(some), len(some)
        in_threads(work)
        assert dict(d) == {thing: i for i, thing in enumerate(keep)}
        assert set(e) == set(p) == set(s) == set(o) == set(l) == set(keep)
        assert len(e) == len(p) == len(s) == len(o) == len(l) == 20
    """,
}


@pytest.mark.parametrize("program", SHARED.values(), ids=SHARED)
def test_sixteen_threads_stand_a_collection_at_every_allocation(program):
    whole = PROLOGUE + MANY_THREADS + textwrap.dedent(program)
    command = [sys.executable, "-X", "faulthandler", "-c", whole]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stderr == ""
    assert result.returncode == 0


COPIED = """
import gc, weakrefs
class Thing: pass
def look_at(look, allocations):
    gc.disable()
    d = weakrefs.WeakKeyDictionary()
    keep = [Thing() for _ in range(30)]
    for thing in keep: d[thing] = 1
    for thing in keep[20:]: thing.me = thing
    del keep[20:], thing
    taken = [{} for _ in range(200)]  # no freed dict is left, so that a new one may collect
    gc.set_threshold(gc.get_count()[0] + allocations); gc.enable()
    look(d)
    gc.set_threshold(700)
for allocations in range(-2, 12):
    for look in (lambda d: [*d.values()], lambda d: [*d.items()]):
        look_at(look, allocations)
"""


def test_a_collection_in_the_midst_of_a_copy_does_not_end_an_iteration():
    result = subprocess.run(
        [sys.executable, "-c", COPIED], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
