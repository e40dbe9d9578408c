"""The house is in order: every package is announced, typed, placed and small."""

import ast
import importlib.util
import sys
import tomllib
from importlib import import_module
from importlib.metadata import distribution, entry_points
from pathlib import Path

import pytest

import leakwatch
from leakwatch.heap.provenance import OWN_PACKAGES
from tests.heaps import run_python

ROOT = Path(__file__).parents[1]
PLUGINS = ROOT / "plugins"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = {contract["id"]: contract for contract in PROJECT["tool"]["importlinter"]["contracts"]}

# What plugins may import besides `leakwatch` itself; the reasons are in CONTRIBUTING.md.
PUBLIC_MODULES = {
    "command",
    "config",
    "errors",
    "extending",
    "hookspecs",
    "integration",
    "model",
    "report",
}

LONGEST_FUNCTION = 50


def plugin_packages():
    return sorted(path.parent for path in PLUGINS.glob("*/__init__.py"))


def packages():
    return [ROOT / "leakwatch", ROOT / "weakrefs", *plugin_packages()]


def source_files():
    return [path for package in packages() for path in sorted(package.rglob("*.py"))]


def modules_of_leakwatch():
    children = (ROOT / "leakwatch").iterdir()
    return {
        path.stem for path in children if path.suffix == ".py" or (path / "__init__.py").is_file()
    } - {"__init__"}


def relative(path):
    return str(path.relative_to(ROOT))


def imported_packages(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def functions_of(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]


def test_the_version_that_is_printed_is_the_one_that_is_installed():
    installed = distribution(PROJECT["project"]["name"]).version
    assert leakwatch.__version__ == installed, (
        'an older version is installed; run `.venv/bin/pip install -e ".[dev]"` again'
    )


def test_frames_and_modules_of_every_package_are_known_as_ours():
    assert {package.name for package in packages()} == OWN_PACKAGES


def test_the_shelf_of_plugins_is_not_a_package():
    assert not (PLUGINS / "__init__.py").exists()


@pytest.mark.parametrize("package", packages(), ids=relative)
def test_a_package_says_that_it_is_typed(package):
    assert (package / "py.typed").is_file()


@pytest.mark.parametrize("package", plugin_packages(), ids=relative)
def test_a_plugin_is_announced_by_an_entry_point_if_it_has_hooks(package):
    groups = PROJECT["project"]["entry-points"].values()
    announced = {name.partition(".")[0] for group in groups for name in group.values()}
    # Others, such as a middleware, are named by who uses them: nobody else is to pay for them.
    has_hooks = any("hookimpl" in path.read_text("utf-8") for path in package.rglob("*.py"))
    assert (package.name in announced) == has_hooks


@pytest.mark.parametrize("group", sorted(PROJECT["project"]["entry-points"]))
def test_the_installed_entry_points_are_those_of_pyproject(group):
    ours = [e for e in entry_points(group=group) if e.dist.name == PROJECT["project"]["name"]]
    assert {e.name: e.value for e in ours} == PROJECT["project"]["entry-points"][group], (
        'an older version is installed; run `.venv/bin/pip install -e ".[dev]"` again'
    )


def test_what_is_installed_is_every_package():
    top_level = distribution(PROJECT["project"]["name"]).read_text("top_level.txt").split()
    assert sorted(top_level) == sorted(package.name for package in packages()), (
        'an older version is installed; run `.venv/bin/pip install -e ".[dev]"` again'
    )


@pytest.mark.parametrize("name", [*(p.name for p in packages()), "pytest_leakwatch.plugin"])
def test_pytest_is_told_to_leave_a_package_as_it_is(name):
    # pytest rewrites all that a distribution with a plugin ships, and warns of what was imported
    # before, unless the docstring says this word: with `-W error` that warning ends the run.
    assert "PYTEST_DONT_REWRITE" in import_module(name).__doc__


def test_import_linter_watches_every_package():
    watched = PROJECT["tool"]["importlinter"]["root_packages"]
    assert sorted(watched) == sorted(package.name for package in packages())


def test_every_module_of_leakwatch_has_its_layer():
    layers = CONTRACTS["pipeline"]["layers"]
    placed = {name.strip(" ()") for layer in layers for name in layer.replace(":", "|").split("|")}
    assert modules_of_leakwatch() == placed


def test_every_module_of_leakwatch_is_public_or_closed_to_plugins():
    closed = {name.partition(".")[2] for name in CONTRACTS["public-names"]["forbidden_modules"]}
    assert modules_of_leakwatch() - PUBLIC_MODULES == closed


def test_no_module_takes_the_place_of_a_public_function():
    script = """
import leakwatch, pkgutil, importlib
for module in pkgutil.walk_packages(leakwatch.__path__, "leakwatch."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
print([name for name in leakwatch.__all__ if not callable(getattr(leakwatch, name))])
leakwatch.why(leakwatch.hunt)
leakwatch.watch(leakwatch.track)
with leakwatch.scope("one"):
    leakwatch.track(leakwatch.tracked(type("Thing", (), {}))())
leakwatch.check()
leakwatch.hunt(lambda: None)
"""
    assert run_python("-c", script) == "[]\n"


def test_weakrefs_imports_only_the_standard_library_and_itself():
    allowed = sys.stdlib_module_names | {"weakrefs"}
    found = {
        (relative(path), name)
        for path in sorted((ROOT / "weakrefs").rglob("*.py"))
        for name in imported_packages(path)
    }
    assert not {(path, name) for path, name in found if name not in allowed}


def test_no_function_is_longer_than_a_screen():
    too_long = [
        f"{relative(path)}:{function.lineno}: {function.name}"
        for path in source_files()
        for function in functions_of(path)
        if function.end_lineno - function.lineno >= LONGEST_FUNCTION
    ]
    assert not too_long


def test_no_files_import_each_other_in_a_circle():
    spec = importlib.util.spec_from_file_location("structure", ROOT / "tools" / "structure.py")
    structure = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(structure)
    assert structure.circles(structure.imports(structure.parsed())) == []
