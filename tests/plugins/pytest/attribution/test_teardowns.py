"""A teardown that is never called, for want of the name, is named with what it leaves."""

from unittest import TestCase

import pytest

from pytest_leakwatch.attribution.teardowns import uncalled_in

APPS = """
import unittest
APPS = []
class App: ...
class TestCookies(unittest.TestCase):
    def setUp(self): APPS.append(App())
    def tear_down(self): APPS.pop()
    def test_a(self): ...
    def test_b(self): ...
"""


def test_the_leak_names_it(suite):
    result = suite(APPS, "--leakwatch")
    result.stdout.fnmatch_lines(["*reason TestCookies.tear_down is never called; tearDown is"])


@pytest.mark.parametrize(
    ("bases", "name", "meant"),
    [
        ((TestCase,), "tear_down", "tearDown"),
        ((TestCase,), "teardown", "tearDown"),
        ((TestCase,), "teardownClass", "tearDownClass"),
        ((), "teardown", "teardown_method"),
        ((), "tearDown", "teardown_method"),
        ((), "tear_down_class", "teardown_class"),
    ],
)
def test_names_that_are_not_called(bases, name, meant):
    cls = type("TestShop", bases, {name: lambda self: None})
    assert uncalled_in(cls) == f"TestShop.{name} is never called; {meant} is"


@pytest.mark.parametrize(
    ("bases", "name"),
    [
        ((TestCase,), "tearDown"),
        ((TestCase,), "tearDownClass"),
        ((TestCase,), "teardown_method"),
        ((), "teardown_method"),
        ((), "teardown_class"),
        ((), "tear"),
    ],
)
def test_names_that_are(bases, name):
    assert uncalled_in(type("TestShop", bases, {name: lambda self: None})) == ""
