"""Where the holder of a leak is defined, and what in its file puts something into it.

Told from the source alone: a file is read and parsed, nothing of it is imported or run. Only names
that a cause has are looked for, in the folders where Python would look for their module.
"""

import ast
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from leakwatch.model import Leak
from leakwatch.report import Report
from leakwatch.reports.source_locations import Place, relative

MAIN = "__main__"
LARGEST = 4 << 20
"""Bytes of a source file that is read."""
MOST_WRITES = 5
"""Lines that are told of those that put something into the holder."""
ADDING = frozenset(
    (
        *("add", "append", "appendleft", "connect", "extend", "insert", "put", "register"),
        *("setdefault", "subscribe", "update"),
    )
)
"""Names of methods that put something into what they are called on."""

Scope = ast.Module | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Definition:
    """What the source says of a holder.

    Attributes:
        place: the line that binds its name, or the class or function itself.
        writes: lines of the same file that put something into it, the first few.
    """

    place: Place
    writes: tuple[Place, ...] = ()


def definition_of(leak: Leak, report: Report) -> Definition | None:
    """Where the holder of a leak is defined; None where the source does not tell.

    Args:
        leak: of the report.
        report: says which program was run, where the holder is in its `__main__`.
    """
    found = (defined(name, report) for name in names_of_holder(leak))
    return next(filter(None, found), None)


def names_of_holder(leak: Leak) -> Iterator[str]:
    """Yield what the holder is called: as an attribute of its owner's class, then from a module."""
    references = leak.path.references
    cut = leak.path.cut
    at = references.index(cut) if cut is not None else 0
    if at and references[at - 1].name.startswith(".") and "." in references[at - 1].holder_type:
        yield f"{references[at - 1].holder_type}{references[at - 1].name}"
    yield leak.cause.holder


def defined(name: str, report: Report) -> Definition | None:
    """What the source says of a name that begins with its module."""
    names = name.split(".")
    if not all(it.isidentifier() for it in names):
        return None
    for length in range(len(names), 0, -1):
        file = file_of_module(".".join(names[:length]), report)
        if file is not None:
            return defined_in(file, names[length:])
    return None


def file_of_module(name: str, report: Report) -> str | None:
    """The source of a module, in the folders where Python would look; it is not imported."""
    if name == MAIN:
        script = report.scope.removeprefix("python -m ")
        if script == report.scope:
            return script if script.endswith(".py") and os.path.isfile(script) else None
        return file_of_module(f"{script}.{MAIN}", report) or file_of_module(script, report)
    path = name.replace(".", os.sep)
    candidates = (
        os.path.join(folder or os.curdir, f"{path}{end}")
        for folder in ("", "src", *sys.path)
        for end in (".py", f"{os.sep}__init__.py")
    )
    return next(filter(os.path.isfile, candidates), None)


def defined_in(file: str, names: Sequence[str]) -> Definition | None:
    """What a file says of names, each of which is defined in the one before."""
    tree = parsed(file)
    if tree is None:
        return None
    where = relative(os.path.abspath(file))
    if not names:
        return Definition(Place(where, 1))
    line = line_of(tree, names)
    writes = list(dict.fromkeys(lines_that_add(tree, names[-1])))[:MOST_WRITES]
    places = tuple(Place(where, it) for it in writes)
    return Definition(Place(where, line), places) if line else None


def parsed(file: str) -> ast.Module | None:
    """The tree of a file; None where it cannot be read or is no Python of this version."""
    try:
        with open(file, "rb") as source:
            return ast.parse(source.read(LARGEST))
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
