"""A leak explained: all that is needed to mend it, for a person and for an agent."""

import pytest

from leakwatch.diagnosis.patterns import BY_CODE
from leakwatch.errors import ConfigurationError
from leakwatch.explaining import explained_leak
from leakwatch.model import Birth, Cause, Leak, Reference, RetentionPath, Root
from leakwatch.report import Report
from leakwatch.reports.mending import render

MISTAKE = BY_CODE["LW104"]
PATH = RetentionPath(
    Root("module global", "shop"),
    (
        Reference("module", ".HANDLERS"),
        Reference("dict", "['u42']", suspect=True, cut=True),
    ),
    "shop.Session",
)


def leak(signature="3f9c00000001", **more):
    cause = Cause("shop.HANDLERS", "[*]")
    given = {"pattern": MISTAKE.pattern, "cause": cause} | more
    return Leak("shop.Session", 20, 1.0, 960, 2048, signature, PATH, **given)


@pytest.fixture
def project(tmp_path, monkeypatch):
    source = "HANDLERS = {}\n\ndef on(name, handler):\n    HANDLERS[name] = handler\n"
    (tmp_path / "shop.py").write_text(source)
    monkeypatch.chdir(tmp_path)


def test_a_leak_is_told_with_all_that_is_needed_to_mend_it(project):
    made = Birth("shop.py", 4, "on", "checkout")
    task = explained_leak(Report("work", "hunt", leaks=(leak(born=made),)), "3f9c")
    assert task.reference == "['u42'] in shop.HANDLERS"
    assert (str(task.defined), [*map(str, task.filled)]) == ("shop.py:1", ["shop.py:4"])
    assert task.pattern == MISTAKE.pattern
    said = render(task, 80)
    for line in (
        "retains   2.0 KiB",
        "holder    shop.HANDLERS",
        "cut       ['u42'] in shop.HANDLERS",
        "defined   shop.py:1",
        "added     by shop.py:4, as the source has it",
        "made      shop.py:4 in on",
        "mistake   LW104 handler never unregistered",
    ):
        assert f"\n{line}\n" in said
    assert said.index("\npath\n") < said.index("\nbefore\n") < said.index("\nafter\n")


def test_the_line_that_a_hunt_has_seen_counts_for_more_than_the_source(project):
    added = Birth("web.py", 17, "login", "checkout")
    task = explained_leak(Report("work", "hunt", leaks=(leak(inserted=added),)), "3f9c")
    assert "\nadded     web.py:17 in login\n" in render(task, 80)


@pytest.mark.parametrize("width", [60, 80])
def test_its_prose_fits_into_the_columns(project, width):
    task = explained_leak(Report("work", leaks=(leak(reasons=("known " * 40,)),)), "3f9c")
    prose = render(task, width).partition("\npath\n")[0]
    assert max(map(len, prose.splitlines())) <= width


def test_a_leak_without_pattern_and_source_is_told_as_well(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    task = explained_leak(Report("work", leaks=(leak(pattern=None),)), "3f9c00000001")
    assert (task.defined, task.filled, task.pattern) == (None, (), None)
    assert "before" not in render(task, 80)


@pytest.mark.parametrize(
    ("leaks", "message"),
    [
        ((), "no leak '3f': the report has no leaks"),
        ((leak("abcd"),), "no leak '3f'; expected one of abcd (shop.Session)"),
        ((leak("3fa"), leak("3fb")), "several leaks begin with '3f'; expected one of 3fa "),
    ],
)
def test_a_signature_that_names_no_single_leak_is_refused(leaks, message):
    with pytest.raises(ConfigurationError) as refused:
        explained_leak(Report("work", leaks=leaks), "3f")
    assert str(refused.value).startswith(message)
