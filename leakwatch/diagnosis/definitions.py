"""Where the holder of a leak is defined, and what in its file puts something into it.

Told from the source alone: a file is read and parsed, nothing of it is imported or run. Only names
that a cause has are looked for, in the folders where Python would look for their module.
"""

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from leakwatch.model import Leak, Place
from leakwatch.model.places import relative

MAIN = "__main__"
LARGEST = 1 << 20
"""Bytes of a source file that is read; a megabyte takes half a second to parse."""
ESCAPE = re.compile(rb"\\[^\n'\"\\]")
"""Parsed without: Python would warn of an escape that is none, in the process that is looked at.
What is kept decides where a string or a line ends."""
MOST_LEAKS = 10
"""Leaks whose holders are looked for; a report shows so many in full."""
MOST_FILLING = 5
"""Lines that are told of those that put something into the holder."""
ADDING = frozenset(
    (
        *("add", "append", "appendleft", "connect", "extend", "insert", "put", "register"),
        *("setdefault", "subscribe", "update"),
    )
)
"""Names of methods that put something into what they are called on."""

MOST_KNOWN = 256
Scope = ast.Module | ast.ClassDef
Parse = Callable[[str], ast.Module | None]


class Definition(NamedTuple):
    """What the source says of a holder.

    Attributes:
        place: the line that binds its name, or the class or function itself.
        filled: lines of the same file that put something into it, the first few.
    """

    place: Place
    filled: tuple[Place, ...] = ()


_known: dict[tuple[str, str, int, int, tuple[str, ...]], Definition | None] = {}
"""What was read, by the file and how it is told, its time and size, and the names in it."""


def with_definitions(leaks: Sequence[Leak], program: str) -> tuple[Leak, ...]:
    """The leaks, of the first few with the lines that define and fill what holds them.

    Args:
        leaks: the worst first.
        program: what is `__main__`: a script, or a module after `python -m `.
    """
    parse = cache(parsed)  # for this call: trees are large
    first = [with_definition(leak, program, parse) for leak in leaks[:MOST_LEAKS]]
    return (*first, *leaks[MOST_LEAKS:])


def with_definition(leak: Leak, program: str, parse: Parse) -> Leak:
    """A leak with what the source says of its holder; where that says nothing, as it is."""
    found = definition_of(leak, program, parse)
    if found is None:
        return leak
    cut = leak.path.cut
    fills = cut is not None and cut.is_entry
    return replace(leak, defined=found.place, filled=found.filled if fills else ())


def definition_of(leak: Leak, program: str, parse: Parse) -> Definition | None:
    """Where the holder of a leak is defined; None where the source does not tell."""
    found = (defined(name, program, parse) for name in names_of_holder(leak))
    return next(filter(None, found), None)


def names_of_holder(leak: Leak) -> Iterator[str]:
    """Yield what the holder is called: as an attribute of its owner's class, then from a module."""
    references = leak.path.references
    cut = leak.path.cut
    before = references[: references.index(cut)] if cut is not None else ()
    # What is cut out of the list under a key is in the attribute that has the dict.
    attribute = next((it for it in reversed(before) if not it.is_entry), None)
    if attribute is not None and "." in attribute.holder_type:
        yield f"{attribute.holder_type}{attribute.name}"
    yield leak.cause.holder


def defined(name: str, program: str, parse: Parse) -> Definition | None:
    """What the source says of a name that begins with its module."""
    names = name.split(".")
    if not all(it.isidentifier() for it in names):
        return None
    for length in range(len(names), 0, -1):
        file = file_of_module(".".join(names[:length]), program)
        if file is not None:
            return defined_in_file(file, tuple(names[length:]), parse)
    return None


def defined_in_file(file: str, names: tuple[str, ...], parse: Parse) -> Definition | None:
    """What a file says of names; it is parsed once as long as it stays as it is.

    A suite may be told of one holder in hundreds of tests, and a large file takes 100 ms.
    """
    try:
        stamp = os.stat(file)
    except OSError:
        return None
    path = os.path.abspath(file)
    where = relative(path)
    key = (path, where, stamp.st_mtime_ns, stamp.st_size, names)
    if key not in _known:
        tree = parse(file)
        if len(_known) >= MOST_KNOWN:
            _known.clear()
        _known[key] = None if tree is None else defined_in(tree, where, names)
    return _known[key]


def file_of_module(name: str, program: str) -> str | None:
    """The source of a module, in the folders where Python would look; it is not imported."""
    if name == MAIN:
        module = program.removeprefix("python -m ")
        if module == program:
            return program if program.endswith(".py") and os.path.isfile(program) else None
        return file_of_module(f"{module}.{MAIN}", program) or file_of_module(module, program)
    path = name.replace(".", os.sep)
    candidates = (
        os.path.join(folder or os.curdir, f"{path}{end}")
        for folder in ("", "src", *sys.path)
        for end in (".py", f"{os.sep}__init__.py")
    )
    return next(filter(os.path.isfile, candidates), None)


def defined_in(tree: ast.Module, where: str, names: Sequence[str]) -> Definition | None:
    """What a file says of names, each of which is defined in the one before."""
    if not names:
        return Definition(Place(where, 1))
    line = line_of(tree, names)
    filling = list(dict.fromkeys(lines_that_add(tree, names[-1])))[:MOST_FILLING]
    places = tuple(Place(where, it) for it in filling)
    return Definition(Place(where, line), places) if line else None


def parsed(file: str) -> ast.Module | None:
    """The tree of a file; None where it cannot be read or is no Python of this version."""
    try:
        with open(file, "rb") as source:
            text = source.read(LARGEST + 1)
        return ast.parse(ESCAPE.sub(rb"..", text)) if len(text) <= LARGEST else None
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def line_of(scope: Scope, names: Sequence[str]) -> int:
    """The line that binds the last of the names, or as many of them as the source has; else 0."""
    first, *others = names
    found = next((node for name, node in bindings(scope) if name == first), None)
    if found is None:
        return 0
    inner = line_of(found, others) if others and isinstance(found, ast.ClassDef) else 0
    return inner or found.lineno


def bindings(scope: Scope) -> Iterator[tuple[str, ast.stmt]]:
    """The names that a module or a class binds, or its methods on `self`, with the statements."""
    for node in statements(scope):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from ((name, node) for name in map(last_name, targets) if name)


def statements(scope: Scope) -> Iterator[ast.stmt]:
    """The statements of a module or a class, those in branches and in its methods too."""
    todo: list[ast.AST] = list(reversed(scope.body))
    while todo:
        node = todo.pop()
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, ast.ClassDef):
            inside_function = isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            if not (inside_function and isinstance(scope, ast.Module)):
                todo += reversed(list(ast.iter_child_nodes(node)))


def lines_that_add(tree: ast.AST, name: str) -> Iterator[int]:
    """The lines that store an entry in something of that name, or call an adding method on it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            holder: ast.expr = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in ADDING:
                continue
            holder = node.func.value
        else:
            continue
        if last_name(holder) == name:
            yield node.lineno


def last_name(node: ast.expr) -> str:
    """The name that an expression ends in; empty where it is neither a name nor an attribute."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""
