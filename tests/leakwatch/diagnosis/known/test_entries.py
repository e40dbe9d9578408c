"""A file of a known leak is believed only if every key of it is understood."""

import pytest

from leakwatch.diagnosis.known.entries import entries_in, known_leaks_in, shipped
from leakwatch.errors import ConfigurationError

GOOD = """
id = "shop-carts"
title = "the shop keeps carts"
reason = "a table that is never emptied"
remedy = "update shop"
link = "https://example.org/1"

[match]
references = ["shop.Table.carts", "dict*"]
root = "module global"

[distribution]
name = "shop"
affected = [">=2.1,<2.4"]
fixed = ["2.4"]
"""


def write(folder, text, name="shop.toml"):
    (folder / name).write_text(text)
    return folder


def test_an_entry_has_what_its_file_says(tmp_path):
    (entry,) = known_leaks_in(write(tmp_path, GOOD))
    assert (entry.id, entry.distribution, entry.affected) == ("shop-carts", "shop", (">=2.1,<2.4",))
    assert entry.references == ("shop.Table.carts", "dict*")
    assert not entry.fails
    (entry,) = known_leaks_in(write(tmp_path, GOOD.replace("[match]", "fails = true\n[match]")))
    assert entry.fails


@pytest.mark.parametrize(
    ("before", "after", "complaint"),
    [
        ("title", "titel", "key titel: unknown; expected one of id, title"),
        ('remedy = "update shop"', "", "key remedy: missing; expected a text"),
        ('"update shop"', "7", "key remedy: expected a text, found 7"),
        ("root =", "rot =", "key match.rot: unknown"),
        ('["shop.Table.carts", "dict*"]', '"x"', "key match.references: expected a list of texts"),
        ('name = "shop"', "", "key distribution.name: missing"),
        (">=2.1,<2.4", "about 2", "keys distribution.affected and .fixed: .*PEP 440"),
        ('["2.4"]', '["2.3"]', "key distribution.fixed: 2.3 is among the affected versions"),
        ("[match]", "fails = 1\n[match]", "key fails: expected true or false, found 1"),
        ("[match]", "[match", "cannot read this known leak: .*line 8"),
    ],
)
def test_what_is_not_understood_is_named_with_file_and_key(tmp_path, before, after, complaint):
    write(tmp_path, GOOD.replace(before, after))
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        known_leaks_in(tmp_path)
    assert "shop.toml" in str(caught.value)


def test_an_entry_that_would_match_everything_is_refused(tmp_path):
    head = GOOD.partition("[match]")[0]
    with pytest.raises(ConfigurationError, match="key match: expected at least one of"):
        known_leaks_in(write(tmp_path, f"{head}[match]\n"))


def test_an_id_is_given_once(tmp_path):
    write(tmp_path, GOOD, "one.toml")
    with pytest.raises(ConfigurationError, match=r"two\.toml: key id: 'shop-carts' is another"):
        known_leaks_in(write(tmp_path, GOOD, "two.toml"))


def test_at_least_twenty_five_are_shipped():
    assert len(shipped()) >= 25


def test_a_distribution_ships_a_folder_that_is_not_imported(tmp_path, monkeypatch):
    (tmp_path / "shop_leaks").mkdir()
    write(tmp_path / "shop_leaks", GOOD)
    write(tmp_path / "shop_leaks", "raise SystemExit", "__init__.py")
    monkeypatch.syspath_prepend(tmp_path)
    assert [entry.id for entry in entries_in("shop_leaks")] == ["shop-carts"]
    with pytest.raises(ConfigurationError, match=r"leakwatch\.known: .*no package 'shop_lost'"):
        entries_in("shop_lost")
