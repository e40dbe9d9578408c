"""A variable has room for one object; a container, what is registered, and a chain do not."""

import pytest

from leakwatch.diagnosis.bounded import is_bounded
from leakwatch.model import Reference, RetentionPath, Root, Verdict
from leakwatch.model.root_kinds import HolderKind

MODULE = Reference("module", ".APP", holder_kind=HolderKind.MODULE)


def path(*references, root="module global", target="shop.Cart"):
    return RetentionPath(Root(root, "shop"), references, target)


def attribute(name, holder="shop.App", **facts):
    return Reference(holder, name, holder_kind=HolderKind.INSTANCE, **facts)


@pytest.mark.parametrize(
    "bounded",
    [
        path(MODULE),
        path(MODULE, attribute(".current")),
        path(attribute("._instance", "class shop.App"), root="class attribute"),
        path(attribute(".prev_self"), root="thread-local"),
        path(attribute(".get()"), root="context variable"),
        path(root="signal handler"),
        path(root="interpreter hook"),
        path(MODULE, attribute(".<closure cart>", "function")),
        path(MODULE, attribute("[1]", "tuple")),
        path(Reference("cached", ".<cached result>", bounded=True)),
        path(MODULE, attribute(".items"), attribute("[3]", "list", verdict=Verdict.LEAKING)),
    ],
)
def test_a_path_of_variables_has_room_for_one_object(bounded):
    assert is_bounded(bounded)


@pytest.mark.parametrize(
    "unbounded",
    [
        path(MODULE, attribute("['u42']", "dict")),
        path(MODULE, attribute(".<key>", "dict")),
        path(MODULE, attribute("{member}", "set"), attribute(".cart")),
        path(MODULE, attribute(".__dict__['a b']")),
        path(MODULE, attribute("._callbacks[0][0]")),
        path(Reference("cached", ".<cached argument 0>")),
        path(Reference("cached", ".<cached result>")),
        path(attribute("['x']", "dict"), root="exit registry"),
        path(root="exit registry"),
        path(root="native code"),
        path(root="a kind of a plugin"),
        path(attribute(".cart", "frame"), root="running frame"),
    ],
)
def test_entries_and_registrations_may_be_any_number(unbounded):
    assert not is_bounded(unbounded)


def test_a_chain_of_one_class_may_have_any_length():
    assert is_bounded(path(MODULE, attribute(".head", "shop.List"), target="shop.Node"))
    to_second = (attribute(".head", "shop.List"), attribute(".next", "shop.Node"))
    assert not is_bounded(path(MODULE, *to_second, target="shop.Node"))
    through = (*to_second, attribute(".next", "shop.Node"), attribute(".cart", "shop.Node"))
    assert not is_bounded(path(MODULE, *through))
