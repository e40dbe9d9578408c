"""Rules ask fields, and never what a report says in words of its own."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
FOLDERS = (
    "leakwatch/diagnosis",
    "leakwatch/paths",
    "leakwatch/heap/roots",
    "plugins/pytest_leakwatch/verdict",
)
WORDS = {"reason", "target_reason", "label", "expression", "start"}
"""Fields of a path, a judgement or a root that are made for people."""
NAMES = {"holder_type", "target_type"}
"""Names of types, which may be equal to one and are taken apart nowhere."""
SEARCHES = {"startswith", "endswith", "partition", "rpartition", "split", "find", "count", "index"}
EXEMPT = {
    "leakwatch/diagnosis/known/matching.py": "an entry of a known leak says what the text has",
    "plugins/pytest_leakwatch/verdict/markers.py": "the reason of an allowance",
}


def sources():
    files = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in files if relative(path) not in EXEMPT]


def relative(path):
    return path.relative_to(ROOT).as_posix()


def field(node):
    return node.attr if isinstance(node, ast.Attribute) else None


def compared_texts(tree):
    """Each comparison of words with a text, and each search in words or in the name of a type."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            for it in (node.left, *node.comparators):
                if field(it) in WORDS:
                    yield node.lineno, ast.unparse(node)
        elif (
            isinstance(node, ast.Call)
            and field(node.func) in SEARCHES
            and field(node.func.value) in WORDS | NAMES
        ):
            yield node.lineno, ast.unparse(node)


def test_no_rule_compares_what_is_written_for_people():
    found = [
        (relative(path), line, said)
        for path in sources()
        for line, said in compared_texts(ast.parse(path.read_text(encoding="utf-8")))
    ]
    allowed = {
        # There the label is the name of a class.
        "path.root.label in FINALIZE",
        # The package of a type.
        "it.holder_type.partition('.')",
    }
    assert [it for it in found if it[2] not in allowed] == []


@pytest.mark.parametrize(
    "rule",
    [
        "reference.reason == PENDING",
        "path.target_reason.endswith(TRACEBACK)",
        "reference.holder_type.startswith('task ')",
        "'x' in path.root.label",
    ],
)
def test_a_rule_that_compares_text_is_found(rule):
    assert list(compared_texts(ast.parse(rule)))
