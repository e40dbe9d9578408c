"""Verdicts travel: needed upwards, dead downwards, and the suspects are in between."""

import pytest

from leakwatch.diagnosis.inspectors import Judgement
from leakwatch.diagnosis.verdicts import is_suspect, judge_steps, propagate
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Verdict
from leakwatch.paths.names.name import Named
from leakwatch.paths.names.references import Step

N, L, U = Verdict.NOT_LEAKING, Verdict.LEAKING, Verdict.UNKNOWN


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([U, U, L], [U, U, L]),
        ([N, U, L], [N, U, L]),
        ([U, N, L], [N, N, L]),
        ([U, L, U, L], [U, L, L, L]),
        ([N, L, U, L], [N, L, L, L]),
        ([L, N, U, L], [N, N, U, L]),
        ([L, U, N, U, L], [N, N, N, U, L]),
        ([L], [L]),
    ],
)
def test_propagation(given, expected):
    result = propagate([Judgement(verdict, "said") for verdict in given])
    assert [judgement.verdict for judgement in result] == expected


def test_what_was_given_is_kept_with_its_reason():
    result = propagate([Judgement(U), Judgement(N, "running"), Judgement(L, "closed")])
    assert [judgement.reason for judgement in result] == [
        "leads to a needed object",
        "running",
        "closed",
    ]


@pytest.mark.parametrize(
    ("holder", "held", "suspect"),
    [(N, N, False), (N, U, True), (N, L, True), (U, U, True), (U, L, True), (L, L, False)],
)
def test_suspects_lie_between_the_last_needed_and_the_first_dead(holder, held, suspect):
    assert is_suspect(Judgement(holder), Judgement(held)) is suspect


class Needed:
    pass


class Dead:
    pass


class Plain:
    pass


def inspector(subject):
    if type(subject) is Needed:
        return Judgement(N, "needed")
    return Judgement(L, "closed") if type(subject) is Dead else None


def suspects_of(*holders):
    steps = [Step(None, "module", Named(".start"))]
    steps += [Step(holder(), holder.__name__, Named(f".{holder.__name__}")) for holder in holders]
    root = HeapRoot("module global", "app", {}, holder_type="module")
    references = judge_steps(root, steps, [inspector], "its scope ended")
    return [reference.name for reference in references if reference.suspect]


def test_with_nothing_known_every_reference_is_suspect():
    assert suspects_of(Plain, Plain) == [".start", ".Plain", ".Plain"]


def test_a_needed_holder_clears_what_is_above_it():
    assert suspects_of(Plain, Needed, Plain) == [".Needed", ".Plain"]


def test_a_dead_holder_clears_what_is_below_it():
    assert suspects_of(Plain, Dead, Plain) == [".start", ".Plain"]


def test_needed_wins_over_dead_above_it():
    assert suspects_of(Dead, Needed, Plain) == [".Needed", ".Plain"]


def test_a_container_that_a_module_names_is_needed_as_such():
    assert suspects_of(dict, Plain) == [".dict", ".Plain"]


def test_without_any_step_nothing_is_suspect():
    root = HeapRoot("native code", "(surplus 1)", object())
    assert judge_steps(root, [], [inspector], "its scope ended") == ()
