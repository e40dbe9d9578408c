"""The report as Markdown: for a comment on an issue or a pull request.

Names and paths stand in code spans and code blocks, whose fences are longer than any run
of backticks inside, so that nothing the program is called can turn into markup.
"""

from collections.abc import Callable, Iterable, Iterator
from operator import attrgetter

from leakwatch.model import Leak
from leakwatch.report import Report
from leakwatch.reports import text
from leakwatch.reports.wording import counted, printable, size

PROSE = frozenset({"why", "next"})
"""What a pattern says; in all else a backtick may be of a name."""


def render(report: Report) -> str:
    """The report as Markdown, ending with a newline."""
    return "\n".join(lines(report)) + "\n"


def lines(report: Report) -> Iterator[str]:
    """Every line of the report."""
    yield f"## {escaped(text.verdict(report))}"
    if report.leaks:
        yield ""
        yield from table(report.leaks)
    for number, leak in enumerate(report.leaks[: text.MOST_SHOWN], 1):
        yield ""
        yield from section(number, leak)
    footer = list(text.footer_lines(report, in_full=True))
    here = report.environment
    if here is not None:  # a report travels further than its terminal
        plugins = f"; plugins {here.extensions}" if here.plugins else ""
        footer.append(f"made on {here.interpreter} by {here.tool}{plugins}")
    if footer:
        yield ""
        yield from (f"- {escaped(line)}" for line in footer)


def table(leaks: tuple[Leak, ...]) -> Iterator[str]:
    """All leaks at a glance; what is on devices has a column where there is any."""
    sizes = columns_of_sizes(leaks)
    yield f"| | leaked | count | {' | '.join(sizes)} | held by | signature |"
    yield f"|--:|---|--:|{'--:|' * len(sizes)}---|---|"
    for number, leak in enumerate(leaks[: text.MOST_SHOWN], 1):
        yield (
            f"| {number} | {cell(leak.type_name)} | {leak.count:,} "
            f"| {' | '.join(size(of(leak)) for of in sizes.values())} "
            f"| {cell(leak.path.expression)} | {cell(leak.signature)} |"
        )
    if len(leaks) > text.MOST_SHOWN:
        rest = counted(len(leaks) - text.MOST_SHOWN, "more leak")
        where = "a report in JSON (`-o leaks.json`) has all of them"
        yield f"| | and {rest}; {where} | | | |{' |' * len(sizes)}"


def columns_of_sizes(leaks: Iterable[Leak]) -> dict[str, Callable[[Leak], int]]:
    """The columns for bytes, each with what gives them; one for devices where they have any."""
    columns: dict[str, Callable[[Leak], int]] = {"retained": attrgetter("retained_bytes")}
    if any(leak.device_bytes for leak in leaks):
        columns["on devices"] = attrgetter("device_bytes")
    return columns


def section(number: int, leak: Leak) -> Iterator[str]:
    """One leak: the sentence, the path, the next step."""
    yield f"### {number}. {escaped(text.sentence(leak))}"
    yield ""
    yield escaped(text.facts(leak))
    yield ""
    yield from block(text.path_lines(leak.path))
    advice = list(text.advice(leak))
    if advice:
        yield ""
    for line in advice:
        word, _, rest = line.partition(" ")
        said = prose(rest.strip()) if word in PROSE else escaped(rest.strip())
        yield f"- **{word}** {said}"


def prose(content: str) -> str:
    """Text in which backticks enclose code, as patterns are written."""
    parts = content.split("`")
    if len(parts) % 2 == 0:
        # One of them encloses nothing.
        return escaped(content)
    return "".join(
        code(part) if index % 2 and part else escaped(part) for index, part in enumerate(parts)
    )


def block(content: Iterator[str]) -> Iterator[str]:
    """A code block."""
    inside = [printable(line).rstrip() for line in content]
    fence = "`" * max(3, 1 + longest_run("\n".join(inside)))
    yield f"{fence}text"
    yield from inside
    yield fence


def cell(content: str) -> str:
    """A code span in a table, where a bar would end the cell even inside a span."""
    return code(content).replace("|", "\\|")


def code(content: str) -> str:
    """A code span."""
    inside = printable(content)
    fence = "`" * (1 + longest_run(inside))
    space = " " if inside.startswith("`") or inside.endswith("`") else ""
    return f"{fence}{space}{inside}{space}{fence}"


def longest_run(content: str) -> int:
    """Length of the longest run of backticks."""
    longest = run = 0
    for char in content:
        run = run + 1 if char == "`" else 0
        longest = max(longest, run)
    return longest


MARKUP = str.maketrans(
    {char: f"\\{char}" for char in "\\`*_{}[]<>#|~"} | {"&": "&amp;", "@": "&#64;"}
)
"""`@` as well: the name of a class must not call on a person of that name."""


def escaped(content: str) -> str:
    """Text that means itself in Markdown."""
    return printable(content).translate(MARKUP)
