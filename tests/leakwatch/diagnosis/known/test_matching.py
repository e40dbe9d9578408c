"""A known leak is shown apart with its reason, never hidden."""

import pytest

from leakwatch.diagnosis.known.matching import in_order, matches, separate
from leakwatch.model import KnownLeak, Leak, Reference, RetentionPath, Root

PATH = RetentionPath(
    Root("module global", "shop.registry"), (Reference("dict", ".HANDLERS"),), "shop.Session"
)
LEAK = Leak("shop.Session", 2, None, 10, 20, "0123456789ab", PATH)


@pytest.mark.parametrize(
    ("entry", "fits"),
    [
        (KnownLeak("a", "why", signature="0123456789ab"), True),
        (KnownLeak("a", "why", signature="ffffffffffff"), False),
        (KnownLeak("a", "why", type_name="shop.Session"), True),
        (KnownLeak("a", "why", type_name="shop.*"), True),
        (KnownLeak("a", "why", type_name="Session"), False),
        (KnownLeak("a", "why", holder="shop.registry.HANDLERS"), True),
        (KnownLeak("a", "why", holder="users"), False),
        (KnownLeak("a", "why", type_name="shop.*", holder="users"), False),
        (KnownLeak("a", "why"), False),
    ],
)
def test_every_field_that_is_given_must_fit(entry, fits):
    assert matches(entry, LEAK) is fits


def test_a_known_leak_carries_the_reason_of_the_first_entry_that_fits():
    entries = [
        KnownLeak("first", "accepted", type_name="shop.*"),
        KnownLeak("second", "no", type_name="*"),
    ]
    new, known = separate([LEAK], entries)
    assert new == ()
    assert known[0].reasons == ("known as first: accepted",)
    assert separate([LEAK], []) == ((LEAK,), ())


OF_A_LIBRARY = KnownLeak("lib", "kept for ever", type_name="shop.*", distribution="cpython")
OF_THE_PROGRAM = KnownLeak("ours", "fixed next week", type_name="shop.*")


@pytest.mark.parametrize(
    ("kind", "entry", "excused"),
    [
        ("scope", OF_A_LIBRARY, True),
        ("run", OF_A_LIBRARY, True),
        ("hunt", OF_A_LIBRARY, False),
        ("hunt", OF_THE_PROGRAM, True),
        ("why", OF_A_LIBRARY, False),
        ("why", OF_THE_PROGRAM, False),
    ],
)
def test_what_is_known_of_a_library_does_not_excuse_growth(kind, entry, excused):
    new, known = separate([LEAK], [entry], kind)
    (told,) = known if excused else new
    assert len(new) + len(known) == 1
    assert f"known as {entry.id}: {entry.reason}" in told.reasons


@pytest.mark.parametrize(("name", "fits"), [("._1", True), ("._128", True), ("._cache", False)])
def test_a_hash_stands_for_a_number(name, fits):
    path = RetentionPath(
        Root("module global", "__main__"), (Reference("module", name),), "shop.Cart"
    )
    assert in_order(["module._#"], path) is fits
