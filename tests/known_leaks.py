"""What the reproducers of known leaks share: they run as programs, each in its own process.

A reproducer either leaks for real, with what is installed, or builds the same path with
stand-ins: modules that have the names and the few lines that matter of the real ones.
"""

import gc
import json
import sys
from textwrap import dedent
from types import ModuleType

import leakwatch
from leakwatch.diagnosis.patterns import BY_CODE
from leakwatch.growth import rounds

rounds.MOST_RUNS = 200  # as for the tests in our own process


def module(name, source):
    """A stand-in for an installed module, with its packages around it."""
    parts = name.split(".")
    for end in range(1, len(parts)):
        package = ".".join(parts[:end])
        sys.modules.setdefault(package, ModuleType(package)).__path__ = []
    made = ModuleType(name)
    made.__file__ = f"/usr/lib/python3/site-packages/{name.replace('.', '/')}.py"
    sys.modules[name] = made
    exec(compile(dedent(source), made.__file__, "exec"), made.__dict__)
    if len(parts) > 1:
        setattr(sys.modules[".".join(parts[:-1])], parts[-1], made)
    return made


def in_scope(work, **options):
    """Watch one call of the work, which takes the scope."""
    with leakwatch.scope("work", **options) as scope:
        work(scope)
    tell(scope.report)


def repeated(work):
    """Watch what grows."""
    tell(leakwatch.hunt(work))


def without_collector(work):
    """The same in a process that never collects, where cyclic garbage is the leak."""
    gc.disable()
    repeated(work)


def tell(report):
    """Print what is known of the leaks, and the paths of those of which nothing is."""
    known = [reason for leak in (*report.known, *report.leaks) for reason in known_of(leak)]
    unknown = [str(leak.path) for leak in report.leaks if not known_of(leak)]
    print()  # pytest leaves its dots on the line
    for leak in report.leaks:
        print(f"root = {leak.path.root.kind!r}")
        print(f"references = {[it.holder_type + it.name for it in leak.path.references]}")
    print(json.dumps({"known": known, "leaks": unknown}))


def known_of(leak):
    """What an entry gave: reasons, or the advice in place of a pattern's."""
    if leak.pattern is not None and leak.pattern.code not in BY_CODE:
        return [f"known as {leak.pattern.code}: {leak.pattern.title}"]
    return [reason for reason in leak.reasons if reason.startswith("known as ")]


def in_pytest(source):
    """Run a test file, and judge what it watches when its first test is over."""
    import tempfile
    from pathlib import Path

    import pytest

    class Judge:
        told = False

        def pytest_runtest_logfinish(self):
            if not self.told:
                self.told = True
                tell(leakwatch.check())

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "test_kept.py")
        file.write_text(dedent(source), encoding="utf-8")
        options = ("-q", "-s", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio")
        pytest.main([*options, "--rootdir", folder, str(file)], plugins=[Judge()])
