"""What grows with the work of a program is told from what is there."""

from array import array

import pytest

from leakwatch.cli.program_looks import Course, Look, stretches
from leakwatch.growth.own_notes import Notes

KIND = 1


def course(*looks):
    """Looks, each a second of work later, at objects of one type by their addresses."""
    found = [
        Look(at, float(at), array("Q", sorted(there)).tobytes(), Notes({KIND: len(there)}))
        for at, there in enumerate(looks)
    ]
    return Course(found, stretches([it.work for it in found]))


def grows(found, survivors):
    found.note_ages(survivors)
    return found.grows([found.ages[it] for it in survivors], KIND)


def test_what_comes_with_the_work_grows():
    assert grows(course(*(range(1, 1 + 5 * n) for n in range(7))), range(1, 31))


def test_what_was_filled_once_does_not():
    assert not grows(course([], *[range(1, 31)] * 6), range(1, 31))


def test_what_is_replaced_does_not():
    looks = [range(10 * n, 10 * n + 10) for n in range(7)]
    assert not grows(course(*looks), looks[-1])


def test_what_is_replaced_at_the_same_addresses_does_not():
    looks = [range(1, 1 + 2 * n) for n in range(4)]
    assert not grows(course(*looks, looks[-1], looks[-1], looks[-1]), range(1, 7))


def test_what_came_after_the_last_look_may_be_in_use_and_what_was_there_is_told_apart():
    found = course([1], [1, 2], [1, 2, 3], [1, 2, 3, 4])
    found.note_ages([1, 4, 5])
    assert [found.may_be_in_use(it) for it in (1, 4, 5)] == [False, False, True]
    assert [found.stood(it) for it in (1, 4, 5)] == [True, False, False]


@pytest.mark.parametrize(
    "work", [[], [0.0], [0.0, 1.0], [0.0, 0.01, 0.02, 0.03], [0.0, 0.1, 0.1, 5.0], [0.0] * 9]
)
def test_too_little_work_or_all_of_it_at_once_measures_nothing(work):
    assert stretches(work) is None


def test_idle_time_is_in_no_part_of_the_work():
    assert stretches([0.0, 1.0, 2.0, 2.0, 2.0, 3.0]) == [0, 1, 2, 2, 2]
