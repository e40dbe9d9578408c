"""Findings add up over judgements and workers, and survive the way between processes."""

from dataclasses import replace

from leakwatch.integration import OwnCode
from leakwatch.model import Leak, Reference, RetentionPath, Root
from leakwatch.model.root_kinds import HolderKind
from leakwatch.report import Report
from pytest_leakwatch.verdict.excuses import kept_by_pytest
from pytest_leakwatch.verdict.findings import Findings, from_json, gathered, merged, one_process

PLACE = ("test_shop.py", 3, "test_it")


def leak(signature, names, target="shop.Cart", *, count=1, retained=100, holders=()):
    holders = [*holders, *("list" for _ in names)]
    references = tuple(
        Reference(h, n, holder_kind=kind_of(h)) for h, n in zip(holders, names, strict=False)
    )
    root = Root("module global", "shop")
    path = RetentionPath(root, references, target, target_kind=kind_of(target))
    return Leak(target, count, None, 10 * count, retained, signature, path)


def kind_of(name):
    return HolderKind.CLASS if name.startswith("class ") else HolderKind.INSTANCE


def found(one, **made):
    return Findings(
        report=Report("pytest", leaks=(one,)),
        made={one.signature: made},
        judged=len(made),
        not_judged={"failed": 1},
        locations=dict.fromkeys(made, PLACE),
    )


def test_leaks_of_one_signature_add_up():
    whole = merged(
        [
            found(leak("a", [".OPEN", "[1]"], count=2, retained=50), test_x=2),
            found(leak("a", [".OPEN", "[7]"], count=1, retained=20), test_x=0, test_y=1),
        ]
    )
    (one,) = whole.report.leaks
    assert (one.count, one.retained_bytes) == (3, 70)
    assert whole.made == {"a": {"test_x": 2, "test_y": 1}}
    assert (whole.judged, whole.not_judged) == (3, {"failed": 2})


def test_workers_add_up_and_the_most_of_one_process_is_known():
    parts = [
        found(leak("a", [".OPEN", "[1]"], count=2), test_x=2),
        found(leak("a", [".OPEN", "[7]"], count=3), test_y=3),
    ]
    whole = gathered([replace(part, seen={"a": {"fixture": 1}}) for part in parts])
    assert (whole.report.leaks[0].count, whole.largest) == (5, {"a": 3})
    assert one_process(whole).leaks[0].count == 3
    # What both have is seen once in each process, and not twice.
    assert whole.seen == {"a": {"fixture": 1}}


def test_nothing_added_to_nothing_is_nothing():
    assert merged([]) == Findings()


def test_findings_survive_the_way_to_the_controller():
    findings = found(leak("a", [".OPEN", "[1]"]), test_x=1)
    assert from_json(findings.to_json()) == findings


def test_a_test_is_told_its_own_part_of_a_leak():
    findings = found(leak("a", [".OPEN", "[1]"], count=4, retained=400), test_x=3, test_y=1)
    (part,) = findings.leaks_of("test_y")
    assert (part.count, part.retained_bytes) == (1, 100)
    assert str(part.born) == "test_shop.py:4 in test_it"
    assert "2 tests made 4 objects" in part.reasons[-1]


def through(root, *holders):
    references = tuple(Reference(holder, f".{holder[-1]}") for holder in holders)
    return RetentionPath(root, references, "shop.Cart")


def test_only_a_path_of_pytest_itself_is_kept_by_pytest():
    ours = OwnCode("", ["shop", "test_shop"])
    frame = Root("running frame", "wrap_session() at main.py:3")
    assert kept_by_pytest(through(frame, "frame", "_pytest.python.Function"), ours)
    assert kept_by_pytest(through(Root("last exception", "sys.last_value"), "X"), ours)
    assert not kept_by_pytest(through(frame, "frame", "shop.Registry"), ours)
    registry = Root("module global", "shop")
    assert not kept_by_pytest(through(registry, "module", "_pytest.python.Function"), ours)
    library = Root("module global", "some_plugin")
    assert kept_by_pytest(through(library, "module", "_pytest.python.Function"), ours)
