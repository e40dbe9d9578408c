"""The code of a program with notes of what its top level calls: it does what it did without."""

import sys
from textwrap import dedent

import pytest

import leakwatch.cli.top_level as top_level_module
from leakwatch.cli.top_level import Frames, TopLevel


def run(source):
    top_level = TopLevel()
    names = {"__name__": "__main__"}
    exec(top_level.compiled(dedent(source), "program.py"), names)
    return top_level, names


def variables(top_level):
    return [(it.f_code.co_name, dict(it.f_locals)) for it in top_level.frames()]


def test_the_function_called_last_keeps_its_variables_after_its_end():
    top_level, _ = run(
        """
        def inner(): return [1]
        def main(number, *more, word=""):
            kept = [number, *more, word]
            inner()
        def first(): other = 1
        first()
        main(int("5"), *(6, 7), word=str(len("abc")))
        """
    )
    assert variables(top_level) == [
        ("main", {"number": 5, "more": (6, 7), "word": "3", "kept": [5, 6, 7, "3"]})
    ]
    assert sys.getprofile() is None


@pytest.mark.parametrize(
    "call",
    ["print(main(), end='')", "x = main()", "if main(): pass", "str(main()) or [main()]"],
)
def test_a_call_anywhere_in_a_statement_is_noted(call):
    top_level, _ = run(f"def main(): kept = 1; return ''\n{call}")
    assert variables(top_level) == [("main", {"kept": 1})]


def test_the_next_call_lets_go_of_the_one_before():
    top_level, _ = run("def first(): kept = 1\ndef second(): pass\nfirst()\nsecond()")
    assert variables(top_level) == [("second", {})]


@pytest.mark.parametrize(
    "source",
    [
        "for _ in [1]: main()",
        "[main() for _ in [1]]",
        "class Here:\n    main()",
        "call = lambda: main()\n[call() for _ in [1]]",
    ],
)
def test_a_call_in_a_loop_or_of_another_code_is_not_noted(source):
    top_level, _ = run(f"def main(): kept = 1\n{source}")
    assert "main" not in dict(variables(top_level))


def test_a_callback_of_a_function_of_c_is_not_kept():
    top_level, _ = run("def of(it): kept = it\nsorted([2, 1], key=lambda it: of(it) or it)")
    assert variables(top_level) == []


def test_a_program_that_measures_itself_is_left_alone():
    seen = []
    sys.setprofile(lambda *event: seen.append(event))
    try:
        top_level, _ = run("def main(): kept = 1\nmain()")
    finally:
        sys.setprofile(None)
    assert variables(top_level) == []


def test_nothing_else_changes():
    source = '''
        """The docstring."""
        from __future__ import annotations
        import sys
        def where(): return sys._getframe(1).f_code.co_name, sys._getframe(1).f_lineno
        PLACE = where()
        NAMES = sorted(locals())
        GENERATED = sum(it for it in range(4))
        def annotated(it: Unknown): pass
        '''
    _, names = run(source)
    plain = {"__name__": "__main__"}
    exec(compile(dedent(source), "program.py", "exec", dont_inherit=True), plain)
    for name in ("__doc__", "PLACE", "NAMES", "GENERATED"):
        assert names[name] == plain[name]


def test_of_the_stack_is_kept_what_was_there_twice_in_a_row():
    top_level = TopLevel()

    def stack(depth):
        if depth:
            return stack(depth - 1)
        frames = Frames()
        frame = sys._getframe()
        while frame is not None and frame.f_code.co_name in {"stack", "twice"}:
            frames.append(frame)
            frame = frame.f_back
        top_level.see(frames)
        return None

    def twice():
        stack(1)
        stack(1)

    twice()
    assert [it.f_code.co_name for it in top_level.frames()] == ["twice"]
    assert len(top_level.take()) == 1
    assert top_level.frames() == []


def frame_of(name):
    names = {}
    exec(f"import sys\ndef {name}(): return sys._getframe()", names)
    return names[name]()


def test_a_function_further_in_keeps_its_variables_if_it_ran_for_much_of_the_time(monkeypatch):
    now = iter([1.0, 2.0, 9.0, 10.0])
    monkeypatch.setattr(top_level_module, "monotonic", lambda: next(now))
    top_level, serve, draw = TopLevel(), frame_of("serve"), frame_of("draw")
    for stack in ([serve], [serve], [serve, draw], [serve, draw]):
        top_level.see(Frames(stack))
    assert [name for name, _ in variables(top_level)] == ["serve"]
