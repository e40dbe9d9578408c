"""Choosing types by class and by pattern."""

import collections

import pytest

from leakwatch.errors import ConfigurationError
from leakwatch.tracking.type_filter import type_filter


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
