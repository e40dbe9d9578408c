"""Run the interpreter's own weak reference tests with `weakref` bound to our package.

    python tests/conformance/run.py [--python PATH] [--package NAME] [--path DIR] [--suite extra]

`test_weakref` and `test_weakset` come from the library of the interpreter that runs them, with
`--suite extra` the tests of copying, the collector, finalization, types and ordered dicts, which
use weak references too; no test is copied. `LEAKWATCH_PURE=1` in the environment runs them on the
Python files. The last line is ``N passed, N failed, N skipped``; the exit code is 1 on any failure.
A test in `allowed.py` may fail: it is then counted as skipped, and shown with its reason.
"""

import argparse
import importlib
import subprocess
import sys
import unittest
from collections.abc import Iterator, Sequence
from pathlib import Path

from allowed import ALLOWED
from binding import bind, bind_children

_ROOT = str(Path(__file__).resolve().parents[2])
_SUITES = {
    "core": ("test_weakref", "test_weakset"),
    "extra": ("test_copy", "test_descr", "test_finalization", "test_gc", "test_ordered_dict"),
}


class Tally(unittest.TextTestResult):
    """A result that counts what passed, and forgives what is allowed to fail."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # whatever the runner gives
        self.passed = 0

    def addSuccess(self, test: unittest.TestCase) -> None:
        super().addSuccess(test)
        self.passed += 1

    def addFailure(self, test: unittest.TestCase, err: object) -> None:
        if reason := ALLOWED.get(test.id()):
            super().addSkip(test, f"allowed to fail: {reason}")
        else:
            super().addFailure(test, err)  # type: ignore[arg-type]  # sys.exc_info()

    @property
    def failed(self) -> int:
        """The number of tests that failed, raised, or passed against expectation."""
        return len(self.failures) + len(self.errors) + len(self.unexpectedSuccesses)

    def summary(self) -> str:
        """Return the last line of the report."""
        skipped = len(self.skipped) + len(self.expectedFailures)
        return f"{self.passed} passed, {self.failed} failed, {skipped} skipped"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the suites, here or under another interpreter; return the exit code."""
    options = _parser().parse_args(argv)
    if options.python:
        command = [options.python, "-X", "faulthandler", __file__]
        under_test = ["--package", options.package, "--path", options.path]
        under_test += ["--suite", options.suite]
        return subprocess.run([*command, *under_test], check=False).returncode
    return _run(options.package, options.path, options.suite)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--python", metavar="PATH", help="the interpreter whose tests are run")
    parser.add_argument("--suite", choices=_SUITES, default="core", help="default: %(default)s")
    parser.add_argument("--package", default="weakrefs", help="what `weakref` is bound to")
    parser.add_argument("--path", metavar="DIR", default=_ROOT, help="the folder it lies in")
    return parser


def _run(package_name: str, path: str, suite_name: str) -> int:
    folders = [path, _ROOT]
    sys.path[:0] = folders
    bind(package_name)
    bind_children(package_name, folders)
    loaded = [importlib.import_module(f"test.{name}") for name in _SUITES[suite_name]]
    suite = unittest.TestSuite(map(unittest.defaultTestLoader.loadTestsFromModule, loaded))
    result = unittest.TextTestRunner(sys.stdout, resultclass=Tally, verbosity=1).run(suite)
    assert isinstance(result, Tally)
    for line in _notes(result):
        print(line)
    print(result.summary())
    return 1 if result.failed else 0


def _notes(result: Tally) -> Iterator[str]:
    build = getattr(sys.modules.get("weakrefs.core"), "IMPLEMENTATION", "unknown")
    name = sys.modules["weakref"].__name__
    yield f"Python {sys.version.split()[0]}, weakref is {name}, build {build}"
    for test, reason in result.skipped:
        yield f"skipped {test.id()}: {reason}"


if __name__ == "__main__":
    sys.exit(main())
