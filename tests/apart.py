"""Test files that judge their own process time and again: they run in a small one.

A judgement looks at the whole heap. That of a process which has collected all tests, with all that
they import, has six times the objects of one that has collected a single file. Such files run in a
second pytest, forked with one file to collect: it runs the tests that it is asked for, fixtures
and all, and sends their reports, as the workers of pytest-xdist do.

Not where a debugger, the terminal or coverage is to be in the process of the test.
"""

import os
import pickle
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import IO

import pytest
from pytest_asyncio import plugin as asyncio_plugin

from tests.nursery import ROOT, Nursery, at_start, modules_of, text_of

OPTIONS = (
    *("-o", "addopts=", "--import-mode=importlib", "--strict-markers"),
    *("-p", "pytester", "-p", "no:cacheprovider", "-p", "no:terminal"),
)
WITHOUT_PLUGINS = "PYTEST_DISABLE_PLUGIN_AUTOLOAD"
_serves = False
"""Whether this is the small process."""


def wanted_here(config: pytest.Config) -> bool:
    """Whether tests are to run in the process that was started, whatever they judge."""
    option = config.option
    debugs = option.usepdb or option.trace or option.capture == "no" or option.setupshow
    return debugs or config.pluginmanager.hasplugin("_cov") or _serves


# -- in the process that was started ------------------------------------------------------------


class Apart:
    """A plugin of pytest that has tests run in a small process, one for each file at work.

    Args:
        judges: whether the tests of a file are such.
    """

    def __init__(self, judges: Callable[[Path], bool]) -> None:
        self._judges = judges
        self._file: Path | None = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> bool | None:
        """Have a test run there, and report it here."""
        if wanted_here(item.config) or not self._judges(item.path):
            return None
        if item.path != self._file:
            self.pytest_sessionfinish()
            self._start(item)
        item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
        for report in self._reports(item, nextitem):
            item.ihook.pytest_runtest_logreport(report=report)
        item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
        # What the test before has left for this one is not needed any more.
        item.session._setupstate.teardown_exact(nextitem)
        return True

    def pytest_sessionfinish(self) -> None:
        """Let the small process end."""
        if self._file is not None:
            self._line.close()
            self._child.wait()
            self._printed.close()
            self._file = None

    def _start(self, item: pytest.Item) -> None:
        ours, theirs = socket.socketpair()
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process ends
        with theirs:
            job = {"call": f"{__name__}:serve", "arguments": [str(item.path)], "seconds": 0}
            self._child = nursery().start(
                job,
                dict(os.environ),
                item.config.rootpath,
                self._printed,
                self._printed,
                stdin=theirs,
            )
        self._line = ours.makefile("rwb")
        ours.close()
        self._file = item.path

    def _reports(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Iterable[pytest.TestReport]:
        """What the small process says of a test; if it has ended, that is the test's failure."""
        following = nextitem.nodeid if nextitem is not None else None
        try:
            send(self._line, (item.nodeid, following))
            answer = pickle.load(self._line)
        except (OSError, EOFError):
            self._file = None
            told = f"its process ended with {self._child.wait()}\n{text_of(self._printed)}"
            return [pytest.TestReport(item.nodeid, item.location, {}, "failed", told, "call")]
        hook = item.config.hook.pytest_report_from_serializable
        return [hook(config=item.config, data=data) for data in answer]


@cache
def nursery() -> Nursery:
    """The process that forks the small ones, with what they need."""
    made = Nursery(dict(at_start(dict(os.environ))))
    made.import_modules([*modules_of("leakwatch"), __name__], [str(ROOT)])
    return made


def send(line: IO[bytes], message: object) -> None:
    """Write plain data; not as JSON, which makes lists of the tuples in a report."""
    pickle.dump(message, line)
    line.flush()


# -- in the small process -----------------------------------------------------------------------


def serve(file: str) -> None:
    """Collect a file, and run its tests as they are asked for."""
    global _serves
    _serves = True
    sys.path.insert(0, os.getcwd())  # as `python -m pytest` does
    line = socket.socket(fileno=os.dup(0))
    os.environ[WITHOUT_PLUGINS] = "1"
    pytest.main([*OPTIONS, file], plugins=[asyncio_plugin, Server(line)])


class Server:
    """A plugin of pytest: runs a test for each line that comes, and answers with its reports."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line.makefile("rwb")
        self._reports: list[object] = []

    def pytest_configure(self, config: pytest.Config) -> None:
        del os.environ[WITHOUT_PLUGINS]  # what the tests start is another matter
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        hook = self._config.hook.pytest_report_to_serializable
        self._reports.append(hook(config=self._config, report=report))

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        with suppress(EOFError):
            while True:
                name, following = pickle.load(self._line)
                hook = session.config.hook.pytest_runtest_protocol
                hook(item=items[name], nextitem=items.get(following))
                send(self._line, self._reports)
                self._reports.clear()
        return True
