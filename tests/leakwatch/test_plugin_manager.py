"""A broken plugin is a fact to report, never a crash."""

import inspect
import warnings
from collections.abc import Callable
from importlib.metadata import EntryPoint

import pytest

from leakwatch import hookspecs, plugin_manager
from leakwatch.errors import PluginWarning
from leakwatch.model import MemoryGrowth
from leakwatch.plugin_manager import Plugins
from tests.heaps import run_python

HOOKS = sorted(name for name in vars(hookspecs) if name.startswith("leakwatch_"))


def broken_plugin() -> type:
    """A plugin that raises in every hook there is, with all of the hook's arguments."""

    def broken(name):
        parameters = inspect.signature(getattr(hookspecs, name)).parameters
        lines = f"def {name}({', '.join(parameters)}): raise RuntimeError({name!r})"
        namespace: dict[str, object] = {}
        exec(lines, namespace)
        return staticmethod(hookspecs.hookimpl(namespace[name]))

    return type("Broken", (), {name: broken(name) for name in HOOKS})


def arguments_of(name: str) -> dict[str, object]:
    return dict.fromkeys(inspect.signature(getattr(hookspecs, name)).parameters)


def test_there_are_hooks_to_break():
    assert "leakwatch_scope_opened" in HOOKS
    assert len(HOOKS) >= 10


GOOD = {
    "leakwatch_sample_memory": {"figure": 1},
    "leakwatch_explain_memory": MemoryGrowth({"figure": 1}, {"figure": 2}, "native"),
}
"""An answer for each hook that is asked for a value; the others are asked for a list, or told."""


def plugin_for(hook: str, answer: Callable[[], object]) -> type:
    """A plugin that answers one hook."""

    def implementation():
        return answer()

    implementation.__name__ = hook
    return type("Plugin", (), {hook: staticmethod(hookspecs.hookimpl(implementation))})


def good_answer(hook: str) -> object:
    told = inspect.signature(getattr(hookspecs, hook)).return_annotation is None
    return None if told else GOOD.get(hook, [])


@pytest.mark.filterwarnings("ignore::leakwatch.errors.PluginWarning")
@pytest.mark.parametrize("hook", HOOKS)
def test_an_implementation_that_raises_is_named_once_and_the_others_are_called(hook):
    answer, called = good_answer(hook), []
    plugins = Plugins()
    plugins.register(plugin_for(hook, lambda: called.append("first") or answer), "first")
    plugins.register(broken_plugin(), "broken")
    plugins.register(plugin_for(hook, lambda: called.append("last") or answer), "last")
    for _ in range(2):
        expected = [] if answer is None else [("last", answer), ("first", answer)]
        assert plugins.call(hook, **arguments_of(hook)) == expected
    assert called == ["last", "first"] * 2
    assert [(fault.plugin, fault.where) for fault in plugins.faults] == [("broken", hook)]
    assert str(plugins.faults[0]).endswith(f"RuntimeError: {hook}")


RUN = """
import warnings
import leakwatch
from leakwatch.session import plugins
from tests.leakwatch.test_plugin_manager import broken_plugin
warnings.simplefilter("ignore")
assert plugins().register(broken_plugin(), "broken")
class Session: pass
KEPT = []
reports = []
for _ in range(2):
    with leakwatch.scope("work") as scope: KEPT.append(scope.track(Session()))
    reports.append(scope.report)
reports += [leakwatch.why(KEPT[0]), leakwatch.hunt(lambda: KEPT.append(Session()))]
with leakwatch.scope("discover", discover=True) as scope: KEPT.append(Session())
reports.append(scope.report)
leakwatch.watch(KEPT[0], within=0)
reports.append(leakwatch.check())
with leakwatch.monitor() as monitor: monitor.look()
for report in reports:
    assert len(report.leaks) == 1, report
    assert "__main__.KEPT" in str(report)
    named = [note for note in report.notes if "broken" in note]
    assert len(named) == 1, report.notes
print(*sorted(fault.where for fault in plugins().faults))
"""


def test_a_plugin_that_raises_in_every_hook_leaves_every_judgement_working_and_is_named_once():
    # No command is asked for, none samples, and no plugin gives figures of memory to explain.
    not_called = {
        *("leakwatch_subcommands", "leakwatch_explain_memory", "leakwatch_heap_formats"),
        *("leakwatch_start_sampler", "leakwatch_stop_sampler"),
    }
    assert set(run_python("-c", RUN).split()) == set(HOOKS) - not_called


def test_functions_that_a_plugin_offers_may_raise_too():
    lines = """
import warnings
import leakwatch
from leakwatch.extending import OfClass
from leakwatch.session import plugins
warnings.simplefilter("ignore")
def broken(*arguments): raise RuntimeError("offered")
def broken_generator(*arguments):
    yield
    raise RuntimeError("offered")
class Plugin:
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_root_providers(): return [broken, broken_generator]
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_reference_names(): return [broken]
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_inspectors(): return [broken]
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_sizeof(): return [broken]
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_hidden_references(): return [OfClass("__main__", "Holder", broken)]
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_unheld_containers(): return [broken]
    @staticmethod
    @leakwatch.hookimpl
    def leakwatch_known_leaks(): return 5
plugins().register(Plugin, "broken")
class Session: pass
class Holder: pass
KEPT = Holder()
with leakwatch.scope("work") as scope: KEPT.other = scope.track(Session())
assert "__main__.KEPT.other" in str(scope.report)
(note,) = scope.report.notes
assert note.startswith("plugin 'broken' failed in leakwatch_"), note
print(len(plugins().faults))
"""
    assert run_python("-c", lines) == "7\n"


ANSWERS = """
import asyncio, itertools, warnings
import leakwatch
from leakwatch.extending import HeapRoot, Judgement, Named, OfClass, Renderer
from leakwatch.session import plugins
from tests.leakwatch.test_plugin_manager import HOOKS, SimpleSilent, plugin_for
warnings.simplefilter("ignore")
def raising(error, lazily=False):
    def call(*arguments):
        if lazily:
            yield None
        raise error
    def at_once(*arguments):
        raise error
    return call if lazily else at_once
ERRORS = [SystemExit(7), asyncio.CancelledError(), GeneratorExit(), SimpleSilent(), StopIteration()]
KEPT = []
class Session: pass
NAMES = ["Session", "Missing"]
KEPT_BY_PLUGIN = [object()]
def endless(*arguments):
    while True: yield HeapRoot("kind", "label", None, wave=0)
ANSWERS = [
    *(raising(error, lazily) for error in ERRORS for lazily in (False, True)),
    *(lambda answer=answer: answer for answer in [5, "abc", object(), {1: 2}, [None], Session]),
    *(lambda error=error: [raising(error)] for error in ERRORS),
    *(lambda answer=answer: [lambda *a: answer] for answer in [5, "abc", [1], {}, "x" * 10**6]),
    lambda: [endless], lambda: itertools.repeat(None), lambda: KEPT.append,
    lambda: [lambda *a: Named(".x", hops=0)], lambda: [lambda *a: Judgement("LEAKING")],
    lambda: [Renderer("text", ".txt", str)],
    lambda: [Renderer("text", (".txt",), raising(ERRORS[0]))],
    lambda: [OfClass("__main__", "Session", 5)], lambda: [OfClass("__main__", None, list)],
    *(
        lambda answer=answer: [OfClass("__main__", name, lambda it: answer) for name in NAMES]
        for answer in [5, "abc", {}, 1.5, KEPT_BY_PLUGIN, endless()]
    ),
    *(
        lambda error=error: [OfClass("__main__", "Session", raising(error, lazily=True))]
        for error in ERRORS
    ),
]
WRONG_EVERYWHERE = 2 * len(ERRORS)
# No command is asked for, none samples, and no plugin gives figures of memory to explain.
CALLED = set(HOOKS) - {
    "leakwatch_subcommands", "leakwatch_explain_memory", "leakwatch_heap_formats",
    "leakwatch_start_sampler", "leakwatch_stop_sampler",
}
for number, answer in enumerate(ANSWERS):
    plugins.cache_clear()
    hooks = plugins()
    for hook in HOOKS:
        hooks.register(plugin_for(hook, answer), hook)
    with leakwatch.scope("clean") as scope: scope.track(Session())
    assert scope.report.not_judged is None and str(scope.report), number
    hooks.call("leakwatch_looked", look=None)
    with leakwatch.scope("leak") as scope: KEPT.append(scope.track(Session()))
    report = scope.report
    assert [leak.path.expression for leak in report.leaks] == ["__main__.KEPT[0]"], (number, report)
    assert "__main__.KEPT[0]" in str(report)
    places = {(fault.plugin, fault.where) for fault in hooks.faults}
    if number < WRONG_EVERYWHERE:
        assert places == {(hook, hook) for hook in CALLED}, (number, places)
    assert all(plugin == where for plugin, where in places), (number, places)
    KEPT.clear()
"""


class SimpleSilent(BaseException):
    def __str__(self):
        raise SystemExit("no message")


def test_whatever_a_hook_raises_or_answers_every_judgement_works_without_it():
    run_python("-c", ANSWERS)


def test_ctrl_c_in_a_hook_is_the_users():
    def interrupted():
        raise KeyboardInterrupt

    plugins = Plugins()
    plugins.register(plugin_for("leakwatch_inspectors", interrupted), "slow")
    with pytest.raises(KeyboardInterrupt):
        plugins.call("leakwatch_inspectors")
    assert plugins.faults == ()


def test_a_damaged_installation_hides_its_plugins_and_stops_nothing(monkeypatch):
    def damaged(groups):
        raise TypeError("entry_points.txt")

    monkeypatch.setattr(plugin_manager, "entry_points", damaged)
    plugins = Plugins()
    with pytest.warns(PluginWarning, match=r"TypeError: entry_points\.txt"):
        plugins.load_entry_points()
    assert plugins.names() == []


def test_a_plugin_that_ends_the_process_when_it_is_registered_is_left_out():
    class Ending:
        def __eq__(self, other):
            raise SystemExit

        __hash__ = object.__hash__

    plugins = Plugins()
    plugins.register(plugin_for("leakwatch_inspectors", list), "sound")
    with pytest.warns(PluginWarning, match="registration: SystemExit"):
        assert not plugins.register(Ending(), "ending")
    assert plugins.names() == ["sound"]


def test_a_plugin_that_breaks_the_rules_is_not_registered():
    class Wrong:
        @staticmethod
        @hookspecs.hookimpl
        def leakwatch_scope_opened(colour):
            pass

    plugins = Plugins()
    with pytest.warns(PluginWarning, match="wrong"):
        assert not plugins.register(Wrong, "wrong")
    assert plugins.call("leakwatch_scope_opened", name="scope") == []
    assert [fault.where for fault in plugins.faults] == ["registration"]


def test_a_plugin_that_comes_twice_is_registered_once():
    class Right:
        @staticmethod
        @hookspecs.hookimpl
        def leakwatch_sample_memory():
            return {"rss": 1}

    plugins = Plugins()
    assert plugins.register(Right, "right")
    assert plugins.register(Right, "right")
    assert plugins.call("leakwatch_sample_memory", thorough=False) == [("right", {"rss": 1})]
    assert plugins.faults == ()


def test_an_unknown_hook_is_told():
    class Wrong:
        @staticmethod
        @hookspecs.hookimpl
        def leakwatch_no_such_hook():
            pass

    plugins = Plugins()
    with pytest.warns(PluginWarning, match="leakwatch_no_such_hook"):
        assert not plugins.register(Wrong, "wrong")


def test_entry_points_load_one_by_one_and_a_failing_import_stops_none(monkeypatch):
    points = [
        EntryPoint("a_sound", "textwrap", "leakwatch"),
        EntryPoint("b_missing", "no_such_module_anywhere", "leakwatch"),
        EntryPoint("c_missing_name", "textwrap:nothing", "leakwatch"),
        EntryPoint("d_sound", "string", "leakwatch"),
        EntryPoint("e_blocked", "no_such_module_either", "leakwatch"),
    ]
    monkeypatch.setattr(plugin_manager, "entry_points", lambda groups: points)
    plugins = Plugins()
    with pytest.warns(PluginWarning):
        plugins.load_entry_points(blocked=["e_blocked"])
    assert plugins.names() == ["a_sound", "d_sound"]
    assert [fault.plugin for fault in plugins.faults] == ["b_missing", "c_missing_name"]
    assert "no_such_module_anywhere" in str(plugins.faults[0])


def test_a_fault_is_no_error_where_warnings_are():
    plugins = Plugins()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        plugins.note("plugin", "hook", RuntimeError("no"))
    assert len(plugins.faults) == 1


def test_plugins_can_be_left_out_by_the_environment():
    lines = "from leakwatch.session import plugins; print(plugins().names())"
    assert run_python("-c", lines) == "['builtin']\n"


def test_a_signal_while_plugins_are_loaded_loads_them_not_once_more():
    run_python(
        "-c",
        """
import os, signal
from leakwatch import plugin_manager
times, load = [], plugin_manager.loaded
def loaded():
    times.append(1)
    os.kill(os.getpid(), signal.SIGUSR1)
    return load()
plugin_manager.loaded = loaded
signal.signal(signal.SIGUSR1, lambda *_: given.append(plugin_manager.plugins()))
given = []
assert [plugin_manager.plugins()] == given
assert times == [1]
""",
    )
