"""Files of every version of the format are read for ever, and today's writer is one of them.

`tests/gold/schema/` has a folder for each set of fields. Within a major version fields are only
added; a new field gets a new folder, and the old ones stay as they are.
"""

import json
from dataclasses import MISSING, astuple, fields, is_dataclass, replace
from itertools import pairwise
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from leakwatch.model import (
    Birth,
    Cause,
    Environment,
    Leak,
    LeakedType,
    MemoryGrowth,
    MemoryPart,
    MemorySample,
    MemoryTrend,
    Pattern,
    Place,
    Reference,
    RetentionPath,
    Root,
    Settling,
    State,
    Verdict,
)
from leakwatch.model.root_kinds import HolderKind
from leakwatch.report import Report
from leakwatch.reports.json_ import parse, render
from leakwatch.session import presenter
from tests.printed import ROOT

GOLD = Path(ROOT) / "tests" / "gold" / "schema"
CURRENT = GOLD / "2.2"
FILES = sorted(GOLD.glob("*/*.json"))
SCHEMA = json.loads((ROOT / "docs" / "reference" / "report.schema.json").read_text("utf-8"))

LEAK = Leak(
    type_name="shop.Session",
    count=20,
    growth=2.5,
    shallow_bytes=960,
    retained_bytes=40_960,
    signature="0123456789ab",
    path=RetentionPath(
        Root("module global", "shop", State.WORKER),
        (
            Reference(
                "dict",
                ".HANDLERS",
                Verdict.NOT_LEAKING,
                "a module global",
                holder_kind=HolderKind.INSTANCE,
            ),
            Reference(
                "shop.Session",
                "['café']",
                Verdict.LEAKING,
                "closed",
                suspect=True,
                holder_kind=HolderKind.INSTANCE,
                state=State.CLOSED,
                bounded=True,
                awaited_by=("serve at shop.py:9", "main at shop.py:20"),
                cut=True,
            ),
        ),
        "shop.Session",
        "outlived it",
        HolderKind.INSTANCE,
        State.OPEN,
        ("main at shop.py:20",),
    ),
    pattern=Pattern(
        "LW101", "container that only grows", "It grows.", "bound it", "KEPT = []", "x = 1"
    ),
    reasons=("the handler was never removed",),
    born=Birth("shop.py", 12, "open_session", "checkout", "by hand"),
    cause=Cause("shop.HANDLERS", "[*]"),
    types=(LeakedType("shop.Session", 20, 40_960), LeakedType("shop.Basket", 40, 2_560)),
    survivors=20,
    distribution="shop 1.2.0",
    at_most=128,
    inserted=Birth("shop.py", 14, "open_session", "checkout", "found by tracing"),
    device_bytes=8_192,
    growth_per="second",
    defined=Place("shop.py", 3),
    filled=(Place("shop.py", 14),),
    bounded=True,
)
FULL = Report(
    scope="checkout",
    kind="hunt",
    leaks=(LEAK,),
    known=(replace(LEAK, signature="fedcba987654"),),
    in_use=(LEAK, replace(LEAK, signature="00000000000a", pattern=None, born=None, growth=None)),
    memory=MemoryGrowth(
        {"rss": 1_000_000, "fds": 7},
        {"rss": 3_000_000, "fds": 9, "threads": 2},
        verdict="objects",
        evidence=("75% of RSS",),
        parts=(MemoryPart("Python objects", 1_500_000, "they retain it"),),
        trends=(MemoryTrend("rss", "run", 2048.5, 2000.0, 2100.0, 12),),
        samples=(
            MemorySample(0.5, 1, {"rss": 1_500_000}),
            MemorySample(1.5, None, {"rss": 3_000_000, "survivors": 20}),
        ),
        next="cut the reference that the largest leak names",
        filling=4_096,
    ),
    explained_share=0.875,
    partial="stopped after 60 seconds",
    not_judged="a test failed",
    settling=Settling(3, 0.05),
    notes=("a plugin is broken",),
    environment=Environment(
        "3.13.0", "CPython", "Linux-6.1", "0.1.0", "native", "pure", {"memory": "0.1.0"}
    ),
)
WRITTEN = {"full.json": FULL, "clean.json": Report("checkout")}


def made(factory):
    return () if factory is MISSING else (factory(),)


def defaults_in(value, place=""):
    """Places in a value, the values in it included, that say no more than their default."""
    if type(value) is tuple:
        # One of them is enough: others may show that a field can be empty.
        entries = [set(defaults_in(entry, place)) for entry in value]
        yield from set.intersection(*entries) if entries else [place]
    elif is_dataclass(value):
        for field in fields(value):
            found = getattr(value, field.name)
            if found in (field.default, *made(field.default_factory)):
                yield f"{place}.{field.name}"
            yield from defaults_in(found, f"{place}.{field.name}")


def test_the_full_report_has_every_field_in_use():
    assert set(defaults_in(FULL)) == set()


@pytest.mark.parametrize("name", WRITTEN)
def test_the_writer_writes_the_files_of_the_current_version(name, request):
    if request.config.getoption("--update-gold"):
        (CURRENT / name).write_text(render(WRITTEN[name]), encoding="utf-8")
    assert (CURRENT / name).read_text(encoding="utf-8") == render(WRITTEN[name]), (
        "a change of the fields: if one was added, make a new folder for it and keep this one"
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(GOLD)))
def test_a_file_of_any_version_is_read_and_written_in_every_format(file):
    report = Report.load(file)
    assert report.scope == "checkout"
    for name in presenter().names():
        rendered = presenter().render(report, name)
        assert rendered or (name == "brief" and report.ok), name
    again = render(report)
    assert parse(again, "again.json") == report
    Draft202012Validator(SCHEMA).validate(json.loads(again))


@pytest.mark.parametrize("name", WRITTEN)
def test_fields_are_added_and_never_removed(name):
    versions = [json.loads(file.read_text("utf-8")) for file in FILES if file.name == name]
    assert len(versions) > 1
    for older, newer in pairwise(versions):
        assert shape(older) <= shape(newer) or older["schema"] != newer["schema"]
    assert {it["schema"] for it in versions} == {"leakwatch.report/1", "leakwatch.report/2"}


def shape(value, place=""):
    """Every place in a document at which there is a field."""
    if isinstance(value, list):
        return {it for entry in value for it in shape(entry, place)}
    if not isinstance(value, dict):
        return {place}
    return {place}.union(*(shape(entry, f"{place}.{key}") for key, entry in value.items()))


def without_facts(path):
    """A path as it was before reports told kinds of holders and states."""
    return RetentionPath(
        Root(path.root.kind, path.root.label),
        tuple(Reference(*astuple(it)[:5], cut=it.cut) for it in path.references),
        path.target_type,
        path.target_reason,
    )


def test_a_file_of_the_first_version_says_nothing_in_fields_that_came_later():
    older = {
        name: tuple(
            replace(
                leak,
                cause=Cause("shop.HANDLERS", "['café']"),
                types=leak.types[:1],
                survivors=0,
                distribution="",
                at_most=None,
                bounded=False,
                device_bytes=0,
                growth_per="run",
                inserted=None,
                defined=None,
                filled=(),
                pattern=leak.pattern and replace(leak.pattern, before="", after=""),
                path=without_facts(leak.path),
            )
            for leak in getattr(FULL, name)
        )
        for name in ("leaks", "known", "in_use")
    }
    assert FULL.memory is not None
    first = replace(
        FULL, environment=None, memory=replace(FULL.memory, next="", filling=0), **older
    )
    assert Report.load(GOLD / "1.0" / "full.json") == first
