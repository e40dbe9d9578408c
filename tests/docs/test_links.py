"""Every link inside the repository leads somewhere."""

import re

import pytest

from tests.printed import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?![a-z]+:)(?P<file>[^)#]*)(?:#(?P<part>[^)]*))?\)")
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)
CODE = re.compile(r"^(`{3,}).*?^\1$", re.MULTILINE | re.DOTALL)
LABEL = re.compile(r"^\((.*)\)=$", re.MULTILINE)
"""A target of MyST, which any page can link to by its name alone."""
TICKED = re.compile(r"`[^`]*`")


def text_of(page):
    """The text without its code, in which brackets are no links."""
    return CODE.sub("", page.read_text(encoding="utf-8"))


def parts_of(page):
    """The anchors of the headings, as GitHub and MyST make them."""
    titles = HEADING.findall(text_of(page))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def labels():
    return {label for page in PAGES for label in LABEL.findall(text_of(page))}


def links():
    for page in PAGES:
        for found in LINK.finditer(TICKED.sub("", text_of(page))):
            yield page, found["file"], found["part"]


@pytest.mark.parametrize(
    ("page", "file", "part"),
    list(links()),
    ids=lambda it: it.name if hasattr(it, "name") else str(it),
)
def test_a_link_leads_somewhere(page, file, part):
    target = page.parent / file if file else page
    assert target.exists(), f"{page.relative_to(ROOT)}: no file {file}"
    known = parts_of(target) | (set() if file else labels())
    assert not part or part in known, f"{page.relative_to(ROOT)}: no heading #{part}"
