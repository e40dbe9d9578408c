import os
import subprocess
import sys
from pathlib import Path

import pytest

import weakrefs

ROOT = Path(weakrefs.__file__).parents[1]


def test_a_type_checker_understands_the_public_api(tmp_path):
    pytest.importorskip("mypy", reason="mypy is not installed")
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", tmp_path, "--config-file="]
    result = subprocess.run(
        [*command, ROOT / "tests" / "typing" / "weak_references.py"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ | {"MYPYPATH": str(ROOT)},
    )
    assert result.returncode == 0, result.stdout + result.stderr
