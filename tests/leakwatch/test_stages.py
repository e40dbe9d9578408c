"""Stages are heard by those who listen, in their order, and by nobody else."""

import leakwatch
from leakwatch.stages import Stage, begins, each_of, listening


class Cart:
    pass


CARTS = []


def test_whoever_listens_hears_stages_and_their_parts_until_the_block_ends():
    heard = []
    begins(Stage.WALK)
    with listening(lambda stage, done: heard.append((stage, done))):
        begins(Stage.WALK)
        assert list(each_of(Stage.NAME, "ab")) == ["a", "b"]
    begins(Stage.WRITE)
    assert heard == [(Stage.WALK, 0), (Stage.NAME, 0), (Stage.NAME, 1), (Stage.NAME, 2)]


def test_a_judgement_says_which_stage_it_is_in():
    heard = []
    with (
        listening(lambda stage, done: heard.append(stage)),
        leakwatch.scope("keeping", on_leak=lambda report: None) as scope,
    ):
        CARTS.append(scope.track(Cart()))
    CARTS.clear()
    assert list(dict.fromkeys(heard)) == [Stage.WALK, Stage.NAME, Stage.TELL]


def test_a_clean_scope_has_no_stages():
    heard = []
    with listening(lambda stage, done: heard.append(stage)), leakwatch.scope("clean") as scope:
        scope.track(Cart())
    assert heard == []
