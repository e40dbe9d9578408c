"""Whose code a module is, for programs and test suites alike."""

import enum
import sys
from types import ModuleType

import pytest

from leakwatch.tracking.own_code import OwnCode


@pytest.fixture
def module(monkeypatch):
    def make(name, file):
        made = ModuleType(name)
        made.__file__ = str(file)
        monkeypatch.setitem(sys.modules, name, made)
        return name

    return make


def source(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    return path


@pytest.mark.parametrize("home", ["", "src", "tests/unit"])
def test_a_module_below_the_folder_is_the_programs_own(tmp_path, module, home):
    assert OwnCode(tmp_path).owns(module("shop_here", tmp_path / home / "shop_here.py"))


def test_a_module_beside_the_folder_is_not(tmp_path, module):
    name = module("shop_beside", f"{tmp_path}-beside/shop_beside.py")
    assert not OwnCode(tmp_path).owns(name)


@pytest.mark.parametrize("folder", ["", "src"])
@pytest.mark.parametrize("environment", [".venv", ".tox/py", "../elsewhere"])
def test_a_project_that_is_installed_as_a_wheel_is_its_own(tmp_path, module, folder, environment):
    project = tmp_path / "project"
    source(project / folder / "shop" / "__init__.py")
    installed = project / environment / "lib" / "site-packages"
    own = OwnCode(project)
    assert own.owns(module("shop.models", installed / "shop" / "models.py"))
    assert not own.owns(module("library", installed / "library" / "__init__.py"))


def test_of_a_namespace_package_only_the_projects_part_is_its_own(tmp_path, module):
    source(tmp_path / "src" / "company" / "shop" / "__init__.py")
    installed = tmp_path / "lib" / "site-packages" / "company"
    own = OwnCode(tmp_path)
    assert own.owns(module("company.shop.models", installed / "shop" / "models.py"))
    assert not own.owns(module("company.payments", installed / "payments" / "__init__.py"))


def test_a_folder_in_the_project_makes_no_module_of_python_its_own(tmp_path):
    source(tmp_path / "json" / "__init__.py")
    assert not OwnCode(tmp_path).owns("json")


def test_a_folder_is_found_by_a_link_and_without_it(tmp_path, module):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    by_link, by_place = tmp_path / "link" / "a.py", tmp_path / "real" / "b.py"
    for folder in ("link", "real"):
        own = OwnCode(tmp_path / folder)
        assert own.owns(module("shop_link", by_link))
        assert own.owns(module("shop_real", by_place))


def test_a_module_that_is_linked_into_the_folder_is_its_own(tmp_path, module):
    elsewhere = source(tmp_path / "shared" / "shop_shared.py")
    (tmp_path / "project").mkdir()
    link = tmp_path / "project" / "shop_shared.py"
    link.symlink_to(elsewhere)
    assert OwnCode(tmp_path / "project").owns(module("shop_shared", link))


def test_named_packages_are_the_programs_wherever_they_lie(tmp_path, module):
    name = module("served.models", tmp_path / "site-packages" / "served" / "models.py")
    assert OwnCode("", ["served"]).owns(name)
    assert not OwnCode("").owns(name)


def test_leakwatch_is_nobodys_own():
    assert not OwnCode("/", ["leakwatch"]).owns("leakwatch.report")


def test_a_module_that_is_not_imported_yet_is_asked_about_again(tmp_path, module):
    own = OwnCode(tmp_path)
    assert not own.owns("shop_later")
    assert own.owns(module("shop_later", tmp_path / "shop_later.py"))


def test_members_of_an_enumeration_and_modules_are_there_to_stay():
    class Colour(enum.Enum):
        RED = 1

    class Lazy(ModuleType):
        pass

    class Cart:
        pass

    own = OwnCode("", [__name__.partition(".")[0]])
    assert own.made(Cart)
    assert not own.made(Colour)
    assert not own.made(Lazy)
