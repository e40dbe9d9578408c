# leaks with pytest-deadfixtures==3.1.0 pytest==8.4.2
import tempfile
from pathlib import Path

import pytest

import leakwatch
from tests.known_leaks import tell

SOURCE = """
import leakwatch, pytest
class Value: pass
@pytest.fixture
def value():
    return leakwatch.watch(Value(), within=0.001)
def test_value(value): pass
def test_later(): pass
"""


class Judge:
    def pytest_sessionfinish(self):
        tell(leakwatch.check())


with tempfile.TemporaryDirectory() as folder:
    file = Path(folder, "test_kept.py")
    file.write_text(SOURCE, encoding="utf-8")
    options = ["-q", "-s", "--dup-fixtures", "-p", "no:cacheprovider", "--rootdir", folder]
    pytest.main([*options, str(file)], plugins=[Judge()])
