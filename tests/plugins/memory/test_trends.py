"""`theil_sen`: the slope that stands up to jumps, and how sure it is."""

import random

import pytest

from leakwatch_memory import theil_sen


def line(slope, noise=0.0, count=40, seed=1):
    rng = random.Random(seed)
    return [(float(x), 1e6 + slope * x + rng.gauss(0, noise)) for x in range(count)]


def test_a_straight_line_has_its_slope_without_doubt():
    trend = theil_sen(line(2100), "uss", "run")
    assert (trend.slope, trend.low, trend.high) == pytest.approx((2100, 2100, 2100))
    assert (trend.figure, trend.per, trend.points) == ("uss", "run", 40)
    assert trend.uncertainty == pytest.approx(0, abs=1e-6)


def test_the_interval_holds_the_true_slope_in_most_cases():
    held = [
        trend.low <= 2100 <= trend.high
        for seed in range(100)
        if (trend := theil_sen(line(2100, 5000, seed=seed), "uss", "run"))
    ]
    assert sum(held) >= 90


def test_a_quarter_of_wild_points_does_not_move_it():
    points = line(100)
    for x in range(3, 40, 4):
        points[x] = (float(x), 9e9)
    assert theil_sen(points, "rss", "run").slope == pytest.approx(100, rel=0.01)


def test_noise_around_a_constant_is_no_growth():
    trend = theil_sen(line(0, 4096), "rss", "run")
    assert trend.low < 0 < trend.high


def test_steps_of_pages_are_a_slope_all_the_same():
    points = [(x, float(y // 4096 * 4096)) for x, y in line(300, count=200)]
    trend = theil_sen(points, "rss", "run")
    assert trend.low < 300 < trend.high
    assert trend.slope == pytest.approx(300, rel=0.05)


def test_too_few_points_or_one_place_have_no_slope():
    assert theil_sen(line(1, count=3), "rss", "run") is None
    assert theil_sen([(1.0, float(y)) for y in range(9)], "rss", "run") is None
