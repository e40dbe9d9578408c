"""The DOT text of reports: what it shows, and that no name can break out of it."""

import re
import subprocess
import sys
import textwrap
from dataclasses import replace
from itertools import pairwise

import pytest

from leakwatch import Report
from leakwatch.model import Leak, Pattern, Reference, RetentionPath, Root, Verdict
from leakwatch_objgraph import dot

PATH = RetentionPath(
    Root("module global", "shop.registry"),
    (
        Reference("module", ".HANDLERS", Verdict.NOT_LEAKING, "a module lives on"),
        Reference("dict", "['checkout']", suspect=True),
        Reference("function", ".__self__"),
    ),
    "shop.Session",
    "outlived scope 'request'",
)
LEAK = Leak(
    "shop.Session", 20, 2.0, 960, 40_000, "0123456789ab", PATH, Pattern("LW101", "registry", "", "")
)

STRING = r'"(?:[^"\\]|\\.)*"'


def structure(text):
    """The DOT text with every string emptied: what graphviz takes for its own language."""
    return re.sub(STRING, '""', text)


def labels(text):
    """Each label as graphviz shows it, lines joined by a bar."""
    found = re.findall(rf"label=({STRING})", text)
    return [shown(label[1:-1]) for label in found]


def shown(inside):
    """What graphviz makes of a string; an escape that is none of ours fails the test."""
    pairs = {r"\\": "\\", r"\"": '"', r"\n": " | "}
    text = re.sub(r"\\.", lambda pair: pairs[pair[0]], inside)
    return text.replace("&amp;", "&")


def edges(text):
    return [line.strip() for line in text.splitlines() if "->" in line]


def test_a_leak_is_a_chain_from_root_to_survivor():
    title, *chain = labels(dot(LEAK))
    assert title.split(" | ") == [
        "leak: 20 shop.Session (2 per run)",
        "40,000 bytes retained, signature 0123456789ab",
        "LW101 registry",
    ]
    assert chain == [
        "module global shop.registry | a module lives on",
        ".HANDLERS",
        "dict",
        "['checkout'] | (suspect)",
        "function",
        ".__self__",
        "shop.Session | outlived scope 'request'",
    ]


def test_each_edge_leads_from_one_node_to_the_next():
    ends = [re.findall(STRING, edge)[:2] for edge in edges(dot(LEAK))]
    nodes = [f'"leak 0.{index}"' for index in range(4)]
    assert ends == [list(pair) for pair in pairwise(nodes)]


def test_only_the_suspect_reference_is_drawn_bold():
    (bold,) = [edge for edge in edges(dot(LEAK)) if "penwidth" in edge]
    assert "checkout" in bold


def test_a_survivor_that_the_root_holds_without_a_name_hangs_on_the_root():
    native = RetentionPath(Root("native code", "(surplus 1)"), (), "shop.Session", "dead")
    text = dot(replace(LEAK, path=native))
    assert labels(text)[1:] == ["native code (surplus 1)", "", "shop.Session | dead"]
    assert len(edges(text)) == 1


def test_a_report_shows_leaks_and_then_what_is_known_or_in_use():
    text = dot(Report("request", leaks=(LEAK, LEAK), known=(LEAK,), in_use=(LEAK,)))
    assert labels(text)[0] == "scope request: 2 leak(s)"
    assert re.findall(r'subgraph "(.*)"', text) == [
        "cluster leak 0",
        "cluster leak 1",
        "cluster known 0",
        "cluster in use 0",
    ]


def test_a_clean_report_is_a_picture_with_a_title_alone():
    text = dot(Report("request"))
    assert labels(text) == ["scope request: 0 leak(s)"]
    assert text.endswith("\n}\n")


def test_leaks_beyond_the_twentieth_are_counted_and_not_drawn():
    text = dot(Report("request", leaks=(LEAK,) * 30))
    assert text.count("subgraph") == 20
    assert labels(text)[-1] == "leak: 10 more, not drawn"


@pytest.mark.parametrize(
    ("name", "visible"),
    [
        ('["]; node [label="owned', '["]; node [label="owned'),
        ("['back\\\\slash']", "['back\\\\slash']"),
        ("ends with \\", "ends with \\"),
        ("\\N and \\G", "\\N and \\G"),
        ("&lt;script&gt;", "&lt;script&gt;"),
        ("<b>html</b>", "<b>html</b>"),
        ("line\nbreak \x1b[31m \u202e", "line\\nbreak \\x1b[31m \\u202e"),
        ("ümläut ✓", "ümläut ✓"),
    ],
)
def test_a_hostile_name_is_shown_as_it_is_and_breaks_nothing(name, visible):
    text = dot(holding(name))
    assert f"{visible} | (suspect)" in labels(text)
    assert structure(text) == structure(dot(holding(".harmless")))


def holding(name):
    reference = Reference("dict", name, suspect=True)
    return replace(LEAK, path=replace(PATH, references=(reference,)))


def test_every_text_of_a_report_is_escaped():
    assert structure(dot(written_with('x"\n\\'))) == structure(dot(written_with("x")))


def written_with(text):
    reference = Reference(text, text, reason=text)
    path = RetentionPath(Root(text, text), (reference, reference), text, text)
    leak = replace(LEAK, type_name=text, path=path, pattern=Pattern(text, text, text, text))
    return Report(text, leaks=(leak,))


def run(program, folder):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert done.returncode == 0, done.stderr
    return done


def test_saving_a_report_as_dot_needs_no_objgraph_and_runs_no_code_of_the_program(tmp_path):
    program = """
        import sys
        sys.modules["objgraph"] = None
        import leakwatch, leakwatch_objgraph
        from leakwatch.session import plugins
        if "objgraph" not in plugins().names():
            plugins().register(leakwatch_objgraph, "objgraph")

        def trap(*arguments):
            raise RuntimeError("code of the program ran")

        class Session:
            __repr__ = __str__ = __eq__ = __hash__ = __len__ = __bool__ = __getattr__ = trap

        SESSIONS = {}

        with leakwatch.scope("request") as scope:
            SESSIONS["u42"] = leakwatch.track(Session())
        scope.report.save("leak.dot")
    """
    assert run(program, tmp_path).stderr == ""
    text = (tmp_path / "leak.dot").read_text(encoding="utf-8")
    assert "['u42'] | (suspect)" in labels(text)
