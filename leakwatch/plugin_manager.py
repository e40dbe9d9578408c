"""Finding, loading and calling plugins, so that a broken one is a fact and not a crash.

pluggy keeps the hooks and their order. Two things are done here instead: entry points are
loaded one by one, because `load_setuptools_entrypoints` stops at the first ImportError, and
every implementation is called on its own, because pluggy's call ends at the first one that
raises. What it answers is checked here and nowhere else, see `leakwatch.isolation.answers`.
"""

import importlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import pluggy

from leakwatch import extending, hookspecs
from leakwatch.errors import PluginWarning
from leakwatch.guest.importing import held_signals
from leakwatch.isolation.answers import Check, Source, check_of
from leakwatch.isolation.calls import described, is_the_programs, warn
from leakwatch.isolation.installed import Point, entry_points

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from leakwatch.model import KnownLeak

ENTRY_POINTS = "leakwatch"
SHELVES = "leakwatch.known"
"""Groups of entry points: plugins, and folders of known leaks."""
BUILT_IN, COMMANDS = "builtin", "commands"
"""Names of what comes with leakwatch itself."""
OWN = frozenset({BUILT_IN, COMMANDS})
ALL = "all"
"""In the place of a plugin's name: every one but the built-in."""
CONFIGURED = "(configured)"
"""Behind the name of a plugin: the hooks that it has since the program configured it."""
PREFIX = "leakwatch_"
"""What the names of all hooks begin with."""
OF_EACH_SCOPE = (
    "leakwatch_scope_opened",
    "leakwatch_sample_memory",
    "leakwatch_explain_memory",
    "leakwatch_scope_closed",
)
"""Hooks that are called for a clean scope too; the others where no window hides the heap."""
INSTALLED = "installed distributions"
"""Who is named where no plugin can be."""

Implementation = tuple[Callable[..., Any], tuple[str, ...], Check, Source]
"""A plugin's function for a hook, the arguments that it takes, and what it has to answer."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that a plugin did wrong, reported once.

    Attributes:
        plugin: name of the plugin.
        where: the hook, or `import`.
        error: type and message of the exception.
    """

    plugin: str
    where: str
    error: str

    def __str__(self) -> str:
        return f"plugin {self.plugin!r} failed in {self.where}: {self.error}"


def warn_of(fault: Fault) -> None:
    """Report a fault as a Python warning."""
    warn(str(fault), PluginWarning, stacklevel=4)


class KnownLeaks:
    """A plugin without code: the known leaks that a distribution ships.

    Args:
        package: the package that is their folder.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    @hookspecs.hookimpl
    def leakwatch_known_leaks(self) -> "tuple[KnownLeak, ...]":
        """See `leakwatch.hookspecs`."""
        from leakwatch.diagnosis.known.entries import entries_in

        return entries_in(self._package)


def by_name(points: "Iterable[Point | EntryPoint]") -> "list[Point | EntryPoint]":
    """Entry points in a fixed order, whatever the order of installation."""
    return sorted(points, key=lambda point: point.name)


class Plugins:
    """The loaded plugins, the ones that could not be loaded, and what went wrong.

    Attributes:
        tell: called with the first fault of each plugin; the command line prints it instead.
        notes: one sentence for each plugin that failed: its first fault, and in how many places.
    """

    def __init__(self) -> None:
        self.notes: tuple[str, ...] = ()
        self.tell: Callable[[Fault], None] = warn_of
        self._manager = pluggy.PluginManager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        self._faults: dict[tuple[str, str], Fault] = {}
        self._implementations: dict[str, list[Implementation]] = {}
        self._points: dict[str, Point | EntryPoint] = {}

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What went wrong so far, each plugin and place once."""
        return tuple(self._faults.values())

    def _notes(self) -> tuple[str, ...]:
        by_plugin: dict[str, list[Fault]] = {}
        for fault in self.faults:
            by_plugin.setdefault(fault.plugin, []).append(fault)
        notes = []
        for first, *others in by_plugin.values():
            places = f"{len(others)} more place{'s' * (len(others) > 1)}"
            more = f" (and in {places}; see `leakwatch plugins`)" if others else ""
            notes.append(f"{first}{more}")
        return tuple(notes)

    def names(self) -> list[str]:
        """Names of the loaded plugins in the order of registration."""
        return [name for name, _ in self._registered()]

    def versions(self) -> dict[str, str]:
        """The version of each plugin that is not leakwatch's own; empty where it has none."""
        with held_signals():  # the standard library imports what reads metadata when it first does
            return {
                name: self._version_of(name)
                for name in sorted(self.names())
                if name not in OWN and CONFIGURED not in name
            }

    def _version_of(self, name: str) -> str:
        point = self._points.get(name)
        try:
            return str(point.dist.version or "") if point is not None and point.dist else ""
        except Exception as error:  # noqa: BLE001 - metadata is a file, and may be damaged
            self.note(name, "metadata", error)
            return ""

    def describe(self) -> list[tuple[str, list[str]]]:
        """Each loaded plugin's name with the hooks that it implements."""
        return [
            (name, sorted(it.name for it in self._manager.get_hookcallers(plugin) or []))
            for name, plugin in self._registered()
        ]

    def _registered(self) -> list[tuple[str, object]]:
        # pluggy lists a blocked name as well, with None for its plugin.
        found = self._manager.list_name_plugin()
        return [(name, plugin) for name, plugin in found if plugin is not None]

    def register(self, plugin: object, name: str) -> bool:
        """Register a plugin, once; False, with a fault noted, if it breaks the rules."""
        try:
            # An entry point and `-p` may name the same module, and a program may run two commands.
            if not self._manager.is_registered(plugin):
                self._manager.register(plugin, name)
                self._manager.check_pending()
                self._implementations.clear()
        except BaseException as error:
            if is_the_programs(error):
                raise
            self._manager.set_blocked(name)
            self.note(name, "registration", error)
            return False
        return True

    def load_entry_points(self, blocked: Sequence[str] = ()) -> None:
        """Load what installed distributions announce, one by one, by name."""
        installed = self._installed()
        for point in by_name(point for point in installed if point.group == ENTRY_POINTS):
            if point.name not in blocked and not self._manager.has_plugin(point.name):
                self._points[point.name] = point
                self._load(point.name, point.load)
        for point in by_name(point for point in installed if point.group == SHELVES):
            name = f"known:{point.name}"
            if name not in blocked and not self._manager.has_plugin(name):
                self._points[name] = point
                self.register(KnownLeaks(point.value), name)

    def _installed(self) -> "list[Point | EntryPoint]":
        """What all distributions announce; an archive that is damaged may hide the others."""
        try:
            # One look at what is installed, which is what takes the time.
            return entry_points({ENTRY_POINTS, SHELVES})
        except Exception as error:  # noqa: BLE001 - files of other people
            self.note(INSTALLED, "entry points", error)
            return []

    def load_module(self, name: str) -> bool:
        """Load a plugin by the name of its module; False, with a fault noted, on failure."""
        return self._load(name, lambda: importlib.import_module(name))

    def _load(self, name: str, load: Callable[[], object]) -> bool:
        try:
            plugin = load()
        except BaseException as error:
            if is_the_programs(error):
                raise
            self.note(name, "import", error)
            return False
        return self.register(plugin, name)

    def call(self, hook: str, **arguments: object) -> list[tuple[str, Any]]:
        """Call every implementation of a hook, each on its own.

        Args:
            hook: name of the hook.
            arguments: all arguments that the hook's specification names.

        Returns:
            plugin name and answer, for each answer that is not None. It is of the type that the
            specification declares; its functions may be called without a guard.
        """
        known = self._implementations.get(hook)
        if known is None:
            known = self._implementations_of(hook)
        answers = []
        for function, names, check, source in known:
            try:
                answer = function(*map(arguments.__getitem__, names))
                if answer is not None:
                    answers.append((source.plugin, check(answer, source)))
            except BaseException as error:
                if is_the_programs(error):
                    raise
                self.note(source.plugin, hook, error)
        return answers

    def prepare(self) -> None:
        """Look up the hooks of each scope now: what that makes would be born in its window."""
        for hook in OF_EACH_SCOPE:
            self._implementations_of(hook)

    def _implementations_of(self, hook: str) -> list[Implementation]:
        """A hook's implementations in call order; kept, for a scope asks four times."""
        check = check_of(getattr(hookspecs, hook), extending)
        found: list[pluggy.HookImpl] = getattr(self._manager.hook, hook).get_hookimpls()
        kept: list[Implementation] = []
        for it in reversed(found):
            source = Source(it.plugin_name, hook, self.note, trusted=it.plugin_name in OWN)
            kept.append((it.function, it.argnames, check, source))
        self._implementations[hook] = kept
        return kept

    def extensions(self, hook: str) -> list[Any]:
        """All functions or values that the implementations of a hook offer, in call order."""
        return [offered for _, answer in self.call(hook) for offered in answer]

    def note(self, plugin: str, where: str, error: BaseException) -> str:
        """Remember a fault, report the first one of a plugin, and give the message."""
        fault = Fault(plugin, where, described(error))
        is_first = all(known.plugin != plugin for known in self.faults)
        if (plugin, where) not in self._faults:
            self._faults[plugin, where] = fault
            self.notes = self._notes()
        if is_first:
            self.tell(fault)
        return str(fault)


@cache
def plugins() -> Plugins:
    """The plugins of this process, loaded when the first one is needed.

    `LEAKWATCH_DISABLE_PLUGINS` names entry points to leave out, separated by commas; `all`
    leaves out every one but the built-in.
    """
    # A handler of a signal that opens a scope meanwhile would load them once more, within itself.
    # It may run before the cache has the answer, and finds it here.
    with held_signals():
        kept = list(_loading)
        found = kept[0] if kept else loaded()
        _loading[:] = [found]
    _loading.clear()
    return found


_loading: list[Plugins] = []
"""The plugins, from when they are loaded to when `plugins` returns them."""


def loaded() -> Plugins:
    """Load the plugins."""
    from leakwatch import builtin

    found = Plugins()
    found.register(builtin, BUILT_IN)
    if not is_left_out(ALL):
        found.load_entry_points(left_out())
    found.prepare()
    return found


def left_out() -> list[str]:
    """Names of plugins that the environment leaves out."""
    return os.environ.get("LEAKWATCH_DISABLE_PLUGINS", "").split(",")


def is_left_out(name: str) -> bool:
    """Whether the environment leaves out a plugin."""
    return not {name, ALL}.isdisjoint(left_out())


def take_part(plugin: object, name: str) -> None:
    """Let the hooks of a plugin be called from now on, once the program has configured it.

    So nobody pays for the hooks of a plugin that has nothing to do. What was left out by
    `LEAKWATCH_DISABLE_PLUGINS` stays so.

    Args:
        plugin: a module or an object with implementations of hooks; given again, it is the same.
        name: of the plugin's entry point.
    """
    if not is_left_out(name):
        hooks = plugins()
        others = sum(it.startswith(f"{name} {CONFIGURED}") for it in hooks.names())
        hooks.register(plugin, f"{name} {CONFIGURED}{f' {others + 1}' * bool(others)}")
