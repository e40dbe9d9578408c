"""Choosing types by class and by pattern.

A pattern of types that fits no class is said, and one for a module to come is not.
"""

import collections
import sys

import pytest

import leakwatch
from leakwatch.errors import ConfigurationError
from leakwatch.tracking.type_filter import type_filter, unmatched


class Session:
    pass


class Order(Session):
    class Line:
        pass


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([Session], {Session, Order}),
        (Session, {Session, Order}),
        ([Order], {Order}),
        (["*.Session"], {Session}),
        ("*:Order", {Order}),
        ([f"{__name__}:*"], {Session, Order, Order.Line}),
        ([f"{__name__}.Order.*"], {Order.Line}),
        (["builtins:dict"], {dict}),
        ([dict], {dict, collections.OrderedDict}),
        (["nothing:*"], set()),
        ([], set()),
    ],
)
def test_what_is_wanted(wanted, expected):
    wants = type_filter(wanted)
    candidates = {Session, Order, Order.Line, dict, collections.OrderedDict, int}
    assert {cls for cls in candidates if wants(cls)} == expected


@pytest.mark.parametrize("wanted", [[5], [None], [[Session]]])
def test_anything_else_is_refused(wanted):
    with pytest.raises(ConfigurationError, match="types: expected a class or a pattern"):
        type_filter(wanted)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [(5, "got 5"), (9**300, "got 1"), (object(), "got an object of type builtins.object")],
)
def test_what_is_refused_is_named_and_never_asked_for_its_repr(wrong, said):
    with pytest.raises(ConfigurationError, match=said) as refused:
        type_filter([wrong])
    assert len(str(refused.value)) < 200


HERE = __name__


@pytest.mark.parametrize(
    "pattern",
    ["*:Session", f"{HERE}:*", f"{HERE}.Session", f"{HERE[:-3]}*:Sess*", "builtins:dict", Session],
)
def test_a_pattern_that_fits_a_class_is_right(pattern):
    assert unmatched([pattern]) is None
    assert unmatched([pattern], importable=False) is None


@pytest.mark.parametrize(
    ("pattern", "meant"),
    [
        ("leakwatch.trackin:*", "'leakwatch.tracking:*'"),
        ("json.decodr.*", "'json.decoder.*'"),
        ("leakwatch.report:Reprot", "'leakwatch.report:Report'"),
        ("leakwatch.report.Reprot", "'leakwatch.report.Report'"),
    ],
)
def test_a_misspelt_one_is_told_with_what_was_meant(pattern, meant):

    assert unmatched([pattern]) == f"no class fits {pattern!r}; did you mean {meant}?"


def test_the_bare_name_of_a_class_is_told_with_its_module():
    assert unmatched(["WeakValueDictionary"]).endswith(":WeakValueDictionary'?")


def test_what_resembles_nothing_is_told_with_what_a_pattern_looks_like():
    said = "no class fits 'qqq.www:zzz'; expected `module:Class`, wildcards allowed, such as"
    assert unmatched(["qqq.www:zzz"]).startswith(said)


def test_a_module_that_is_there_and_not_imported_may_come_until_the_end(tmp_path, monkeypatch):
    (tmp_path / "to_come").mkdir()
    (tmp_path / "to_come" / "__init__.py").write_text("raise RuntimeError('imported')")
    (tmp_path / "to_come" / "models.py").write_text("class Cart: pass")
    monkeypatch.syspath_prepend(tmp_path)
    for pattern in ("to_come:*", "to_come.models:Cart", "to_come.models.*", "*.NeverHeardOf"):
        assert unmatched([pattern]) is None
        assert unmatched([pattern], importable=False).startswith(f"no class fits {pattern!r}")
    assert "to_come" not in sys.modules


def test_a_part_of_a_loaded_package_that_is_not_there_will_not_come():
    assert unmatched(["leakwatch.nothing_such:*"]) is not None
    assert unmatched(["leakwatch.report.nothing:*"]) is not None


def test_a_scope_whose_types_fit_nothing_is_not_judged():
    with leakwatch.scope("work", types=["leakwatch.reprot:*"]) as scope:
        pass
    assert scope.report.not_judged.endswith("did you mean 'leakwatch.report:*'?")
    with leakwatch.scope("work", types=[f"{HERE}:Session"]) as scope:
        pass
    assert scope.report.not_judged is None


def test_a_scope_may_be_given_patterns_that_can_be_read_once():
    scope = leakwatch.scope("work", types=iter([f"{HERE}:*"]))
    with scope.again() as again:
        kept = Session()
    assert again.report.not_judged is None
    assert [leak.type_name for leak in again.report.leaks + again.report.in_use] == [
        f"{HERE}.Session"
    ]


def test_growing_of_types_that_fit_nothing_is_not_judged():
    report = leakwatch.growing(0.05, types=["leakwatch.reprot:*"])
    assert report.not_judged.startswith("no class fits 'leakwatch.reprot:*'")


def test_a_class_whose_metaclass_runs_code_is_only_named():
    class Meta(type):
        def __eq__(cls, other):
            raise AssertionError

        __hash__ = type.__hash__

        def __getattribute__(cls, name):
            raise AssertionError

    class Odd(metaclass=Meta):
        pass

    assert unmatched(["qqq:*"]) is not None
