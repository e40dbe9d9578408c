"""Types near a survivor whose objects may hold more than they show."""

import array
import datetime
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from types import ModuleType

import pytest

from leakwatch.paths.opaque_holders import opaque_types


@pytest.fixture
def validator(monkeypatch):
    """An object of a type that a compiled module has."""
    module = ModuleType("forms._forms")
    module.__file__ = f"/site-packages/forms/_forms{EXTENSION_SUFFIXES[0]}"
    monkeypatch.setitem(sys.modules, "forms._forms", module)
    return type("Validator", (), {"__module__": "forms._forms"})()


class Cart:
    """The program's own."""


def test_a_type_of_a_compiled_module_near_by_may_be_the_holder(validator):
    assert opaque_types([Cart(), {}, validator, Cart()]) == ["forms._forms.Validator"]


def test_the_type_of_what_is_held_says_nothing_of_its_holder(validator):
    assert opaque_types([validator, Cart()]) == []


def test_what_the_collector_cannot_look_into_is_named_wherever_it_lies():
    assert opaque_types([memoryview(b""), 1, "text"]) == []
    date = datetime.date(2026, 1, 1)
    assert opaque_types([Cart(), date]) == ["datetime.date"]


def test_compiled_modules_of_the_standard_library_show_what_they_hold():
    assert opaque_types([Cart(), array.array("q")]) == []


def test_a_module_that_is_no_module_is_not_asked(monkeypatch, validator):
    monkeypatch.setitem(sys.modules, "forms._forms", "replaced")
    assert opaque_types([Cart(), validator]) == []
