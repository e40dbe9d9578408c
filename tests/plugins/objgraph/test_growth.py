"""Growth of types by objgraph: around a block, and for every scope when asked."""

import importlib.util
import os
import subprocess
import sys
import textwrap

import pytest

from leakwatch.errors import LeakwatchError
from leakwatch_objgraph import type_growth

needs_objgraph = pytest.mark.skipif(
    importlib.util.find_spec("objgraph") is None, reason="objgraph is not installed here"
)

LEAKY = """
    import sys
    import leakwatch, leakwatch_objgraph
    from leakwatch.session import plugins
    if "objgraph" not in plugins().names():
        plugins().register(leakwatch_objgraph, "objgraph")

    class Session:
        pass

    SESSIONS = []
"""


def run(program, **environment):
    code = textwrap.dedent(LEAKY) + textwrap.dedent(program)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done


def test_objgraph_is_not_imported_before_somebody_counts():
    assert run("print('objgraph' in sys.modules)").stdout == "False\n"


def test_without_objgraph_counting_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "objgraph", None)
    with pytest.raises(LeakwatchError, match="pip install objgraph"), type_growth():
        pass


def test_scopes_have_no_hooks_of_this_plugin_unless_asked():
    program = """
        hooks = dict(plugins().describe())["objgraph"]
        print(*hooks)
    """
    assert run(program, LEAKWATCH_OBJGRAPH="0").stdout.split() == ["leakwatch_renderers"]
    assert run(program, LEAKWATCH_OBJGRAPH="1").stdout.split() == [
        "leakwatch_renderers",
        "leakwatch_scope_closed",
        "leakwatch_scope_opened",
    ]


def test_a_scope_that_asks_for_growth_without_objgraph_goes_on_and_names_the_fault():
    program = """
        sys.modules["objgraph"] = None
        with leakwatch.scope("request") as scope:
            pass
        (fault,) = plugins().faults
        print(scope.report.ok, "pip install objgraph" in fault.error)
    """
    assert run(program, LEAKWATCH_OBJGRAPH="1").stdout == "True True\n"


@needs_objgraph
def test_types_that_grew_are_listed_with_count_and_growth():
    program = """
        SESSIONS.append(Session())
        with leakwatch_objgraph.type_growth() as growth:
            SESSIONS += [Session() for _ in range(20)]
        print(growth)
    """
    assert run(program).stdout.split() == ["__main__.Session", "21", "+20"]


@needs_objgraph
def test_work_that_leaves_nothing_grows_nothing():
    program = """
        with leakwatch_objgraph.type_growth() as growth:
            Session()
        print(growth)
    """
    assert run(program).stdout == "no type has more instances than before\n"


@needs_objgraph
def test_a_heap_that_was_frozen_meanwhile_makes_the_counts_doubtful():
    program = """
        import gc
        with leakwatch_objgraph.type_growth() as growth:
            gc.freeze()
        print(growth.note)
    """
    assert "the figures cannot be compared" in run(program).stdout


@needs_objgraph
def test_every_scope_prints_its_growth_when_asked_by_environment():
    program = """
        with leakwatch.scope("outer"), leakwatch.scope("request"):
            SESSIONS += [Session() for _ in range(20)]
    """
    lines = run(program, LEAKWATCH_OBJGRAPH="1").stderr.splitlines()
    titles = [line for line in lines if not line.startswith("  ")]
    assert titles == [
        "leakwatch: growth of types in scope 'request'",
        "leakwatch: growth of types in scope 'outer'",
    ]
    grown = [line.split() for line in lines if "__main__.Session" in line]
    assert grown == [["__main__.Session", "20", "+20"]] * 2


@needs_objgraph
def test_scopes_that_have_closed_leave_no_counts_behind():
    program = """
        for _ in range(3):
            with leakwatch.scope("request"):
                pass
        from leakwatch_objgraph import growth
        print(growth._open)
    """
    assert run(program, LEAKWATCH_OBJGRAPH="1").stdout == "{}\n"
