"""The reference pages that are made from the code: hooks and patterns."""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable
from types import ModuleType

from leakwatch import hookspecs
from leakwatch.diagnosis.known.entries import shipped
from leakwatch.diagnosis.patterns import PATTERNS, Mistake
from leakwatch.model import KnownLeak
from tests.printed import ROOT

HOOKS_HEAD = """\
# Hooks

{about}

`CONTRIBUTING.md` has a worked example for the common ones.
This page is made from the docstrings of `leakwatch/hookspecs.py`.
"""

PATTERNS_HEAD = """\
# Patterns

A pattern is a kind of mistake, recognised from the root and the references of a path.
The report names the first one that fits, in the order of this page: particular before general.
A leak that fits none has no pattern; its path and its suspects are as good as any other's.

A code is never used again for another mistake.
`leakwatch explain CODE` prints the same as this page.

Below each pattern is a small program that makes the mistake, and the same program with the fix.
A test runs both: the first leaks exactly so, the second leaves nothing.
To try one, save it as `shop.py` and run `leakwatch hunt shop:work`.
Where the mistake leaves one object however often it is made, a scope around `work()` shows it.

The page is made from `leakwatch/diagnosis/patterns/`.
"""

FIELD = re.compile(r"^(Called|Arguments|Return|Answers|If it raises): ", re.MULTILINE)


def hooks_page() -> str:
    """`docs/reference/hooks.md`."""
    about = inspect.getdoc(hookspecs)
    assert about is not None
    head = HOOKS_HEAD.format(about=without_line_breaks(about))
    return "\n".join([head, *map(hook_section, hooks_of(hookspecs))])


def hooks_of(module: ModuleType) -> list[tuple[str, Callable[..., object]]]:
    """The hooks in the order of the file."""
    return [(name, it) for name, it in vars(module).items() if name.startswith("leakwatch_")]


def hook_section(hook: tuple[str, Callable[..., object]]) -> str:
    """One hook: its head, what it is for, and its five facts as a list."""
    name, function = hook
    about, _, facts = str(inspect.getdoc(function)).partition("\n\n")
    fields = FIELD.split(facts)[1:]
    lines = [f"- **{label}**: {one_line(fact)}" for label, fact in pairs(fields)]
    head = f"## {name}\n\n```text\n{signature(function)}\n```\n"
    return "\n".join([head, f"{one_line(about)}\n", *lines, ""])


def signature(function: Callable[..., object]) -> str:
    """The head of a hook as the source has it, where types have short names."""
    source = ast.parse(inspect.getsource(function)).body[0]
    assert isinstance(source, ast.FunctionDef)
    assert source.returns is not None
    answer = ast.unparse(source.returns).strip("'")  # a name that only type checkers import
    return f"{source.name}({ast.unparse(source.args)}) -> {answer}"


def pairs(fields: list[str]) -> list[tuple[str, str]]:
    """Label and text by turns, in pairs."""
    return list(zip(fields[::2], fields[1::2], strict=True))


def one_line(text: str) -> str:
    """Text without its line breaks and indents."""
    return " ".join(text.split())


def without_line_breaks(text: str) -> str:
    """Paragraphs, one line each."""
    return "\n\n".join(one_line(part) for part in textwrap.dedent(text).split("\n\n"))


def patterns_page() -> str:
    """`docs/reference/patterns.md`."""
    return "\n".join([PATTERNS_HEAD, *map(pattern_section, PATTERNS)])


def pattern_section(mistake: Mistake) -> str:
    """One pattern: title, why, what instead, and the program before and after."""
    it = mistake.pattern
    words = f"## {it.code} {it.title}\n\n{sentence(it.explanation)}\n\n**Instead**: {it.fix}.\n"
    return f"{words}\n{program('Before', it.before)}\n{program('After', it.after)}"


def program(label: str, source: str) -> str:
    """A program to read; `tests/leakwatch/diagnosis/test_patterns.py` is what runs it."""
    return f"{label}:\n\n<!--- skip: next -->\n```python\n{source}```\n"


def sentence(text: str) -> str:
    """Text that ends in a full stop."""
    return text if text.endswith(".") else f"{text}."


def known_leaks_page() -> str:
    """`docs/reference/known-leaks.md`: what people wrote, and the list of what is shipped."""
    file = ROOT / "docs" / "reference" / "known-leaks.md"
    head, mark, _ = file.read_text(encoding="utf-8").partition(" -->\n\n")
    rows = [known_leak_row(entry) for entry in shipped()]
    table = ["| | in | fixed in | what to do |", "|---|---|---|---|", *rows]
    return head + mark + "\n".join(table) + "\n"


def known_leak_row(entry: KnownLeak) -> str:
    """One known leak: what leaks, in what, since when no more, and the remedy."""
    versions = " or ".join(f"`{text}`" for text in entry.affected)
    fixed = ", ".join(entry.fixed)
    where = f"{entry.distribution} {versions}".strip()
    return f"| [{entry.title}]({entry.link}) | {where} | {fixed} | {entry.remedy} |"
