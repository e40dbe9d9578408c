"""The first scope of a fresh process that discovers: nothing of ours, nothing overlooked."""

import subprocess
import sys

CLEAN = """
import leakwatch
with leakwatch.scope("first", discover=True) as scope:
    pass
print(len(scope.report.leaks), len(scope.report.in_use))
"""

REGISTRY = """
import leakwatch
class Session:
    def on_event(self): pass
HANDLERS = {}
with leakwatch.scope("first", discover=True) as scope:
    for number in range(3):
        HANDLERS[number] = Session().on_event
leak, = scope.report.leaks
print(leak.count, leak.path.expression)
"""


def printed(program):
    command = [sys.executable, "-c", program]
    return subprocess.run(command, check=True, text=True, capture_output=True).stdout.strip()


def test_the_context_that_the_scope_itself_makes_is_no_leak():
    assert printed(CLEAN) == "0 0"


def test_a_registry_of_the_running_module_that_was_empty_before_is_no_variable_in_use():
    assert printed(REGISTRY) == "3 __main__.HANDLERS[0].__self__"


NESTED = """
import leakwatch
class Session: pass
KEPT = []
with leakwatch.scope("outer", discover=True) as outer:
    with leakwatch.scope("inner", discover=True) as inner:
        KEPT.append(Session())
    KEPT.append(Session())
for scope in (inner, outer):
    print(*(f"{leak.count} {leak.path.expression}" for leak in scope.report.leaks), sep="; ")
"""


def test_what_the_first_judgement_imports_and_makes_is_no_leak_of_the_scope_around():
    assert printed(NESTED) == "1 __main__.KEPT[0]\n2 __main__.KEPT[1]"
