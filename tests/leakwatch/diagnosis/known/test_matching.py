"""A known leak is shown apart with its reason, never hidden."""

from dataclasses import replace

import pytest

from leakwatch.diagnosis.known.matching import Written, separate
from leakwatch.model import KnownLeak, Leak, Pattern, Reference, RetentionPath, Root
from leakwatch.reports.text import next_steps

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
    assert Written(LEAK).matches(entry) is fits


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
BOUNDED = replace(OF_A_LIBRARY, bounded=True)
OF_THE_PROGRAM = KnownLeak("ours", "fixed next week", type_name="shop.*")


@pytest.mark.parametrize(
    ("kind", "entry", "excused"),
    [
        ("scope", OF_A_LIBRARY, True),
        ("run", OF_A_LIBRARY, True),
        ("hunt", OF_A_LIBRARY, False),
        ("hunt", BOUNDED, True),
        ("growing", OF_A_LIBRARY, False),
        ("growing", BOUNDED, True),
        ("why", BOUNDED, False),
        ("hunt", OF_THE_PROGRAM, True),
        ("why", OF_A_LIBRARY, False),
        ("why", OF_THE_PROGRAM, False),
    ],
)
def test_what_is_known_of_a_library_excuses_growth_only_up_to_a_bound(kind, entry, excused):
    new, known = separate([LEAK], [entry], kind)
    (told,) = known if excused else new
    assert len(new) + len(known) == 1
    assert f"known as {entry.id}: {entry.reason}" in told.reasons


@pytest.mark.parametrize(("name", "fits"), [("._1", True), ("._128", True), ("._cache", False)])
def test_a_hash_stands_for_a_number(name, fits):
    path = RetentionPath(
        Root("module global", "__main__"), (Reference("module", name),), "shop.Cart"
    )
    leak = Leak("shop.Cart", 2, None, 10, 20, "0123456789ab", path)
    assert Written(leak).matches(KnownLeak("a", "why", references=("module._#",))) is fits


FORGOTTEN = KnownLeak(
    "shop-open-carts", "the shop keeps each cart", type_name="shop.*", title="cart left open",
    distribution="cpython", link="https://example.org/carts", remedy="close it", fails=True,
)  # fmt: skip


@pytest.mark.parametrize("kind", ["scope", "check", "hunt", "run", "why"])
def test_what_the_program_should_have_told_a_library_fails_and_has_its_advice(kind):
    held = replace(LEAK, distribution="shop 2.1", reasons=("seen twice",))
    (told,), known = separate([held], [FORGOTTEN], kind)
    assert known == ()
    assert told.pattern == Pattern(
        "shop-open-carts", "cart left open", "the shop keeps each cart", "close it"
    )
    assert told.reasons == ("seen twice", "see https://example.org/carts")
    assert list(next_steps(told)) == ["next   close it"]
    assert told.signature == LEAK.signature
