import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from weakrefs import core

RUN = Path(__file__).with_name("run.py")

pytestmark = pytest.mark.skipif(
    find_spec("test.test_weakref") is None, reason="this interpreter came without its tests"
)


def conformance(*options, pure=""):
    """Run the harness; return its exit code and its output."""
    command = [sys.executable, RUN, *options]
    environment = os.environ | {"LEAKWATCH_PURE": pure}
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


def test_the_tests_of_the_interpreter_pass_on_the_build_in_use():
    code, output = conformance(pure=os.environ.get("LEAKWATCH_PURE", ""))
    assert code == 0, output
    assert f"build {core.IMPLEMENTATION}" in output
    assert output.splitlines()[-1].endswith(" passed, 0 failed, 1 skipped")


def test_the_tests_of_the_interpreter_pass_on_the_pure_build():
    code, output = conformance(pure="1")
    assert code == 0, output
    assert "build pure" in output
    assert output.splitlines()[-1].endswith(" passed, 0 failed, 1 skipped")


def test_the_tests_of_what_uses_weak_references_pass():
    code, output = conformance("--suite", "extra", pure=os.environ.get("LEAKWATCH_PURE", ""))
    assert code == 0, output
    assert " passed, 0 failed, " in output.splitlines()[-1]


def test_the_harness_finds_faults_here_and_in_the_children_that_tests_start(tmp_path):
    faulty = tmp_path / "faulty.py"
    faulty.write_text(
        "import weakrefs\n"
        "from weakrefs import *\n"
        "from weakrefs import KeyedRef\n"
        "class finalize(weakrefs.finalize):\n"
        "    _registered_with_atexit = True  # so nothing is called at exit: seen in a child only\n"
        "class WeakSet(weakrefs.WeakSet):\n"
        "    def discard(self, item): pass\n"
    )
    code, output = conformance("--package", "faulty", "--path", tmp_path)
    assert code == 1
    failed = {
        line.split()[1] for line in output.splitlines() if line.startswith(("FAIL:", "ERROR:"))
    }
    assert {"test_atexit", "test_discard"} <= failed
