"""The reference says what the code says: no name is missing and none is left over."""

import inspect
import re
from dataclasses import fields

import pytest

import leakwatch
from leakwatch.diagnosis.patterns import PATTERNS
from leakwatch.errors import LeakwatchError
from leakwatch.model import (
    Birth,
    Environment,
    Leak,
    MemoryGrowth,
    MemoryPart,
    MemorySample,
    MemoryTrend,
    Pattern,
    Reference,
    RetentionPath,
    Root,
)
from leakwatch.report import Report
from leakwatch.tracking.scopes import Scope
from tests.docs.generated import hooks_page, known_leaks_page, patterns_page
from tests.printed import ROOT

REFERENCE = ROOT / "docs" / "reference"
API = (REFERENCE / "api.md").read_text(encoding="utf-8")
SECTION = re.compile(r"^## (?P<name>\S+).*?$(?P<text>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
SECTIONS = {found["name"].strip("`"): found["text"] for found in SECTION.finditer(API)}

FUNCTIONS = ["check", "hunt", "scope", "track", "tracked", "watch", "why"]
VALUES = [
    *(Report, Leak, RetentionPath, Root, Reference, Pattern, Birth),
    Environment,
    *(MemoryGrowth, MemoryPart, MemoryTrend, MemorySample),
]


@pytest.mark.parametrize("page", [hooks_page, patterns_page, known_leaks_page])
def test_the_page_is_what_the_code_says(page, request):
    name = page.__name__.removesuffix("_page").replace("_", "-")
    file = REFERENCE / f"{name}.md"
    if request.config.getoption("--update-gold"):
        file.write_text(page(), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == page(), (
        f"{file.name} is made from the code; bring it up to date with "
        "`python -m pytest tests/docs --update-gold`"
    )


def test_every_pattern_has_a_code_of_its_own():
    codes = [mistake.pattern.code for mistake in PATTERNS]
    assert len(codes) == len(set(codes))


def test_every_public_name_has_a_section():
    assert set(leakwatch.__all__) <= SECTIONS.keys()


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_head_of_a_function_has_its_arguments_and_defaults(name):
    arguments = inspect.signature(getattr(leakwatch, name)).parameters.values()
    written = [
        it.name if it.default is it.empty else f"{it.name}={it.default!r}" for it in arguments
    ]
    head = re.search(rf"^{name}\((.*?)\)", SECTIONS[name], re.MULTILINE)
    assert head, f"no head of {name} in a text block"
    assert head[1].replace("'", '"').replace("*, ", "") == ", ".join(written).replace("'", '"')


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.__name__)
def test_every_field_of_a_value_is_described(value):
    names = {field.name for field in fields(value)} | {
        name for name, it in vars(value).items() if isinstance(it, property)
    }
    described = set(re.findall(r"^\| `(\w+)`", SECTIONS[value.__name__], re.MULTILINE))
    assert described == names


@pytest.mark.parametrize("name", ["save", "load", "to_dict"])
def test_every_method_of_a_report_is_described(name):
    assert hasattr(Report, name)
    assert f"`{name}(" in SECTIONS["Report"]


def test_a_scope_has_the_public_attributes_that_are_described():
    assert all(hasattr(Scope, name) for name in ("name", "report", "track"))


def test_every_error_is_described():
    family = {LeakwatchError, *LeakwatchError.__subclasses__(), leakwatch.LeakWarning}
    listed = set(re.findall(r"^\| `(\w+)`", SECTIONS["Other"], re.MULTILINE))
    assert {error.__name__ for error in family} <= SECTIONS.keys() | listed
