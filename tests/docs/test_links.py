"""Every link inside the repository leads somewhere."""

import re

import pytest

from tests.test_readme import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?![a-z]+:)(?P<file>[^)#]*)(?:#(?P<part>[^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
TICKED = re.compile(r"`[^`]*`")


def text_of(page):
    """The text without its code, in which brackets are no links."""
    return CODE.sub("", page.read_text(encoding="utf-8"))


def parts_of(page):
    """The anchors of the headings, as GitHub and MyST make them."""
    titles = HEADING.findall(text_of(page))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def links():
    for page in PAGES:
        for found in LINK.finditer(TICKED.sub("", text_of(page))):
            yield page, found["file"], found["part"]


@pytest.mark.parametrize(
    ("page", "file", "part"), links(), ids=lambda it: it.name if hasattr(it, "name") else str(it)
)
def test_a_link_leads_somewhere(page, file, part):
    target = page.parent / file if file else page
    assert target.exists(), f"{page.relative_to(ROOT)}: no file {file}"
    assert not part or part in parts_of(target), f"{page.relative_to(ROOT)}: no heading #{part}"
