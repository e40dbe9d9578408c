"""What the collector does not show is named from its holder, and nothing is named wrongly."""

import pytest

from tests.heaps import report_on, run_python

pytestmark = pytest.mark.usefixtures("each_walk")


def test_a_list_of_the_program_is_no_table_of_the_interpreter():
    lines = """
import codecs, encodings, sys
class Cart(Session): pass
cart = Cart()
cart.finders = [encodings.search_function, Session()]
cart.modules = [sys, Session()]
KEPT = [cart]
del cart
"""
    kinds = {leak.path.root.kind for leak in report_on(lines).leaks}
    assert kinds == {"module global"}


def test_a_context_that_is_kept_is_not_the_current_one():
    lines = """
import contextvars
current = contextvars.ContextVar("current")
class Cart(Session): pass
cart = Cart()
cart.context = contextvars.copy_context()
cart.context.run(current.set, Session())
KEPT = [cart]
del cart
"""
    kinds = {leak.path.root.kind for leak in report_on(lines).leaks}
    assert kinds == {"module global"}


def test_the_marks_of_the_fork_hooks_are_registered_once():
    lines = """
import gc, leakwatch
from leakwatch.heap.roots.interpreter_tables import before_fork
class Cart: pass
KEPT = [Cart()]
for _ in range(3): leakwatch.why(KEPT[0])
lists = [it for it in gc.get_referrers(before_fork) if type(it) is list]
print(len(lists), lists[0].count(before_fork))
"""
    assert run_python("-c", lines) == "1 1\n"


def test_the_lists_of_a_text_buffer_are_part_of_it():
    lines = """
import io, leakwatch
class Log: pass
class Text(io.StringIO): pass
KEPT = {"own": Text()}
KEPT["own"].write("before")
KEPT["own"].getvalue()
with leakwatch.scope("writing", discover=True) as scope:
    KEPT["own"].write("more")
    KEPT["own"].getvalue()
    KEPT["log"] = log = Log()
    log.text = io.StringIO()
    log.text.write("held by nothing that the collector shows")
    del log
print(*(leak.path.expression for leak in scope.report.leaks))
"""
    assert run_python("-c", lines) == "__main__.KEPT['log']\n"
