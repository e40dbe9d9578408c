"""The distribution that holds a leak has the name that its metadata has, whoever asks."""

import importlib
import sys

import pytest

from leakwatch.cli import library_growth
from leakwatch.diagnosis import distributions


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Installs a distribution with one package, and imports that."""
    folder = tmp_path / "site-packages"
    monkeypatch.syspath_prepend(folder)

    def put(name, package, announced=None, *, listed_in="top_level.txt"):
        metadata = folder / f"{announced or package}-0.17.1.dist-info"
        (folder / package).mkdir(parents=True)
        (folder / package / "__init__.py").write_text("class Counter: ...", encoding="utf-8")
        metadata.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.17.1\n"
        (metadata / "METADATA").write_text(text, encoding="utf-8")
        content = package if listed_in == "top_level.txt" else f"{package}/__init__.py,,\n"
        (metadata / listed_in).write_text(content, encoding="utf-8")
        distributions.distribution_of.cache_clear()
        distributions.declaring.cache_clear()
        monkeypatch.setitem(sys.modules, package, __import__(package))

    return put


@pytest.mark.parametrize("name", ["acme-metrics", "acme_metrics", "Acme.Metrics"])
def test_the_advice_and_the_note_on_growth_spell_it_as_its_metadata_does(install, name):
    install(name, "acme_metrics")
    told = distributions.distribution_of("acme_metrics")
    noted = library_growth.distribution_of("acme_metrics.Counter")
    assert (told, noted) == (f"{name} 0.17.1", f"{name} 0.17.1")


@pytest.mark.parametrize("listed_in", ["top_level.txt", "RECORD"])
def test_a_package_of_another_name_is_found_by_what_is_installed(install, listed_in):
    install("acme-image-tools", "acmeimages", "acme_image_tools", listed_in=listed_in)
    assert distributions.distribution_of("acmeimages") == "acme-image-tools 0.17.1"
    assert library_growth.distribution_of("acmeimages.Counter") == "acme-image-tools 0.17.1"


def test_the_standard_library_and_the_program_are_of_none():
    assert distributions.distribution_of("json") == ""
    assert distributions.distribution_of("__main__") == ""
    assert distributions.declaring("no_such_package") == ""


def test_a_part_of_a_package_that_several_share_is_of_the_one_that_has_it(tmp_path, monkeypatch):
    folder = tmp_path / "site-packages"
    monkeypatch.syspath_prepend(folder)
    for name, part in (("acme-shared", "api"), ("acme-shared-cloud-storage", "storage")):
        package = folder / "acme_shared" / part
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("class Blob: ...", encoding="utf-8")
        metadata = folder / f"{name.replace('-', '_')}-1.0.dist-info"
        metadata.mkdir()
        text = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
        (metadata / "METADATA").write_text(text, encoding="utf-8")
        (metadata / "RECORD").write_text(f"acme_shared/{part}/__init__.py,,\n", encoding="utf-8")
    importlib.import_module("acme_shared.storage")
    told = distributions.distribution_of("acme_shared.storage")
    noted = library_growth.distribution_of("acme_shared.storage.Blob")
    assert (told, noted) == ("acme-shared-cloud-storage 1.0", "acme-shared-cloud-storage 1.0")
