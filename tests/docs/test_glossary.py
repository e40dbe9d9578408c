"""The glossary: in order, one sentence a word, and every word of it is in use."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "explanation" / "glossary.md"
ENTRIES = re.findall(
    r"^\*\*(.+?)\*\*: (.+?)(?=\n\n|\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
)


@pytest.fixture(scope="module")
def texts():
    """What a reader may meet a word in: other pages and the source, in small letters."""
    files = [*ROOT.glob("docs/**/*.md"), *ROOT.glob("leakwatch/**/*.py")]
    files += [*ROOT.glob("plugins/**/*.py"), ROOT / "README.md"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files if path != PAGE).lower()


def test_the_words_are_in_alphabetical_order():
    words = [word for word, _ in ENTRIES]
    assert words == sorted(words)
    assert len(words) > 40


@pytest.mark.parametrize(("word", "sentence"), ENTRIES, ids=[word for word, _ in ENTRIES])
def test_a_word_is_explained_in_one_sentence(word, sentence):
    assert sentence.rstrip().endswith(".")
    assert not re.search(r"\. [A-Z]", sentence)


def test_every_word_is_used_somewhere(texts):
    flat = re.sub(r"[\s_]+", " ", texts)
    assert [word for word, _ in ENTRIES if word.lower() not in flat] == []
