"""A global that several modules import is named after the one that assigns it."""

import itertools

import pytest

from tests.heaps import run_python

FILES = {
    "models.py": "class Article: pass\nCATALOGUE = {n: Article() for n in range(20)}\n",
    "aaa.py": "from .models import CATALOGUE\n",
    "views.py": "from .models import CATALOGUE as SHOWN\n",
    "zzz.py": "from .models import *\n",
}
ASK = """
import sys
from importlib import import_module
sys.path.insert(0, sys.argv[1])
for name in sys.argv[2:]: import_module(f"shop.{name}")
import leakwatch
(leak,) = leakwatch.why(sys.modules["shop.models"].Article).leaks
print(leak.cause, leak.signature)
"""


@pytest.fixture
def told(tmp_path):
    (tmp_path / "shop").mkdir()
    for name, source in FILES.items():
        (tmp_path / "shop" / name).write_text(source, encoding="utf-8")
    return lambda *names: run_python("-c", ASK, str(tmp_path), *names)


def test_whatever_else_is_imported_and_in_which_order(told):
    answers = {told(*order) for order in itertools.permutations(["aaa", "views", "zzz"])}
    answers |= {told("models"), told("zzz")}
    assert len(answers) == 1
    assert answers.pop().startswith("shop.models.CATALOGUE[*] ")


def test_without_compiled_code_it_is_the_first_importer(told, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert told("models", "zzz").startswith("shop.models.CATALOGUE[*] ")
