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
