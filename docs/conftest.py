"""Runs the Python examples of the documentation: each page is one test.

A page reads from top to bottom, and its later examples use the names of the earlier ones.
So a page is never split: neither by a random order nor by several workers.
"""

import sys
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from unittest.mock import patch

import pytest
from sybil import Sybil
from sybil.document import Document
from sybil.example import SybilFailure
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

SYBIL = Sybil(
    parsers=[
        PythonCodeBlockParser(doctest_optionflags=ELLIPSIS | NORMALIZE_WHITESPACE),
        SkipParser(),
    ],
)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "Page | None":
    if file_path.suffix == ".md":
        return Page.from_parent(parent, path=file_path)
    return None


MOST_RUNS = 200
"""Of a hunt on a page, as of hunts in the tests; what the pages say does not depend on it."""


class Page(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        document = SYBIL.parse(self.path)
        if any(document.examples()):
            yield Examples.from_parent(self, name="examples", document=document)


class Examples(pytest.Item):
    def __init__(self, *, document: Document, **options: object) -> None:
        super().__init__(**options)
        self.document = document

    def runtest(self) -> None:
        short = patch("leakwatch.growth.rounds.MOST_RUNS", MOST_RUNS)
        with short, TemporaryDirectory() as folder, chdir(folder), module_of(self.path) as module:
            self.document.namespace = module.__dict__
            try:
                for example in self.document.examples():
                    example.evaluate()
            finally:
                stop_monitors()
        # What a page watches dies with it: the document lives as long as the item, and the runner
        # of doctest keeps the namespace of the last page.
        self.document.namespace.clear()

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> object:
        if isinstance(excinfo.value, SybilFailure):
            return str(excinfo.value)
        return super().repr_failure(excinfo)


def stop_monitors() -> None:
    """End what a page has left running: it would judge beside the next page."""
    from leakwatch.monitoring.monitor import running_monitors

    for monitor in list(running_monitors()):
        monitor.stop()


@contextmanager
def module_of(page: Path) -> Iterator[ModuleType]:
    """A real module for the names of a page, so that its leaks have a root that can be named."""
    module = ModuleType(page.stem.replace("-", "_"))
    # A page may be called like a module that is loaded, as `logging` is.
    hidden = sys.modules.get(module.__name__)
    sys.modules[module.__name__] = module
    try:
        yield module
    finally:
        del sys.modules[module.__name__]
        if hidden is not None:
            sys.modules[module.__name__] = hidden
