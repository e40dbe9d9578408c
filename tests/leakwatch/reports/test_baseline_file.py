"""The baseline file: people's words stay, and what is not understood is refused by line."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakwatch.compare.baseline import Accepted, Baseline
from leakwatch.errors import ReportFileError
from leakwatch.reports import baseline_file

ENTRY = Accepted("0123456789ab", "shop.Cart", 20, "why")
SECOND = Accepted("ba9876543210", "shop.Item", 3, "other", 1.5, date(2030, 12, 31), "app.py")
HEAD = 'schema = "leakwatch.baseline/1"\n'
GOOD = """
[[leak]]
signature = "0123456789ab"
type = "shop.Cart"
count = 20
reason = "why"
"""


def test_what_is_read_is_what_was_written(tmp_path):
    baseline = Baseline((ENTRY, SECOND), str(tmp_path / "base.toml"))
    assert baseline_file.write(baseline.name, baseline)
    assert baseline_file.read(baseline.name) == baseline
    assert not baseline_file.write(baseline.name, baseline)


def test_an_entry_says_to_its_reviewer_what_is_held_where():
    entry = replace(ENTRY, held_by="shop.CARTS['a\"b'][0]", advice="LW101: bound the container")
    text = baseline_file.entry_text(entry)
    (read,) = baseline_file.parse(HEAD + text, "base.toml").entries
    assert (read.held_by, read.advice) == (entry.held_by, entry.advice)
    # Files from before have neither.
    (old,) = baseline_file.parse(HEAD + GOOD, "base.toml").entries
    assert (old.held_by, old.advice) == ("", "")
    assert "held_by" not in baseline_file.entry_text(old)


@given(st.text(min_size=1).filter(str.strip))
def test_any_reason_and_any_name_can_be_written(text):
    entries = (replace(ENTRY, reason=text, type_name=text),)
    read = baseline_file.parse(baseline_file.render(Baseline(entries)), "base.toml")
    if text.isprintable():
        assert read.entries == entries


def test_comments_order_and_spacing_of_others_stay(tmp_path):
    path = tmp_path / "base.toml"
    text = f"# ours\n{HEAD}\n# ask Kim first\n[[leak]]\ntype = 'shop.Cart'  # cart\n"
    text += 'signature = "0123456789ab"\nreason = """long\nreason"""\ncount = 2_0  # many\n'
    path.write_text(text)
    old = baseline_file.read(path)
    baseline_file.write(path, replace(old, entries=(replace(old.entries[0], count=7), SECOND)))
    assert path.read_text().startswith(text.replace("2_0", "7"))
    assert baseline_file.read(path).entries[1] == SECOND
    baseline_file.write(path, Baseline((SECOND,)))
    assert path.read_text().startswith(f"# ours\n{HEAD}\n[[leak]]")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "key schema: expected 'leakwatch.baseline/1', found none"),
        ("schema = 1", "key schema: expected 'leakwatch.baseline/1', found 1"),
        (f"{HEAD}leek = 1", "key leek: unknown"),
        (f"{HEAD}leak = 1", "key leak: expected entries"),
        (f"{HEAD}{GOOD}x", "not TOML: .*line 8"),
        (HEAD + GOOD.replace("20", "0"), "line 3: .*number 1: key count: expected a whole number"),
        (
            HEAD + GOOD.replace("20", "true"),
            "key count: expected a whole number above 0, found True",
        ),
        (HEAD + GOOD.replace('"why"', '" "'), "key reason: expected a text"),
        (HEAD + GOOD.replace("0123", "xyz"), "key signature: expected 12 hexadecimal digits"),
        (HEAD + GOOD.replace("reason", "reasn"), "key reasn: unknown"),
        (HEAD + GOOD.replace('reason = "why"', ""), "key reason: missing"),
        (HEAD + GOOD + "expires = 2030", "key expires: expected a date such as 2030-12-31"),
        (HEAD + GOOD + "growth = nan", "key growth: expected a number above 0"),
        (HEAD + GOOD + GOOD, "line 9: .*signature 0123456789ab is that of .*number 1 already"),
    ],
)
def test_what_is_not_understood_is_refused_with_its_place(tmp_path, text, complaint):
    path = tmp_path / "base.toml"
    path.write_text(text)
    with pytest.raises(ReportFileError, match=complaint) as caught:
        baseline_file.read(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", [b"nonsense", b"\xff\xfe\xff", b"schema = 3\n"])
def test_an_unreadable_file_is_never_written_over(tmp_path, content):
    path = tmp_path / "base.toml"
    path.write_bytes(content)
    with pytest.raises(ReportFileError):
        baseline_file.write(path, Baseline((ENTRY,)))
    assert path.read_bytes() == content
    assert [file.name for file in tmp_path.iterdir()] == ["base.toml"]


EMPTY = [
    "",
    "\n",
    "# ours\n",
    "# ours",
    "\ufeff",
    "\ufeff# ours\r\n",
    HEAD,
    HEAD.strip(),
    f"# ours\r\n{HEAD}",
]


@pytest.mark.parametrize("text", EMPTY, ids=ascii)
def test_a_file_without_entries_takes_the_first_one(tmp_path, text):
    path = tmp_path / "base.toml"
    path.write_bytes(text.encode())
    before = baseline_file.current(path)
    assert before.entries == ()
    baseline_file.write(path, replace(before, entries=(ENTRY,)))
    assert baseline_file.read(path).entries == (ENTRY,)
    assert ("# ours" in path.read_text()) == ("# ours" in text)


def test_the_last_entry_can_go_and_come_again(tmp_path):
    path = tmp_path / "base.toml"
    for entries in ((ENTRY,), (), (SECOND,), (), ()):
        baseline_file.write(path, Baseline(entries))
        assert baseline_file.read(path).entries == entries
        assert path.read_text().startswith(baseline_file.HEAD)


def test_line_ends_of_windows_stay(tmp_path):
    path = tmp_path / "base.toml"
    path.write_bytes(f"# ours\n{HEAD}{GOOD}".replace("\n", "\r\n").encode())
    baseline_file.write(path, Baseline((replace(ENTRY, count=7), SECOND)))
    content = path.read_bytes()
    assert content.startswith(b"# ours\r\n")
    assert content.count(b"\n") == content.count(b"\r\n")
    assert baseline_file.read(path).entries == (replace(ENTRY, count=7), SECOND)


ODD = """
# about the first
[[leak]]
signature = "0123456789ab"
type = "shop.Cart"
count = 20
reason = \'\'\'
[[leak]]
count = 3
\'\'\'
"""
INLINE = '''leak = [
    {signature = "ba9876543210", type = "t", count = 1, reason = """
[[leak]]
"""}, {signature = "0123456789ab", type = "shop.Cart", count = 20, reason = """
[[leak]]
"""}]
'''


@pytest.mark.parametrize("text", [ODD, INLINE], ids=["odd", "inline"])
def test_what_looks_like_an_entry_inside_a_text_is_none(tmp_path, text):
    path = tmp_path / "base.toml"
    path.write_text(HEAD + text)
    last = replace(baseline_file.read(path).entries[-1], count=7)
    baseline_file.write(path, Baseline((last, replace(SECOND, signature="f" * 12))))
    assert baseline_file.read(path).entries[0] == last
    baseline_file.write(path, Baseline())
    assert baseline_file.read(path).entries == ()


REASONS = st.text(st.characters(codec="utf-8"), min_size=1).filter(str.strip) | st.sampled_from(
    ("[[leak]]", "# [[leak]]", "a\n[[leak]]\ncount = 3\n", "\r\n", '"""', "'''\n[[leak]]")
).map("why {}".format)
ACCEPTED = st.builds(
    Accepted,
    signature=st.sampled_from(["0" * 12, "1" * 12, "2" * 12, "a" * 12]),
    type_name=st.sampled_from(["shop.Cart", "shop.Item"]),
    count=st.integers(1, 9),
    reason=REASONS,
    growth=st.none() | st.sampled_from([0.5, 2.0]),
)
STATES = st.lists(ACCEPTED, max_size=4, unique_by=lambda entry: entry.signature)


@given(st.lists(STATES, min_size=1, max_size=4), st.booleans(), st.booleans())
def test_whatever_is_written_in_turn_is_read_again(tmp_path_factory, states, windows, cut):
    path = tmp_path_factory.mktemp("base") / "base.toml"
    for entries in map(tuple, states):
        baseline_file.write(path, Baseline(entries))
        assert baseline_file.current(path).entries == entries
        assert not baseline_file.write(path, Baseline(entries))
        content = path.read_bytes()
        content = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") if windows else content
        path.write_bytes(content.rstrip() if cut else content)
