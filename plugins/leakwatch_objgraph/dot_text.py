"""Retention paths as DOT text: one box of the picture a leak, root first, survivor last.

The text is made from the report alone: types, names of references and the verdicts on them.
No object is looked at, and no `repr` is called.
"""

from collections.abc import Iterator

from leakwatch import Report
from leakwatch.extending import printable, remarks
from leakwatch.model import Leak, Reference, RetentionPath, Verdict

MOST_DRAWN = 20
"""Leaks drawn of each group, largest first; a larger picture cannot be read."""

GRAPH = (
    'digraph leakwatch {\n  graph [fontname="Helvetica", fontsize=11, labelloc=t, labeljust=l];\n'
    '  node [fontname="Helvetica", fontsize=11, shape=box, style="rounded,filled", '
    'fillcolor="white"];\n  edge [fontname="Courier", fontsize=11];'
)
FILL = {
    Verdict.NOT_LEAKING: "#d8efd8",
    Verdict.UNKNOWN: "#ffffff",
    Verdict.LEAKING: "#f6d5d5",
}
# By weight and word too: one reader in twenty does not see red beside green.
SUSPECT = ', color="#c00000", fontcolor="#c00000", penwidth=3'


def dot(found: Leak | Report) -> str:
    """The picture of a leak, or of everything that a report found, as DOT text.

    Args:
        found: a leak, or a report: its leaks, then what is known and what is in use.

    Returns:
        the text of a `.dot` file, ending with a newline.
    """
    parts = leak_box("leak", 0, found) if isinstance(found, Leak) else report_boxes(found)
    return "\n".join([GRAPH, *parts, "}"]) + "\n"


def report_boxes(report: Report) -> Iterator[str]:
    """All boxes of a report under its title."""
    gaps = {"partial": report.partial, "not judged": report.not_judged}
    missing = [f"; {gap}: {reason}" for gap, reason in gaps.items() if reason]
    title = f"{report.kind} {report.scope}: {len(report.leaks)} leak(s){''.join(missing)}"
    yield f"  label={quoted(title)};"
    yield from group("leak", report.leaks)
    yield from group("known", report.known)
    yield from group("in use", report.in_use)


def group(word: str, leaks: tuple[Leak, ...]) -> Iterator[str]:
    """The boxes of one group, and a remark on those left out."""
    for number, leak in enumerate(leaks[:MOST_DRAWN]):
        yield from leak_box(word, number, leak)
    if len(leaks) > MOST_DRAWN:
        remark = f"{word}: {len(leaks) - MOST_DRAWN} more, not drawn"
        yield f"  {quoted(word + ' rest')} [label={quoted(remark)}, shape=plaintext];"


def leak_box(word: str, number: int, leak: Leak) -> Iterator[str]:
    """One leak: its facts as the title of the box, its path as a chain of nodes."""
    name = f"{word} {number}"
    yield f"  subgraph {quoted('cluster ' + name)} {{"
    yield f"    label={quoted(*facts(word, leak))};"
    yield from chain(name, leak.path, Verdict.LEAKING if word == "leak" else Verdict.UNKNOWN)
    yield "  }"


def facts(word: str, leak: Leak) -> Iterator[str]:
    """The title of a box, line by line."""
    rate = f" ({leak.growth:g} per run)" if leak.growth is not None else ""
    yield f"{word}: {leak.count:,} {leak.type_name}{rate}"
    yield f"{leak.retained_bytes:,} bytes retained, signature {leak.signature}"
    if leak.pattern:
        yield f"{leak.pattern.code} {leak.pattern.title}"


def chain(name: str, path: RetentionPath, fate: Verdict) -> Iterator[str]:
    """The nodes and edges of a path; the root stands for the first holder."""
    # Native code and its kind hold the survivor by no name that could be written.
    references = path.references or (Reference(path.root.kind, ""),)
    titles = [str(path.root), *(reference.holder_type for reference in references[1:])]
    *known, last = [references[0].reason, *remarks(path)]
    for index, (title, reference, said) in enumerate(zip(titles, references, known, strict=True)):
        yield node(f"{name}.{index}", title, reference.verdict, said)
        yield edge(f"{name}.{index}", f"{name}.{index + 1}", reference)
    yield node(f"{name}.{len(references)}", path.target_type, fate, last)


def node(name: str, title: str, verdict: Verdict, reason: str) -> str:
    """An object: its type and why it is thought to be needed or dead."""
    lines = [title, reason] if reason else [title]
    return f'    {quoted(name)} [label={quoted(*lines)}, fillcolor="{FILL[verdict]}"];'


def edge(tail: str, head: str, reference: Reference) -> str:
    """A reference by name; a suspect one stands out."""
    lines = [reference.name, "(suspect)"] if reference.suspect else [reference.name]
    style = SUSPECT if reference.suspect else ""
    return f"    {quoted(tail)} -> {quoted(head)} [label={quoted(*lines)}{style}];"


def quoted(*lines: str) -> str:
    """Lines of text as one string of the DOT language, each shown as it is."""
    return '"' + r"\n".join(map(escaped, lines)) + '"'


def escaped(text: str) -> str:
    r"""Text inside a DOT string.

    A backslash starts an escape sequence of labels (`\N` is the name of the node), and an
    ampersand an entity of HTML, also in labels that are not HTML.
    """
    return printable(text).replace("\\", "\\\\").replace('"', '\\"').replace("&", "&amp;")
