"""Of installed packages a program's end tells what kept growing, and not what was set up once."""

import pytest

LIBRARY = """
class Metric: pass
class Option: pass
class Reading: pass
class Day:
    def __init__(self): self.readings = [Reading() for _ in range(5)]
OPTIONS = [Option() for _ in range(500)]
METRICS = {}
def measure(path): METRICS[path] = Metric()
"""
LOOP = """
import time
from meters import METRICS, Day, measure
class Order: pass
ORDERS = []
DAYS = []
began = time.monotonic()
while time.monotonic() - began < {seconds}:
    {work}
    ORDERS.append(Order())
    ROWS = [[] for _ in range(1000)]
    time.sleep(0.001)
"""


GROWING = "[measure((number, time.monotonic())) for number in range(20)]"


@pytest.fixture
def run(cli):
    def of(work, *options, seconds=1.0):
        cli.write("lib/site-packages/meters.py", LIBRARY)
        path = f"{cli.folder}/lib/site-packages"
        cli.write(
            "app.py",
            f"import sys; sys.path.append({path!r})\n" + LOOP.format(work=work, seconds=seconds),
        )
        return cli("run", *options, "app.py").stdout

    return of


def test_what_grew_of_a_package_is_told_after_the_own_leaks(run):
    said = run(GROWING, seconds=4)
    assert said.index("__main__.Order") < said.index(" meters.Metric ")
    assert said.index("\n1. ") < said.index("__main__.Order (")
    assert "meters.Option" not in said
    assert "objects of meters: its objects became more from the beginning" in said


@pytest.mark.parametrize(
    "work",
    [
        "measure(len(METRICS) % 30)",
        "[measure(number) for number in range(500)] if not METRICS else None",
        "METRICS.clear(); measure(1)",
    ],
)
def test_what_is_bounded_or_made_at_once_is_not_told(run, work):
    assert "meters." not in run(work)


def test_with_types_nothing_else_is_told(run):
    assert "meters.Metric" not in run(GROWING, "--types", "__main__.*")


def test_a_leak_is_known_by_the_few_that_hold_the_many(run):
    days = "(number := len(ORDERS)) % 20 or DAYS.append(Day())"
    said = run(days, seconds=2)
    assert " meters.Day " in said
    assert "1. " in said
    assert " meters.Reading are held" not in said
