"""The public names are imported when first asked for, whoever else asks meanwhile."""

import subprocess
import sys
from textwrap import dedent

import pytest

from tests.heaps import run_python


@pytest.mark.parametrize(
    ("package", "name"), [("leakwatch", "scope"), ("leakwatch", "tracked"), ("weakrefs", "WeakSet")]
)
def test_a_signal_handler_may_ask_for_a_name_that_is_being_imported(package, name):
    script = f"""
        import os, signal, sys
        import {package} as asked

        class Looking:
            # Asked for the modules that the one of the name imports itself.
            def find_spec(self, module, path=None, target=None):
                os.kill(os.getpid(), signal.SIGUSR1)

        told = []
        signal.signal(signal.SIGUSR1, lambda number, frame: told.append(asked.{name}))
        sys.meta_path.insert(0, Looking())
        assert asked.{name} is told[-1]
        assert not signal.pthread_sigmask(signal.SIG_BLOCK, [])
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_import_leakwatch_loads_little():
    loaded = run_python(
        "-c",
        "import sys; seen = set(sys.modules); import leakwatch; print(*set(sys.modules) - seen)",
    ).split()
    assert {"dataclasses", "difflib", "pluggy", "inspect", "leakwatch.report"}.isdisjoint(loaded)
    ours = [name for name in loaded if name.startswith("leakwatch")]
    assert len(ours) <= 12, sorted(ours)
