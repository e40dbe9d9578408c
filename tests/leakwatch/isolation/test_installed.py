"""What is installed is read as `importlib.metadata` reads it, and mostly without it."""

import sys
import zipfile
from importlib.machinery import PathFinder
from importlib.metadata import MetadataPathFinder
from importlib.metadata import entry_points as points_of_library

import pytest

from leakwatch.isolation.installed import entry_points, is_unusual, only_folders
from tests.heaps import run_python

GROUP = "leakwatch"


@pytest.fixture(autouse=True)
def _only_folders_here(monkeypatch):
    """Another test may have added an archive, or imported `importlib_metadata`, which puts its own
    finder in the place of the standard library's."""
    others = [
        it for it in sys.meta_path if it is not PathFinder and hasattr(it, "find_distributions")
    ]
    monkeypatch.setattr(sys, "meta_path", [it for it in sys.meta_path if it not in others])
    find = MetadataPathFinder.find_distributions
    monkeypatch.setattr(PathFinder, "find_distributions", find, raising=False)
    monkeypatch.setattr(sys, "path", [it for it in sys.path if not is_unusual(it)])


def install(folder, name, points, suffix="-1.0.dist-info"):
    """A distribution that announces points."""
    metadata = folder / f"{name}{suffix}"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Name: {name}\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(points)


def ours(points):
    return sorted((point.name, point.value) for point in points if point.name.startswith("shop"))


@pytest.mark.parametrize(
    "points",
    [
        "[leakwatch]\nshop = shop\n",
        "# a remark\n\n[console_scripts]\nshop-run = shop:main\n\n[leakwatch]\nshop=shop.leaks:ALL",
        "[leakwatch]\nshop = shop [extra]\nshop-more = shop : a.b [x,y]\n",
        "[other]\nshop = shop\n",
        "",
    ],
)
@pytest.mark.parametrize("suffix", ["-1.0.dist-info", ".egg-info", "-1.0-py3.11.egg-info"])
def test_files_are_read_as_the_standard_library_reads_them(tmp_path, monkeypatch, points, suffix):
    install(tmp_path, "shop", points, suffix)
    monkeypatch.syspath_prepend(tmp_path)
    assert only_folders()
    assert ours(entry_points({GROUP})) == ours(points_of_library(group=GROUP))


def test_a_line_without_a_value_is_no_entry_point(tmp_path, monkeypatch):
    install(tmp_path, "shop", "shop = early\n[leakwatch]\nshop\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert ours(entry_points({GROUP})) == []


def test_of_two_distributions_of_a_name_the_first_on_the_path_counts(tmp_path, monkeypatch):
    install(tmp_path / "late", "the_shop", "[leakwatch]\nshop = late\n")
    install(tmp_path / "early", "The.Shop", "[leakwatch]\nshop = early\n")
    monkeypatch.syspath_prepend(tmp_path / "late")
    monkeypatch.syspath_prepend(tmp_path / "early")
    assert ours(entry_points({GROUP})) == [("shop", "early")]
    assert ours(points_of_library(group=GROUP)) == [("shop", "early")]


def test_what_a_point_names_is_loaded(tmp_path, monkeypatch):
    points = "[leakwatch]\nshop = textwrap\nshop-part = string : Formatter.format [extra]\n"
    install(tmp_path, "shop", points)
    monkeypatch.syspath_prepend(tmp_path)
    found = {point.name: point for point in entry_points({GROUP})}
    assert found["shop"].load() is sys.modules["textwrap"]
    assert found["shop-part"].load() is sys.modules["string"].Formatter.format
    assert found["shop"].dist.version == "1.0"


def test_a_file_that_cannot_be_read_hides_no_other(tmp_path, monkeypatch):
    install(tmp_path, "broken", "[leakwatch]\nshop-broken = a\n")
    (tmp_path / "broken-1.0.dist-info" / "entry_points.txt").write_bytes(b"\xff\xfe[leakwatch]")
    install(tmp_path, "shop", "[leakwatch]\nshop = shop\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert ours(entry_points({GROUP})) == [("shop", "shop")]


def test_an_archive_on_the_path_is_read_by_the_standard_library(tmp_path, monkeypatch):
    archive = tmp_path / "shop.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("shop-1.0.dist-info/METADATA", "Name: shop\nVersion: 1.0\n")
        file.writestr("shop-1.0.dist-info/entry_points.txt", "[leakwatch]\nshop = shop\n")
    monkeypatch.syspath_prepend(archive)
    assert not only_folders()
    assert ours(entry_points({GROUP})) == [("shop", "shop")]


def test_a_finder_of_another_kind_is_asked_by_the_standard_library(monkeypatch):
    class Finder:
        @staticmethod
        def find_spec(*arguments):
            return None

        @staticmethod
        def find_distributions(*arguments):
            return []

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    assert not only_folders()


def test_a_first_scope_loads_little():
    program = """
import sys
import leakwatch; leakwatch.scope
before = set(sys.modules)
with leakwatch.scope("first"): pass
loaded = set(sys.modules) - before
heavy = {"argparse", "email", "importlib.metadata", "json", "psutil", "statistics", "subprocess"}
print(*sorted(loaded & heavy), len(loaded))
"""
    *heavy, number = run_python("-c", program).split()
    assert heavy == []
    assert int(number) <= 75
