"""Units of work by name: what is counted, by many threads too, and how it is told."""

import gc
import threading

from leakwatch.monitoring.units import (
    MOST_NAMES,
    OTHERS,
    Counters,
    Done,
    Units,
    difference,
    told,
)


def test_units_are_counted_by_name_and_asking_counts_none():
    units = Units()
    units.add(3, "GET /cart")
    units.add(1, "")
    assert units.so_far() == units.so_far() == {"GET /cart": 3, "": 1}
    units.add(2, "GET /cart")
    assert units.so_far() == {"GET /cart": 5, "": 1}


def test_no_unit_is_lost_between_threads():
    units = Units()

    def work():
        for number in range(5_000):
            units.add(1, f"task {number % 3}")

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        units.so_far()
    assert sum(units.so_far().values()) == 40_000


def test_further_names_are_counted_together_and_long_ones_shortened():
    units = Units()
    for number in range(MOST_NAMES + 50):
        units.add(1, f"GET /cart/{number}")
    found = units.so_far()
    assert (len(found), found[OTHERS]) == (MOST_NAMES + 1, 50)
    units = Units()
    for _ in range(2):
        units.add(1, "x" * 10_000)
    ((name, number),) = units.so_far().items()
    assert (len(name) < 300, number) == (True, 2)


def test_what_was_done_between_two_looks_is_told_with_the_most_frequent_first():
    before, after = {"a": 1, "b": 5}, {"a": 1_501, "b": 5, "": 2, "c": 40}
    assert difference(before, after) == {"a": 1500, "": 2, "c": 40}
    assert told(difference(before, after)) == "1,542 units of work: 1,500 a, 40 c"
    many = {f"n{number}": 1 for number in range(9)}
    assert told(many) == "9 units of work: 1 n0, 1 n1, 1 n2, 1 n3, 1 n4 and 4 more names"
    assert told({"": 7}) is None
    assert told({}) is None


def test_what_is_kept_of_a_look_is_of_a_type_of_ours():
    """A list of them in a monitor that the program names would else be a list that grows."""
    units = Units()
    units.add(1, "GET /")
    kinds = {type(it) for it in (units.so_far(), *gc.get_referents(units)) if isinstance(it, dict)}
    assert kinds == {Counters, Done}
