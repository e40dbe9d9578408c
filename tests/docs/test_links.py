"""Every link inside the repository leads somewhere."""

import re

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


def fault_of(page, file, part):
    """What is wrong with a link, or nothing."""
    target = page.parent / file if file else page
    if not target.exists():
        return f"{page.relative_to(ROOT)}: no file {file}"
    known = parts_of(target) | (set() if file else labels())
    return f"{page.relative_to(ROOT)}: no heading #{part}" if part and part not in known else ""


def test_every_link_leads_somewhere():
    assert list(links())
    assert not list(filter(None, (fault_of(*link) for link in links())))
