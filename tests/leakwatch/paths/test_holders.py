"""One object, one holder each: the right root and every reference by name, never a wrong one.

The cases lie in `holders/*.txt`, in the language of `tests.heaps`.
"""

import importlib.util
import re
from pathlib import Path

import pytest

from leakwatch.heap.graph import IMPLEMENTATION
from tests.heaps import BORROWS, Case, cases, held

CASES = [
    pytest.param(case, id=case.title)
    for file in sorted(Path(__file__).with_name("holders").glob("*.txt"))
    for case in cases(file)
]


@pytest.mark.usefixtures("each_walk")
@pytest.mark.parametrize("case", CASES)
def test_the_holder_is_named(case: Case) -> None:
    skip_without_imports(case)
    outcome = held(case.lines)
    assert case.allows(outcome), f"{outcome}\nis none of {case.outcomes}"


def skip_without_imports(case: Case) -> None:
    for name in re.findall(r"^import (\w+)$", case.lines, re.MULTILINE):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")


@pytest.mark.skipif(IMPLEMENTATION == "pure", reason="a graph in Python holds what it reaches")
@pytest.mark.parametrize("case", CASES)
def test_a_walk_that_borrows_names_the_same_holder(
    case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    skip_without_imports(case)
    monkeypatch.setenv(BORROWS, "1")
    outcome = held(case.lines)
    assert case.allows(outcome), f"{outcome}\nis none of {case.outcomes}"
