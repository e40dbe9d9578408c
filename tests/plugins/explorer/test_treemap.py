"""Areas of a treemap are as large as what they stand for, inside each other and side by side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leakwatch_explorer.treemap import HEIGHT, WIDTH, Area, Box, placed, squarified, tiles

WEIGHTS = st.lists(st.integers(1, 10**9), min_size=1, max_size=40)
ENOUGH = 1e-6 * WIDTH * HEIGHT
TINY = 0.1
"""Of a pixel: what is lost by arithmetic of weights that differ a billionfold."""


def areas_of(weights):
    return [Area(str(number), "", weight, "") for number, weight in enumerate(weights)]


@given(WEIGHTS)
def test_each_box_is_as_large_as_its_share_and_inside_the_whole(weights):
    found = placed(areas_of(weights), Box(0, 0, WIDTH, HEIGHT))
    assert len(found) == len(weights)
    for area, box in found:
        expected = WIDTH * HEIGHT * area.weight / sum(weights)
        assert box.width * box.height == pytest.approx(expected, rel=1e-6, abs=ENOUGH)
        assert box.x >= -TINY
        assert box.y >= -TINY
        assert box.x + box.width <= WIDTH + TINY
        assert box.y + box.height <= HEIGHT + TINY


@given(WEIGHTS)
def test_no_two_boxes_lie_upon_each_other(weights):
    boxes = [box for _, box in placed(areas_of(weights), Box(0, 0, WIDTH, HEIGHT))]
    for number, one in enumerate(boxes):
        for other in boxes[number + 1 :]:
            wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
            high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
            assert min(wide, high) <= TINY


def test_the_example_of_the_paper_comes_out():
    boxes = [*squarified([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))]
    shapes = [(round(box.width, 2), round(box.height, 2)) for box in boxes]
    assert shapes[:4] == [(3, 2), (3, 2), (1.71, 2.33), (1.29, 2.33)]


def test_parts_stand_below_the_name_of_their_group_in_its_colour():
    parts = tuple(areas_of([3, 2, 1]))
    found = [*tiles([Area("group", "", 6, "", parts), Area("none", "", 0, "", ())])]
    head, *inner = found
    assert head.is_head
    assert [it.area for it in inner] == list(parts)
    assert {it.group for it in found} == {0}
    assert all(it.box.y >= head.box.y + 20 for it in inner)


def test_nothing_makes_no_areas():
    assert [*tiles([])] == []
