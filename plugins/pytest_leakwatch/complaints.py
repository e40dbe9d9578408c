"""What is complained of while the garbage of a test is collected: it is that test's.

pytest keeps what a finalizer or a thread raised, the warning of an unclosed socket say, until
its next step, and where warnings are errors that step fails. Without us the collector comes at
some time, and any test may be hit. What we collect at the end of a test was made by that test,
so it is told before the next one begins.
"""

from collections.abc import Callable
from contextlib import suppress

import pytest

from leakwatch.integration import add_note, described

Tell = Callable[[pytest.Config], None]
KEPT: dict[str, Tell] = {}
"""How pytest is asked to tell what it has kept, by the name of its plugin; before 8.4 it keeps
nothing beyond a step and prints what happens between two."""

with suppress(ImportError):
    from _pytest.unraisableexception import collect_unraisable

    KEPT["unraisableexception"] = collect_unraisable
with suppress(ImportError):
    from _pytest.threadexception import collect_thread_exception

    KEPT["threadexception"] = collect_thread_exception


def complain(config: pytest.Config) -> None:
    """Let pytest warn of what it has kept, or raise it where such warnings are errors."""
    __tracebackhide__ = True
    for plugin, tell in KEPT.items():
        if config.pluginmanager.has_plugin(plugin):
            tell(config)


def note_complaints(item: pytest.Item, error: BaseException) -> None:
    """The same where the test fails anyhow: its error is the one to see."""
    try:
        complain(item.config)
    except Exception as complaint:  # noqa: BLE001 - a warning of any class, or a group of them
        said = described(complaint)
        if not add_note(error, said):
            item.add_report_section("teardown", "complaints", said)
