"""What plugins are asked and told around a judgement: figures, the story of memory, the report."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from leakwatch.guest.budget import Budget
from leakwatch.guest.importing import held_signals
from leakwatch.heap.graph import IMPLEMENTATION
from leakwatch.model import Environment, MemorySample
from leakwatch.plugin_manager import Plugins, plugins
from leakwatch.report import Report, count_objects
from leakwatch.tracking.handles import count_registered, registered
from leakwatch.tracking.open_scopes import OVERLAPPED
from leakwatch.tracking.window import suspended
from leakwatch.version import VERSION
from weakrefs import core


class Survivors:
    """How many objects outlived their scopes in this process.

    Attributes:
        so_far: the number by now.
    """

    so_far = 0


survivors = Survivors()


def start_sampler(hooks: Plugins, interval: float) -> None:
    """Let the plugins sample the process, every so many seconds."""
    count_registered()
    counts = {"tracked": registered, "survivors": lambda: survivors.so_far}
    hooks.call("leakwatch_start_sampler", interval=interval, counts=counts)


def stop_sampler(hooks: Plugins) -> tuple[MemorySample, ...]:
    """What they sampled; nothing where no plugin samples."""
    answers = hooks.call("leakwatch_stop_sampler")
    return tuple(answers[0][1]) if answers else ()


SHARE = 0.05
"""Share of the time that the figures of scopes may take."""
SAVED = 0.05
"""Seconds of it that can be saved up: enough for the scopes of any test, and of a quiet service."""
ration = Budget(SHARE, SAVED)
"""Of thousands of scopes in a row, which take microseconds, most go without figures."""


def sample_memory(*, thorough: bool = False) -> dict[str, int]:
    """Figures of the process, from every plugin that offers some."""
    figures: dict[str, int] = {}
    for _, sample in plugins().call("leakwatch_sample_memory", thorough=thorough)[::-1]:
        figures.update(sample)
    return figures


def with_story(report: Report, *, trim: bool) -> Report:
    """The report with what a plugin says its memory is made of."""
    if report.memory is None:
        return report
    answers = plugins().call("leakwatch_explain_memory", report=report, trim=trim)
    return replace(report, memory=answers[0][1]) if answers else report


def announced(report: Report, *, trim: bool = False) -> Report:
    """Tell the plugins of a report; one that fails at that is named in its notes.

    Args:
        report: of which nobody was told yet.
        trim: whether the allocator may be asked to give back freed memory.

    Returns:
        the report with the story of its memory and what it was made on.
    """
    hooks = plugins()
    if report.leaks and report.kind in {"scope", "check"}:
        survivors.so_far += count_objects(report.leaks)
    before = hooks.notes
    report = with_story(report, trim=trim)
    unknown = report.not_judged is not None and report.not_judged != OVERLAPPED
    if report.kind != "scope" or report.leaks or report.known or unknown:
        # A clean scope has no time for that.
        report = replace(report, environment=environment(tuple(hooks.names())))
    hooks.call("leakwatch_scope_closed", report=report)
    if hooks.notes is before:
        return report
    others = (note for note in report.notes if note not in before)
    return replace(report, notes=(*others, *hooks.notes))


@cache
def environment(plugin_names: tuple[str, ...]) -> Environment:
    """What this process judges on, with these plugins."""
    # To ask for versions and the platform takes milliseconds, once. What it makes is ours, though
    # the window of a scope around may be open.
    with suspended():
        with held_signals():
            import platform
            import sysconfig

        build = kind_of_build(sysconfig.get_config_vars())
        system = f"{platform.system()} {platform.machine()}"
        library = " ".join(filter(None, platform.libc_ver()))  # whose allocator it is
        return Environment(
            python=platform.python_version(),
            implementation=f"{platform.python_implementation()}{build}",
            platform=", ".join(filter(None, [system, library])),
            leakwatch=VERSION,
            heap_walk=IMPLEMENTATION,
            weak_containers=core.IMPLEMENTATION,
            plugins=plugins().versions(),
        )


def kind_of_build(variables: Mapping[str, object]) -> str:
    """In parentheses the kind of build, where it is not the usual one."""
    kinds = {"Py_GIL_DISABLED": "free-threaded", "Py_DEBUG": "debug"}
    found = [kind for name, kind in kinds.items() if variables.get(name)]
    return f" ({', '.join(found)})" if found else ""
