"""Findings add up over judgements and workers, and survive the way between processes."""

from leakwatch.integration import OwnCode
from leakwatch.model import Company, Leak, Reference, RetentionPath, Root
from leakwatch.model.root_kinds import HolderKind
from leakwatch.report import Report
from pytest_leakwatch.verdict.excuses import kept_by_pytest
from pytest_leakwatch.verdict.findings import Findings, from_json, merged
from pytest_leakwatch.verdict.fold_nested import folded

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


def test_what_hangs_on_a_leak_is_folded_into_it():
    outer = leak("a", [".OPEN", "['u1']"])
    inner = leak(
        "b",
        [".OPEN", "['u2']", ".items"],
        "shop.Item",
        count=3,
        retained=30,
        holders=["m", "d", "shop.Cart"],
    )
    other = leak("c", [".CACHE", "['u2']", ".items"], "shop.Item", retained=7)
    whole = folded([outer, inner, other], {"a": [1], "b": [1], "c": [1]})
    assert [(one.signature, one.retained_bytes) for one in whole] == [("a", 130), ("c", 7)]
    assert whole[0].company == (Company("shop.Item", 3),)


def test_what_hangs_on_a_leak_that_hangs_on_another_is_told_with_the_outermost():
    outer = leak("a", [".OPEN"], "shop.Cart", retained=1)
    middle = leak("b", [".OPEN", ".items"], "shop.Item", retained=10, holders=["m", "shop.Cart"])
    # Below a subclass: the outermost does not lead here, but the one in the middle does.
    holders = ["m", "shop.BigCart", "shop.Item"]
    inner = leak("c", [".OPEN", ".items", ".price"], "shop.Price", retained=100, holders=holders)
    (whole,) = folded([outer, middle, inner], {"a": [1], "b": [1], "c": [1]})
    assert (whole.retained_bytes, whole.company) == (
        111,
        (Company("shop.Item", 1), Company("shop.Price", 1)),
    )


def test_what_hangs_on_classes_made_at_run_time_is_told_with_the_classes():
    outer = leak("a", [".TYPES", "['A']"], "class test_shop.test_a.<locals>.A", retained=1)
    holders = ["m", "dict", "class test_shop.test_b.<locals>.B"]
    inner = leak("b", [".TYPES", "['B']", ".fields"], "shop.Field", retained=2, holders=holders)
    (whole,) = folded([outer, inner], {"a": [1, 2], "b": [2]})
    assert (whole.signature, whole.retained_bytes) == ("a", 3)


def test_what_another_test_put_into_a_leak_is_a_leak_of_its_own():
    outer = leak("a", [".REGISTRY"], "shop.Registry")
    inner = leak(
        "b", [".REGISTRY", ".carts"], "shop.Cart", retained=30, holders=["m", "shop.Registry"]
    )
    assert len(folded([outer, inner], {"a": [1], "b": [2]})) == 2


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
