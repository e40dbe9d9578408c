import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")


@pytest.mark.skipif(
    find_spec("test.test_weakref") is None, reason="this interpreter came without its tests"
)
def test_the_tests_of_the_interpreter_pass_on_our_package():
    result = subprocess.run([sys.executable, RUN], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout
    last_line = result.stdout.splitlines()[-1]
    assert last_line.endswith(" passed, 0 failed, 1 skipped")
