"""Which build is in use, and that both are whole."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from weakrefs import core

ROOT = Path(__file__).parents[2]


def run(program, **environment):
    command = [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(program)]
    env = os.environ | environment
    return subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_pure_build_can_be_asked_for_at_run_time():
    asked = run("from weakrefs import core; print(core.IMPLEMENTATION)", LEAKWATCH_PURE="1")
    assert asked.stdout == "pure\n", asked.stderr


def test_without_the_compiled_module_the_pure_build_is_complete():
    asked = run(
        """
        import sys
        sys.modules["weakrefs._native"] = None
        import weakrefs
        assert all(hasattr(weakrefs, name) for name in weakrefs.__all__)
        print(weakrefs.core.IMPLEMENTATION)
        """
    )
    assert asked.stdout == "pure\n", asked.stderr


@pytest.mark.skipif(core.IMPLEMENTATION == "pure", reason="they run on the pure build already")
def test_every_test_of_the_containers_passes_on_the_pure_build_too():
    tests = [
        path for path in Path(__file__).parent.glob("test_*.py") if path.name != "test_core.py"
    ]
    alone = ["-n", "0", "-p", "no:cacheprovider"]
    command = [sys.executable, "-m", "pytest", "-q", *alone, *tests]
    env = os.environ | {"LEAKWATCH_PURE": "1"}
    result = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
