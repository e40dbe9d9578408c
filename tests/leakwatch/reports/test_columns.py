"""Cells stand below their heads, also where characters take two columns of a terminal or none."""

from leakwatch.reports.columns import columns, ending, fitted, width_of


def test_wide_characters_take_two_columns_and_accents_of_their_own_none():
    assert [width_of(text) for text in ("Order", "注文", "e\N{COMBINING ACUTE ACCENT}")] == [
        5,
        4,
        1,
    ]


def test_columns_are_set_by_the_width_of_what_is_in_them():
    rows = [("name", "n"), ("注文", "10"), ("Order", "1")]
    assert list(columns(rows, {"n"})) == ["name    n", "注文   10", "Order   1"]


def test_what_is_too_long_keeps_its_end():
    assert ending("shop.registry.HANDLERS[*]", 13) == "..HANDLERS[*]"
    assert ending("shop.KEPT", 9) == "shop.KEPT"


def test_rows_fit_into_a_line():
    rows = [("n", "cut"), ("1", "shop." * 20 + "KEPT")]
    assert fitted(rows, 30)[1][1] == ".." + ("shop." * 20 + "KEPT")[-25:]
