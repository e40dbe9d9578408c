"""Subinterpreters: leakwatch works in one, and no look leads from one interpreter into another."""

import sys

import pytest

from tests.heaps import run_python

pytest.importorskip("_interpreters" if sys.version_info >= (3, 13) else "_xxsubinterpreters")

# CPython 3.12.1 and 3.13.0 corrupt their memory if a subinterpreter with a lock of its own is the
# first to import some modules of C, such as `_datetime`; so the main one imports them before.
MAKE = """
import asyncio, datetime, decimal, gc, importlib.metadata, logging, sys, types
try:
    import _interpreters
    def new(kind): return _interpreters.create(kind)
    def run(number, code):
        failed = _interpreters.exec(number, code)
        assert not failed, failed.formatted
    end = _interpreters.destroy
except ImportError:
    import _xxsubinterpreters
    def new(kind): return _xxsubinterpreters.create(isolated=kind == "isolated")
    run, end = _xxsubinterpreters.run_string, _xxsubinterpreters.destroy
"""
# Of the objects of an interpreter those that no other one may have.
OWN = """
def own():
    kinds = (types.FunctionType, types.ModuleType, types.FrameType)
    classes = {id(o) for o in gc.get_objects() if type(o) is type and o.__flags__ & 1 << 9}
    return classes | {id(o) for o in gc.get_objects() if type(o) in kinds}
"""
LOOK = """
from leakwatch.heap.graph import IMPLEMENTATION, walk
from leakwatch.heap.limits import Limits
from leakwatch.heap.roots.providers import PROVIDERS
from leakwatch.heap.roots.root import RootQuery
def reached():
    roots = [root for provider in PROVIDERS for root in provider(RootQuery())]
    roots.sort(key=lambda root: root.wave)
    graph = walk(roots, [], [], Limits(), lambda graph: None)
    found = {id(graph.object_at(at)) for at in range(len(graph))}
    graph.close()
    return found
"""
SCOPE = """
import leakwatch, weakrefs
KEPT, weak = [], weakrefs.WeakSet()
class Cart: pass
with leakwatch.scope("checkout") as scope:
    KEPT.append(leakwatch.track(Cart()))
    weak.add(KEPT[0])
(leak,) = scope.report.leaks
assert leak.path.expression == "__main__.KEPT[0]", leak.path.expression
assert len(weak) == 1
KEPT.clear()
gc.collect()
assert len(weak) == 0
"""
corrupt = pytest.mark.skipif(
    sys.version_info[:2] == (3, 12),
    reason="CPython 3.12.1 corrupts its memory at the end of one that has a lock of its own",
)
KINDS = [pytest.param("isolated", marks=corrupt), "legacy"]
own_lock = pytest.mark.skipif(
    sys.version_info < (3, 13),
    reason="before 3.12 CPython itself shares objects between interpreters; for 3.12 see above",
)


@pytest.mark.parametrize("kind", KINDS)
def test_a_leak_is_found_in_a_subinterpreter(kind, each_walk):
    script = f"{MAKE}\nsub = new({kind!r})\n"
    script += f"run(sub, 'import gc, sys; sys.path[:] = %r' % sys.path + {SCOPE!r})\n"
    script += "end(sub)\nprint('found')"
    assert run_python("-c", script).endswith("found\n")


@own_lock
def test_a_look_of_a_subinterpreter_reaches_no_object_of_the_main_one(each_walk):
    inside = f"import gc, sys, types\nsys.path[:] = %r\n{OWN}{LOOK}{SCOPE}\n"
    inside += "found = reached()\nassert len(found) > 10_000\n"
    inside += "assert found & own()\nassert not found & %r\nassert IMPLEMENTATION == %r"
    script = f"{MAKE}{OWN}\nimport leakwatch, logging, threading\n{SCOPE}\nsub = new('isolated')\n"
    script += f"run(sub, {inside!r} % (sys.path, own(), {each_walk!r}))\nprint('apart')"
    assert run_python("-c", script).endswith("apart\n")


@own_lock
def test_a_look_of_the_main_interpreter_reaches_no_object_of_another(each_walk, tmp_path):
    inside = f"import gc, sys, types\nsys.path[:] = %r\n{OWN}{SCOPE}\n"
    inside += "open(%r, 'w').write(repr(own()))"
    ids = str(tmp_path / "ids")
    script = f"{MAKE}{OWN}{LOOK}\nsub = new('isolated')\n"
    script += f"run(sub, {inside!r} % (sys.path, {ids!r}))\n{SCOPE}\n"
    script += f"found = reached()\nassert not found & eval(open({ids!r}).read())\n"
    script += "assert found & own()\nprint('apart')"
    assert run_python("-c", script).endswith("apart\n")


@pytest.mark.parametrize("kind", KINDS)
def test_beside_an_interpreter_at_work_only_frames_of_this_one_are_seen(kind, tmp_path):
    ready, done = str(tmp_path / "ready"), str(tmp_path / "done")
    inside = f"import os, time\nopen({ready!r}, 'w').close()\n"
    inside += f"while not os.path.exists({done!r}): time.sleep(0.001)"
    script = f"""{MAKE}{SCOPE}
import builtins, os, threading, time
from leakwatch.guest.collector import current_exceptions, current_frames
sub = new({kind!r})
worker = threading.Thread(target=run, args=(sub, {inside!r}))
worker.start()
while not os.path.exists({ready!r}): time.sleep(0.001)
try:
    frames = current_frames()
    assert threading.get_ident() in frames
    assert all(frame.f_builtins is vars(builtins) for frame in frames.values())
    assert current_exceptions().keys() <= frames.keys()
    {SCOPE.replace(chr(10), chr(10) + "    ")}
finally:
    open({done!r}, "w").close()
    worker.join()
end(sub)
print("left out")
"""
    assert run_python("-c", script).endswith("left out\n")


@pytest.mark.parametrize("kind", KINDS)
def test_a_subinterpreter_is_told_that_it_cannot_fork(kind):
    inside = "import sys; sys.path[:] = %r\nimport leakwatch, leakwatch.errors\n"
    inside += "try: leakwatch.why(leakwatch.why, analyse='fork')\n"
    inside += "except leakwatch.errors.ConfigurationError as error: sys.stdout.write(str(error))\n"
    inside += "sys.stdout.flush()"
    script = f"{MAKE}\nrun(new({kind!r}), {inside!r} % sys.path)"
    said = run_python("-c", script)
    assert "analyse='fork' is for the main interpreter only" in said
    assert "analyse='here'" in said
