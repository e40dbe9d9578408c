"""Objects of the program are read in one module only, so that judging runs none of its code."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PLACE_FOR_IT = ROOT / "leakwatch" / "heap" / "fields.py"

# What sees no object of the program: finished reports, options, the command line.
PLAIN_DATA = (
    *("leakwatch/cli/", "leakwatch/reports/", "leakwatch/diagnosis/patterns/"),
    *("leakwatch/diagnosis/known/", "leakwatch/diagnosis/definitions.py"),
    *("leakwatch/compare/combine.py", "leakwatch/config.py"),
    *("leakwatch/model/environment.py", "leakwatch/compare/group.py"),
    # What is read of a heap is numbers and texts; what is made of them is ours.
    *(
        f"leakwatch/snapshots/{name}.py"
        for name in ("asking", "heap_file", "layout", "likenesses", "reading", "walking")
    ),
    # What plugins answer, and exceptions on their way: each is asked inside a guard.
    *("leakwatch/isolation/answers.py", "leakwatch/isolation/calls.py"),
    # Whether tests and fixtures use the collector: asked before they run, as pytest asks them.
    *(
        "plugins/pytest_leakwatch/attribution/collector_use.py",
        "plugins/pytest_leakwatch/attribution/windows.py",
    ),
    # pytest's own objects: its nodes, options, markers and reports.
    *(f"plugins/pytest_leakwatch/{name}.py" for name in ("plugin", "settings", "reporter")),
    *("plugins/pytest_leakwatch/verdict/markers.py", "plugins/pytest_leakwatch/output/text.py"),
    "plugins/pytest_leakwatch/verdict/repeat.py",
)
PLAIN_PLUGINS = (
    *("leakwatch_html", "leakwatch_logging", "leakwatch_memory", "leakwatch_objgraph"),
    *("leakwatch_dask", "leakwatch_otel", "leakwatch_prometheus", "leakwatch_sentry"),
    # These serve files, or requests of the program on their way: nothing is judged meanwhile.
    *("leakwatch_asgi", "leakwatch_explorer", "leakwatch_parquet", "leakwatch_wsgi"),
    "leakwatch_mcp",
)

# Each asks the type of its argument, or an attribute `__class__` or `__dict__` of it. `Counter`
# with an argument asks whether that is a `Mapping`, and so the mappings of the program.
ASKING_CALLS = {"getattr", "hasattr", "isinstance", "issubclass", "vars", "dir", "callable", "hash"}
# Fields that an object or class may override, or whose value may be of a subclass of str or dict.
FIELDS = {
    *("__base__", "__bases__", "__class__", "__dict__", "__mro__", "__subclasses__", "__doc__"),
    *("__name__", "__qualname__", "__module__", "__annotations__", "__wrapped__", "__func__"),
    *("__self__", "__code__", "__closure__", "__defaults__", "__kwdefaults__", "__globals__"),
    *("co_name", "co_qualname", "co_filename", "f_locals", "f_globals", "f_builtins"),
    *("gi_frame", "gi_yieldfrom", "cr_await", "ag_await", "__callback__", "__traceback__"),
}
# What gives objects of the program as they are: whether they are true is theirs to say.
READERS = {"attribute", "c_field", "class_attribute", "entry", "loaded", "own_field", "read"}

# By file and what is asked: why it runs no code of the program, or is not a judgement.
ALLOWED = {
    ("leakwatch/tracking/handles.py", "hasattr"): "a function of `os`",
    ("leakwatch/forking/child.py", "hasattr"): "the module signal",
    ("leakwatch/growth/calling.py", "__code__"): "functions of ours",
    ("leakwatch/heap/_walk_pure.py", "__code__"): "a function of ours",
    ("leakwatch/errors.py", "__name__"): "the class of an argument of the caller",
    ("leakwatch/guest/importing.py", "hasattr"): "the module _signal",
    ("leakwatch/guest/collector.py", "hasattr"): "the module os",
    ("leakwatch/guest/collector.py", "vars"): "the module builtins",
    ("leakwatch/guest/collector.py", "f_builtins"): "compared by identity only",
    ("leakwatch/interpreter.py", "hasattr"): "the module os",
    ("leakwatch/tracking/open_scopes.py", "hasattr"): "the module os",
    ("leakwatch/tracking/stamp.py", "isinstance"): "a note of ours",
    ("leakwatch/tracking/window.py", "hasattr"): "the module os",
    (
        "plugins/leakwatch_jupyter/session_roots.py",
        "getattr",
    ): "the session of IPython, when the magic is loaded",
    ("plugins/pytest_leakwatch/ending.py", "Counter"): "when all is judged",
    ("plugins/pytest_leakwatch/attribution/teardowns.py", "getattr"): "an item of pytest",
    ("plugins/pytest_leakwatch/attribution/teardowns.py", "isinstance"): "an item of pytest",
    ("plugins/pytest_leakwatch/faults.py", "__traceback__"): "an exception of ours",
    ("plugins/pytest_leakwatch/pytest_state.py", "__dict__"): "an item of pytest",
    ("plugins/pytest_leakwatch/watcher.py", "__name__"): "the class of what ended pytest",
    ("plugins/pytest_leakwatch/watcher.py", "isinstance"): "what ended pytest",
    ("leakwatch/guest/importing.py", "getattr"): "a module of ours",
    ("leakwatch/isolation/installed.py", "getattr"): "the module that an entry point names",
    ("leakwatch/isolation/installed.py", "hasattr"): "a finder of the import system",
    ("leakwatch/growth/allocation_sites.py", "getattr"): "a function of the interpreter's library",
    ("leakwatch/forking/analysis.py", "hasattr"): "the module os",
    ("leakwatch/growth/rounds.py", "hasattr"): "the work, which the caller asks us to run",
    ("leakwatch/growth/rounds.py", "__module__"): "the work, which the caller asks us to run",
    ("leakwatch/growth/rounds.py", "__qualname__"): "the work, which the caller asks us to run",
    ("leakwatch/growth/insertion_sites.py", "getattr"): "the module threading",
    ("leakwatch/interpreter.py", "getattr"): "the module time",
    ("leakwatch/monitoring/bringing.py", "getattr"): "the module sys",
    ("leakwatch/monitoring/brought.py", "__name__"): "the class of an import's error",
    ("leakwatch/monitoring/near_limit.py", "hasattr"): "the module os",
    ("leakwatch/process_monitor.py", "hasattr"): "the module os",
    ("leakwatch/snapshots/drafts.py", "getattr"): "the modules os and signal",
    ("leakwatch/snapshots/neighbourhood.py", "f'{number}'"): "a number in a file",
    ("leakwatch/monitoring/door.py", "getattr"): "the module socket",
    ("leakwatch/monitoring/door.py", "hasattr"): "the modules os and socket",
    ("leakwatch/monitoring/monitor.py", "hasattr"): "the module os",
    ("leakwatch/monitoring/signals.py", "getattr"): "the module signal",
    ("leakwatch/monitoring/signals.py", "hasattr"): "the module os",
    ("leakwatch/monitoring/signals.py", "isinstance"): "a constant of the module signal",
    ("leakwatch/plugin_manager.py", "getattr"): "the hooks of pluggy",
    ("leakwatch/growth/handles.py", "f'{words}'"): "a table of ours",
    ("leakwatch/paths/names/objects.py", "f'{name}'"): "an exact text of `read_variables`",
    ("leakwatch/heap/roots/registries.py", "f'{module}'"): "a table of ours",
    (
        "leakwatch/heap/roots/registries.py",
        "f'{name}'",
    ): "exact texts of `thread_names`, `own_text`",
    ("plugins/pytest_leakwatch/attribution/owners.py", "getattr"): "an item of pytest",
    ("plugins/pytest_leakwatch/attribution/owners.py", "isinstance"): "a node of pytest",
    ("plugins/pytest_leakwatch/attribution/beside.py", "getattr"): "the module sys",
    ("plugins/pytest_leakwatch/attribution/fixtures.py", "isinstance"): "a node of pytest",
    (
        "plugins/pytest_leakwatch/attribution/fixtures.py",
        "f'{label}'",
    ): "a table of ours, of exact texts",
    ("plugins/pytest_leakwatch/watcher.py", "hasattr"): "a report of pytest",
    ("leakwatch/tracking/on_leak.py", "callable"): "an argument of the caller",
    ("leakwatch/tracking/type_filter.py", "isinstance"): "an argument of the caller",
    ("leakwatch/heap/roots/interpreter_tables.py", "hasattr"): "the module os",
    ("leakwatch/heap/of_class.py", "isinstance"): "what a plugin offers, which was checked",
    ("leakwatch/heap/objects.py", "__dict__"): "a class of ours",
    ("leakwatch/heap/objects.py", "__doc__"): "a descriptor of a class of ours",
    ("leakwatch/paths/outermost.py", "__dict__"): "a class and a module of the standard library",
    ("leakwatch/heap/roots/registries.py", "__dict__"): "a module of the standard library",
    ("leakwatch/heap/roots/frames.py", "__dict__"): "a module of the standard library",
    (
        "leakwatch/paths/search.py",
        "gi_frame",
    ): "a field of a type that nobody can derive from",
    ("leakwatch/diagnosis/notes.py", "__dict__"): "a class of C",
    ("leakwatch/paths/names/name.py", "__dict__"): "a class of the standard library",
}


def judging_files():
    shelf = sorted((ROOT / "plugins").glob("*/"))
    folders = [ROOT / "leakwatch", *(it for it in shelf if it.name not in PLAIN_PLUGINS)]
    files = [path for folder in folders for path in sorted(folder.rglob("*.py"))]
    return [
        path for path in files if path != PLACE_FOR_IT and not relative(path).startswith(PLAIN_DATA)
    ]


def relative(path):
    return path.relative_to(ROOT).as_posix()


def asked_in(source):
    """What a source text asks of objects, with the lines."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            asks = node.args if node.func.id == "Counter" else node.func.id in ASKING_CALLS
            if asks:
                yield node.func.id, node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in FIELDS:
            yield node.attr, node.lineno
        elif isinstance(node, ast.BoolOp):
            yield from (
                (f"{name}() or", node.lineno) for name in map(reader, node.values[:-1]) if name
            )
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from keys_as_text(node)


def reader(node):
    """The name of the reader that a node calls, if it does so."""
    called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return node.func.id if called and node.func.id in READERS else None


def keys_as_text(function):
    """f-strings with what a loop over the entries of a dict has given."""
    keys = {
        name.id
        for loop in ast.walk(function)
        if isinstance(loop, ast.For | ast.comprehension) and gives_entries(loop.iter)
        for name in ast.walk(loop.target)
        if isinstance(name, ast.Name)
    }
    for node in ast.walk(function):
        if isinstance(node, ast.FormattedValue) and ast.unparse(node.value) in keys:
            yield f"f'{{{ast.unparse(node.value)}}}'", node.lineno


def gives_entries(node):
    """Whether a node gives entries of a dict with their keys as they are."""
    return any(
        (isinstance(part, ast.Attribute) and part.attr in {"items", "keys"})
        or (isinstance(part, ast.Name) and part.id == "entries")
        for part in ast.walk(node)
    )


def test_objects_of_the_program_are_read_in_one_module_only():
    found = [
        (relative(path), asked, line)
        for path in judging_files()
        for asked, line in asked_in(path.read_text(encoding="utf-8"))
    ]
    stray = [
        f"{file}:{line}: {asked}" for file, asked, line in found if (file, asked) not in ALLOWED
    ]
    assert not stray, "read it by a function of leakwatch/heap/fields.py, or say in ALLOWED why not"
    assert ALLOWED.keys() <= {(file, asked) for file, asked, _ in found}


@pytest.mark.parametrize(
    ("source", "asked"),
    [
        ("getattr(holder, 'x')", ["getattr"]),
        ("name = holder.__qualname__", ["__qualname__"]),
        ("found = entry(fields, 'file') or other", ["entry() or"]),
        ("def f(d):\n for key, value in list(d.items()):\n  yield f'.{key!r}'", ["f'{key}'"]),
        ("def f(d):\n return [f'{k}' for k, _ in entries(d)]", ["f'{k}'"]),
        ("def f(d):\n return [f'{k}' for k, _ in named_entries(d)]", []),
        ("found = own_text(holder, '__qualname__') or '?'", []),
    ],
)
def test_such_reads_are_found(source, asked):
    assert [what for what, _ in asked_in(source)] == asked
