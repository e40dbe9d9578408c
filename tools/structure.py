"""Measure how the code is laid out and how far one behaviour leads through it.

    python tools/structure.py              the tables, for the checkout that is imported
    python tools/structure.py --no-trips   what reading the files tells, in a second

Files, functions and imports are counted in the source. A trip is measured while it runs: which of
our functions, in which of our files, one call goes through. What it imports for the first time and
what any call needs once is done by a first, unmeasured call.
"""

import argparse
import ast
import json
import re
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
HOUSES = [ROOT / "leakwatch", ROOT / "weakrefs", *sorted((ROOT / "plugins").glob("*/"))]
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef

TRIPS = {
    "clean scope": """
        def trip():
            with leakwatch.scope("clean"):
                leakwatch.track(Thing())
        """,
    "leaking scope": """
        def trip():
            with leakwatch.scope("leaking"):
                KEPT.append(leakwatch.track(Thing()))
        """,
    "discovering scope": """
        def trip():
            with leakwatch.scope("discovering", discover=True):
                KEPT.append(Thing())
        """,
    "check": """
        def trip():
            KEPT.append(Thing())
            leakwatch.watch(KEPT[-1], within=0)
            leakwatch.check()
        """,
    "why": """
        def trip():
            KEPT.append(Thing())
            leakwatch.why(Thing)
        """,
    "hunt": """
        def trip():
            leakwatch.hunt(lambda: KEPT.append(Thing()))
        """,
    "print(report)": """
        with leakwatch.scope("leaking") as scope:
            KEPT.append(leakwatch.track(Thing()))
        def trip():
            str(scope.report)
        """,
    "leakwatch run": """
        from leakwatch.cli import main
        def trip():
            with silence():
                main(["run", PROGRAM])
        """,
    "pytest with one test that leaks": """
        import pytest
        OPTIONS = "-q -p no:cacheprovider -c /dev/null --leakwatch".split()
        def trip():
            with silence():
                pytest.main([*OPTIONS, TEST])
        """,
}

BEFORE = """
import io, json, sys, tempfile, threading
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
import leakwatch
@contextmanager
def silence():
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        yield
class Thing: pass
KEPT, OURS = [], tuple(sys.argv[1:])
FOLDER = Path(tempfile.mkdtemp())
PROGRAM, TEST = str(FOLDER / "program.py"), str(FOLDER / "test_one.py")
Path(PROGRAM).write_text("KEPT = []\\nclass Thing: pass\\nKEPT.append(Thing())\\n")
Path(TEST).write_text("KEPT = []\\nclass Thing: pass\\ndef test_one(): KEPT.append(Thing())\\n")
"""

AFTER = """
import logging; logging.disable()
trip(); KEPT.clear()
seen = set()
def note(frame, event, _):
    if event == "call":
        seen.add(frame.f_code)
threading.setprofile(note); sys.setprofile(note)
trip()
sys.setprofile(None); threading.setprofile(None)
ours = {(c.co_filename, c.co_qualname) for c in seen
        if c.co_filename.startswith(OURS) and not c.co_name.startswith("<")}
print(json.dumps([len(ours), len({file for file, _ in ours})]))
"""


def source_files() -> list[Path]:
    return [file for house in HOUSES for file in sorted(house.rglob("*.py"))]


def functions_of(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, FUNCTION))


def lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of its body, the docstring left out."""
    body = function.body[1:] if ast.get_docstring(function) and function.body[1:] else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1


def names_used(tree: ast.AST) -> Iterator[str]:
    """Each mention of a name, those in imports and `__all__` left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr


def used_once(trees: dict[Path, ast.Module]) -> tuple[int, int, int]:
    """Functions with a name of their own, those used once, and of these the short ones."""
    defined: dict[str, list[ast.FunctionDef | ast.AsyncFunctionDef]] = {}
    for tree in trees.values():
        for function in functions_of(tree):
            defined.setdefault(function.name, []).append(function)
    uses = Counter(name for tree in trees.values() for name in names_used(tree))
    unique = {
        name: functions[0]
        for name, functions in defined.items()
        if len(functions) == 1 and not re.fullmatch(r"__\w+__|leakwatch_\w+|pytest_\w+", name)
    }
    once = [function for name, function in unique.items() if uses[name] == 1]
    return len(unique), len(once), sum(lines_of(function) <= 3 for function in once)


def imports_of(tree: ast.Module, module: str, modules: set[str]) -> Iterator[str]:
    """Which of `modules` a file imports anywhere; what only a type checker reads left out."""
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                target = whole if whole in modules else node.module
                if target in modules and target != module:
                    yield target


def imports(trees: dict[Path, ast.Module]) -> dict[str, set[str]]:
    """Which files each file imports, by their dotted names."""
    modules = {dotted(file) for file in trees}
    return {
        dotted(file): set(imports_of(tree, dotted(file), modules)) for file, tree in trees.items()
    }


def parsed() -> dict[Path, ast.Module]:
    """Every source file, as a tree."""
    return {file: ast.parse(file.read_text(encoding="utf-8")) for file in source_files()}


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of files that import each other, by reachability both ways."""
    reached: dict[str, set[str]] = {}
    for start in graph:
        found, waiting = set(), [start]
        while waiting:
            for target in graph[waiting.pop()] - found:
                found.add(target)
                waiting.append(target)
        reached[start] = found
    groups = {
        tuple(sorted(b for b in reached[a] if a in reached[b])) for a in graph if a in reached[a]
    }
    return [list(group) for group in sorted(groups)]


def dotted(file: Path) -> str:
    base = ROOT / "plugins" if (ROOT / "plugins") in file.parents else ROOT
    name = ".".join(file.relative_to(base).with_suffix("").parts)
    return name.removesuffix(".__init__")


def table(rows: Iterable[tuple[object, ...]]) -> None:
    for first, *rest in rows:
        print(f"{first!s:42}", *(f"{cell!s:>14}" for cell in rest))


def folders() -> Iterator[tuple[object, ...]]:
    yield "folder", "files", "folders in it"
    for house in HOUSES:
        for folder in [
            house,
            *sorted(path for path in house.rglob("*/") if any(path.glob("*.py"))),
        ]:
            inner = sum(1 for path in folder.glob("*/") if any(path.glob("*.py")))
            yield folder.relative_to(ROOT), len(list(folder.glob("*.py"))), inner


def sizes(trees: dict[Path, ast.Module]) -> Iterator[tuple[object, ...]]:
    lengths = sorted(lines_of(f) for tree in trees.values() for f in functions_of(tree))
    unique, once, short = used_once(trees)
    sources = [file.read_text(encoding="utf-8") for file in trees]
    file_lengths = sorted(len(source.splitlines()) for source in sources)
    yield (
        "files, lines, median, longest",
        len(trees),
        sum(file_lengths),
        median(file_lengths),
        (file_lengths[-1]),
    )
    yield (
        "functions, median, 90 %, longest",
        len(lengths),
        median(lengths),
        (lengths[len(lengths) * 9 // 10]),
        lengths[-1],
    )
    yield "functions with a name of their own", unique
    yield "of these used once", once, f"{once / unique:.0%}"
    yield "of these at most three lines long", short, f"{short / unique:.0%}"
    yield "`type: ignore`", sum(source.count("type: ignore") for source in sources)
    yield "`Any`", sum(len(re.findall(r"\bAny\b", source)) for source in sources)


def trip(name: str) -> tuple[object, ...]:
    code = BEFORE + textwrap.dedent(TRIPS[name]) + AFTER
    command = [sys.executable, "-c", code, *(f"{house}/" for house in HOUSES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return name, "failed", done.stderr.strip().splitlines()[-1]
    return name, *json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--no-trips", action="store_true", help="run nothing")
    options = parser.parse_args()
    trees = parsed()
    table(folders())
    print()
    table(sizes(trees))
    graph = imports(trees)
    found = circles(graph)
    table([("imports of files by files", sum(map(len, graph.values()))), ("circles", len(found))])
    for circle in found:
        print("   ", *circle)
    if not options.no_trips:
        print()
        table([("trip", "functions", "files"), *map(trip, TRIPS)])


if __name__ == "__main__":
    main()
