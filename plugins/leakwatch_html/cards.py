"""What the page says first: the verdict, and the figures below it."""

from collections.abc import Iterator
from dataclasses import dataclass

from leakwatch import Report
from leakwatch.extending import size, verdict
from leakwatch_html.memory import Story, is_growing

WELL_EXPLAINED = 0.9
"""Below this share of the heap under named roots, native code may hold more than is known."""


@dataclass(frozen=True, slots=True)
class Card:
    """One figure.

    Attributes:
        label: what it is.
        value: the figure itself, large.
        remark: what to know about it, small; may be empty.
        mood: `bad`, `good`, `unsure` or `plain`: a colour beside the words, never instead.
    """

    label: str
    value: str
    remark: str = ""
    mood: str = "plain"


@dataclass(frozen=True, slots=True)
class Headline:
    """The answer.

    Attributes:
        word: one or two words.
        sentence: the whole answer.
        mood: as of a card.
        limit: why the answer is not the whole one; empty if it is.
    """

    word: str
    sentence: str
    mood: str
    limit: str = ""


def headline(report: Report) -> Headline:
    """The verdict of a report."""
    said = verdict(report).removeprefix("leakwatch: ")
    sentence = said[:1].upper() + said[1:]
    if report.kind == "why":
        # The sentence has the reason why there is no answer.
        return Headline("Why it is alive", sentence, "plain", report.partial or "")
    limit = report.not_judged or report.partial or ""
    if report.leaks:
        return Headline("Leaks found", sentence, "bad", limit)
    if report.not_judged:
        return Headline("Not judged", sentence, "unsure", limit)
    doubtful = limit or is_growing(report.memory)
    return Headline("No leaks", sentence, "unsure" if doubtful else "good", limit)


def cards(report: Report, memory: Story | None) -> Iterator[Card]:
    """The figures below the verdict."""
    yield leaks_card(report)
    retained = sum(leak.retained_bytes for leak in report.leaks)
    if report.kind == "why":
        yield Card("Retained", size(retained), "freed with the object")
    else:
        objects = sum(leak.count for leak in report.leaks)
        yield Card("Objects that stayed", f"{objects:,}", "survivors of all new leaks")
        yield Card("Retained", size(retained), "freed once the leaks are fixed")
    yield from memory_cards(memory)
    yield judged_card(report)


def leaks_card(report: Report) -> Card:
    """How many leaks, and those that fail nothing."""
    beside = [
        f"{len(group):,} {word}"
        for group, word in ((report.known, "known"), (report.in_use, "in use"))
        if group
    ]
    label = "Ways that hold it" if report.kind == "why" else "New leaks"
    remark = ", ".join(beside) or "none known or in use"
    # No leaks are good only where everything was judged, and `why` accuses nobody.
    mood = "bad" if report.leaks else "good"
    if report.kind == "why" or (not report.leaks and (report.not_judged or report.partial)):
        mood = "plain"
    return Card(label, f"{len(report.leaks):,}", remark, mood)


def memory_cards(memory: Story | None) -> Iterator[Card]:
    """What the process's resident memory did."""
    resident = memory.figures[0] if memory and memory.figures else None
    if memory is None or resident is None or not memory.summary:
        return
    remark = f"{resident.start} to {resident.end}"
    if memory.share is not None:
        remark = f"{memory.share}% of it retained by the leaks"
    yield Card("Resident memory", resident.change or "unchanged", remark)


def judged_card(report: Report) -> Card:
    """How far the answer goes."""
    if report.not_judged:
        return Card("Judged", "not all", "see what this answer is worth", "unsure")
    if report.partial:
        return Card("Judged", "in part", "see what this answer is worth", "unsure")
    share = f"named roots explain {report.explained_share:.1%} of the heap"
    mood = "good" if report.explained_share >= WELL_EXPLAINED else "unsure"
    return Card("Judged", "all", share, mood)
