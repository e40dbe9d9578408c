"""The source tells where a holder is defined, without any of it being imported."""

import pytest

from leakwatch.diagnosis.definitions import definition_of, parsed, with_definitions
from leakwatch.model import Cause, Leak, Reference, RetentionPath, Root

REGISTRY = """\
raise SystemExit("imported")
try:
    HANDLERS: dict = {}
except NameError:
    HANDLERS = None
class Bus:
    shared = []
    def __init__(self):
        self.listeners = []
    def on(self, listener):
        self.listeners.append(listener)
        Bus.shared.append(listener)
BUS = Bus()
def register(name, handler):
    local = {}
    HANDLERS[name] = handler
    HANDLERS.pop(name)
    HANDLERS.update({name: handler})
"""
RUN = "app.py"


@pytest.fixture
def project(tmp_path, monkeypatch):
    (tmp_path / "shop").mkdir()
    (tmp_path / "shop" / "__init__.py").write_text("CARTS = []\n")
    (tmp_path / "shop" / "registry.py").write_text(REGISTRY)
    (tmp_path / "shop" / "broken.py").write_text("def")
    (tmp_path / "app.py").write_text("\nKEPT = []\n")
    monkeypatch.chdir(tmp_path)


def leak(holder, *references):
    path = RetentionPath(Root("module global", "shop"), references, "shop.Cart")
    return Leak("shop.Cart", 1, None, 1, 1, "3f9c", path, cause=Cause(holder, "[*]"))


@pytest.mark.parametrize(
    ("holder", "place", "writes"),
    [
        ("shop.registry.HANDLERS", "shop/registry.py:3", [16, 18]),
        ("shop.registry.Bus.shared", "shop/registry.py:7", [12]),
        ("shop.registry.BUS", "shop/registry.py:13", []),
        ("shop.registry.register", "shop/registry.py:14", []),
        ("shop.registry", "shop/registry.py:1", []),
        ("shop.CARTS", "shop/__init__.py:1", []),
        ("__main__.KEPT", "app.py:2", []),
    ],
)
def test_a_holder_is_found_by_its_name(project, holder, place, writes):
    found = definition_of(leak(holder), RUN, parsed)
    assert str(found.place) == place
    assert [it.line for it in found.filled] == writes


@pytest.mark.parametrize(
    "holder",
    ["", "shop.registry.local", "shop.broken.X", "nothing.X", "native code (surplus 1)", "a['b']"],
)
def test_what_the_source_does_not_tell_is_not_guessed(project, holder):
    assert definition_of(leak(holder), RUN, parsed) is None


def test_an_attribute_is_found_in_the_class_of_its_owner(project):
    path = (
        Reference("module", ".BUS"),
        Reference("shop.registry.Bus", ".listeners"),
        Reference("list", "[19]", cut=True),
    )
    found = definition_of(leak("shop.registry.BUS.listeners", *path), RUN, parsed)
    assert str(found.place) == "shop/registry.py:9"
    assert [it.line for it in found.filled] == [11]


def test_what_is_under_a_key_is_found_by_the_attribute_that_has_the_dict(project):
    path = (
        Reference("module", ".BUS"),
        Reference("shop.registry.Bus", ".listeners"),
        Reference("dict", "['price']"),
        Reference("list", "[19]", cut=True),
    )
    found = definition_of(leak("shop.registry.BUS.listeners[*]", *path), RUN, parsed)
    assert str(found.place) == "shop/registry.py:9"


def test_a_program_that_was_run_as_a_module_is_its_package(project):
    assert str(definition_of(leak("__main__.CARTS"), "python -m shop", parsed).place) == (
        "shop/__init__.py:1"
    )


ESCAPES = """\
PATTERN = "\\d\\'"  # an escape that is none, and one before the quote
HANDLERS = []
"""


def test_a_source_whose_escapes_are_none_is_read_without_a_warning(project, tmp_path):
    (tmp_path / "shop" / "escapes.py").write_text(ESCAPES)
    found = definition_of(leak("shop.escapes.HANDLERS"), RUN, parsed)
    assert str(found.place) == "shop/escapes.py:2"


def test_only_the_leaks_that_a_report_shows_in_full_are_looked_up(project):
    told = with_definitions([leak("shop.registry.HANDLERS")] * 12, RUN)
    assert [it.defined is not None for it in told] == [True] * 10 + [False] * 2


def test_what_fills_a_holder_is_told_where_an_entry_is_to_be_cut(project):
    entry = Reference("dict", "['a']", cut=True)
    attribute = Reference("shop.registry.Bus", ".listeners", cut=True)
    told = with_definitions(
        [
            leak("shop.registry.HANDLERS", Reference("module", ".HANDLERS"), entry),
            leak("shop.registry.BUS", Reference("module", ".BUS"), attribute),
        ],
        RUN,
    )
    assert [[it.line for it in leak.filled] for leak in told] == [[16, 18], []]


def test_a_file_is_parsed_again_only_when_it_has_changed(project, tmp_path):
    calls = []

    def parse(file):
        calls.append(file)
        return parsed(file)

    place = [definition_of(leak("shop.CARTS"), RUN, parse).place.line for _ in range(2)]
    (tmp_path / "shop" / "__init__.py").write_text("# another line\nCARTS = []\n")
    place.append(definition_of(leak("shop.CARTS"), RUN, parse).place.line)
    assert (place, len(calls)) == ([1, 1, 2], 2)
