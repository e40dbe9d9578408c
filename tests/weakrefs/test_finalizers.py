import gc
import os
import subprocess
import sys
import textwrap
import warnings
from functools import partial

import pytest

from weakrefs import WeakMethod, finalize, proxy, ref, weak_callback


class Resource:
    def close(self):
        pass


def run(program):
    """Run a program in a new interpreter; return its output and its complaints."""
    prologue = "import os, sys, weakrefs\nclass Thing: pass\n"
    command = [sys.executable, "-c", prologue + textwrap.dedent(program)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return result.stdout.split(), result.stderr


def test_the_call_is_made_once_when_the_object_dies():
    seen, thing = [], Resource()
    finalizer = finalize(thing, seen.append, 1)
    assert finalizer.alive
    del thing
    assert seen == [1]
    assert not finalizer.alive
    assert finalizer() is None
    assert seen == [1]


def test_the_call_made_by_hand_returns_the_result():
    thing = Resource()
    finalizer = finalize(thing, max, 1, 2)
    assert finalizer() == 2
    assert finalizer() is None


def test_peek_and_detach_give_the_call():
    thing = Resource()
    finalizer = finalize(thing, print, 1, end="")
    call = (thing, print, (1,), {"end": ""})
    assert finalizer.peek() == call
    assert finalizer.detach() == call
    assert finalizer.detach() is None
    assert finalizer.peek() is None
    del thing
    assert "dead" in repr(finalizer)


def test_finalizers_of_one_object_run_newest_first():
    seen, thing = [], Resource()
    for n in range(3):
        finalize(thing, seen.append, n)
    del thing
    assert seen == [2, 1, 0]


def test_a_dead_finalizer_holds_nothing():
    class Weakrefable(finalize):
        pass

    def clean():
        pass

    thing = Resource()
    finalizer = Weakrefable(thing, clean)
    finalizer_ref, clean_ref = ref(finalizer), ref(clean)
    del finalizer, clean
    assert finalizer_ref() is not None
    del thing
    assert finalizer_ref() is None
    assert clean_ref() is None


def test_the_switches_are_readable_and_writable_while_it_lives():
    thing = Resource()
    finalizer = finalize(thing, print)
    assert (finalizer.atexit, finalizer.this_process_only) == (True, False)
    finalizer.atexit, finalizer.this_process_only = False, True
    assert (finalizer.atexit, finalizer.this_process_only) == (False, True)
    finalizer.detach()
    finalizer.atexit = finalizer.this_process_only = True
    assert (finalizer.atexit, finalizer.this_process_only) == (False, False)


def test_the_registry_can_be_read_as_in_the_standard_library():
    thing = Resource()
    finalizer = finalize(thing, print, 1, end="")
    info = finalize._registry[finalizer]
    assert info.weakref() is thing
    assert (info.func, info.args, info.kwargs, info.atexit) == (print, (1,), {"end": ""}, True)
    finalizer.detach()


def test_an_object_that_cannot_be_referenced_is_refused_with_the_remedy():
    with pytest.raises(TypeError, match="class MyList"):
        finalize([], print)


@pytest.mark.parametrize(
    "call",
    [
        lambda thing: finalize(thing, thing.close),
        lambda thing: finalize(thing, partial(thing.close)),
        lambda thing: finalize(thing, partial(print, thing)),
        lambda thing: finalize(thing, print, thing),
        lambda thing: finalize(thing, print, file=thing),
        lambda thing: finalize(thing, lambda: print(thing)),
        lambda thing: finalize(thing, lambda again=thing: again.close()),
    ],
    ids=[
        "method",
        "partial method",
        "partial argument",
        "argument",
        "keyword",
        "closure",
        "default",
    ],
)
def test_a_finalizer_that_pins_its_object_warns_where_it_is_made(call):
    thing = Resource()
    with pytest.warns(RuntimeWarning, match="Resource holds that object itself") as caught:
        finalizer = call(thing)
    assert caught[0].filename == __file__
    finalizer.detach()


@pytest.mark.parametrize(
    "call",
    [
        lambda thing: finalize(thing, Resource.close, proxy(thing)),
        lambda thing: finalize(thing, lambda weak: weak(), ref(thing)),
        lambda thing: finalize(thing, partial(lambda weak: weak(), weak=ref(thing))),
        lambda thing: finalize(thing, WeakMethod(thing.close)),
        lambda thing: finalize(thing, weak_callback(thing.close)),
    ],
    ids=["proxy", "reference", "partial", "weak method", "weak callback"],
)
def test_a_finalizer_that_can_never_see_its_object_warns_where_it_is_made(call):
    thing = Resource()
    with pytest.warns(RuntimeWarning, match="dead when the object has died") as caught:
        call(thing)
    assert caught[0].filename == __file__


def test_a_finalizer_that_pins_nothing_does_not_warn():
    thing, other = Resource(), Resource()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        finalize(thing, other.close).detach()
        finalize(thing, partial(print, other), other, file=other).detach()
        finalize(thing, lambda: print(other))
        finalize(thing, {}.pop, ref(thing), None)  # the dead reference itself is the key
        finalize(thing, lambda weak: weak, ref(other))


def test_at_exit_the_newest_goes_first_and_new_ones_are_run_too():
    output, errors = run("""
        def late(): weakrefs.finalize(Thing, print, "late")
        weakrefs.finalize(Thing, print, "oldest")
        weakrefs.finalize(Thing, print, "never").atexit = False
        weakrefs.finalize(Thing, lambda: 1 / 0)
        weakrefs.finalize(Thing, late)
        weakrefs.finalize(Thing, print, "newest")
    """)
    assert output == ["newest", "late", "oldest"]
    assert errors.count("ZeroDivisionError") == 1


def test_after_exit_nothing_is_called():
    output, errors = run("""
        class Owner:
            def __del__(self): weakrefs.finalize(self, print, "too late")
        keep = Owner()
        weakrefs.finalize(Thing, print, "exit")
    """)
    assert output == ["exit"]
    assert errors == ""


def test_collection_is_off_at_exit_and_on_again_afterwards():
    output, _ = run("""
        import atexit, gc
        atexit.register(lambda: print(gc.isenabled()))
        weakrefs.finalize(Thing, lambda: print(gc.isenabled()))
    """)
    assert output == ["False", "True"]


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no fork")


@needs_fork
def test_a_forked_child_leaves_inherited_finalizers_to_its_parent_at_exit():
    output, _ = run("""
        def say(): os.write(1, b"parent " if os.getpid() == parent else b"child ")
        parent = os.getpid()
        weakrefs.finalize(Thing, say)
        if not os.fork():
            sys.exit()
        os.wait()
    """)
    assert output == ["parent"]


@needs_fork
def test_a_forked_child_runs_what_it_made_itself_at_exit():
    output, _ = run("""
        weakrefs.finalize(Thing, os.write, 1, b"parent ")
        if not os.fork():
            weakrefs.finalize(Thing, os.write, 1, b"child ")
            sys.exit()
        os.wait()
    """)
    assert output == ["child", "parent"]


@needs_fork
@pytest.mark.parametrize(("only_here", "expected"), [(False, 2), (True, 1)])
def test_a_death_in_a_forked_child_counts_unless_said_otherwise(only_here, expected):
    output, _ = run(f"""
        thing = Thing()
        weakrefs.finalize(thing, os.write, 1, b"gone ").this_process_only = {only_here}
        child = os.fork()
        del thing
        if not child:
            os._exit(0)
        os.wait()
    """)
    assert output == ["gone"] * expected


def test_many_are_run_at_exit_each_once():
    output, _ = run("""
        things = [Thing() for _ in range(20_000)]
        seen = []
        for thing in things: weakrefs.finalize(thing, seen.append, 1)
        weakrefs.finalize(Thing, lambda: weakrefs.finalize(Thing, print, len(seen)))
        import atexit
        atexit._run_exitfuncs()
        print(len(seen))
    """)
    assert output == ["0", "20000"]


def test_it_may_be_made_while_the_collector_runs():
    class Cycle:
        def __init__(self):
            self.me = self

        def __del__(self):
            finalize(Resource, seen.append, 1).detach()

    seen = []
    Cycle()
    gc.collect()
    assert seen == []
