"""What a repeated work leaks though no window shows it: strings, numbers, plain tuples."""

import itertools
import sys
from array import array
from collections import OrderedDict, deque
from io import BytesIO, StringIO, TextIOWrapper

import pytest

import leakwatch
from leakwatch.growth.growing_containers import (
    Containers,
    entry_type,
    grows_by_atoms,
    newest,
    pending_writes,
)

NUMBERS = itertools.count()
NAMES: list[str] = []
TABLE: dict[str, int] = {}
SEEN: set[int] = set()
LOG: deque[tuple[int, str]] = deque()
CACHE: dict[int, str] = {}


def to_a_list():
    NAMES.append(f"name {next(NUMBERS)}")


def to_a_dict():
    TABLE[f"key {next(NUMBERS)}"] = next(NUMBERS)


def to_a_set():
    SEEN.add(next(NUMBERS))


def to_a_deque():
    LOG.append((next(NUMBERS), "done"))


def every_third_time():
    if next(NUMBERS) % 3 == 0:
        NAMES.append("again")


def to_a_bounded_cache():
    CACHE[next(NUMBERS)] = "value"
    if len(CACHE) > 40:
        del CACHE[next(iter(CACHE))]


def nothing():
    return [str(number) for number in range(5)]


@pytest.mark.parametrize(
    ("work", "type_name", "holder"),
    [
        (to_a_list, "builtins.str", "NAMES[*]"),
        (to_a_dict, "builtins.int", "TABLE[*]"),
        (to_a_set, "builtins.int", "SEEN[*]"),
        (to_a_deque, "builtins.tuple", "LOG[*]"),
    ],
)
def test_what_no_window_shows_is_found_by_the_container_that_grows(work, type_name, holder):
    (leak,) = leakwatch.hunt(work).leaks
    assert leak.type_name == type_name
    assert leak.growth == 1.0
    assert leak.path.expression == f"{__name__}.{holder}"
    assert leak.retained_bytes > 0


def test_one_entry_in_three_runs_is_found():
    (leak,) = leakwatch.hunt(every_third_time).leaks
    assert 0.25 < leak.growth < 0.4


@pytest.mark.parametrize("work", [to_a_bounded_cache, nothing])
def test_what_stops_growing_is_no_leak(work):
    assert leakwatch.hunt(work).ok


def test_a_container_of_objects_is_not_told_twice():
    assert not grows_by_atoms([object(), [1]])
    assert grows_by_atoms(["a", 1, b"c"])


def test_a_dict_grows_by_its_values_or_by_its_keys_where_those_are_none():
    assert entry_type({"a": 1}) == "builtins.int"
    assert entry_type({"a": None}) == "builtins.str"


def test_the_newest_entries_of_a_long_list_are_looked_at():
    assert newest(list(range(1000)))[0] == 999


def test_no_key_of_an_ordered_dict_is_asked_for_its_hash():
    class Key:
        armed = False

        def __hash__(self):
            assert not self.armed
            return 1

        def __eq__(self, other):
            assert not self.armed
            return self is other

    key = Key()
    ordered = OrderedDict([(key, 1), ("b", 2)])
    Key.armed = True
    assert newest(ordered)[:2] == ["b", key]
    assert not grows_by_atoms(ordered)


def test_the_notes_of_the_first_look_are_not_given_back_in_the_course_of_the_runs():
    containers = Containers()
    containers.start()
    of_every_container = len(containers)
    containers.keep_growing(1)
    containers.keep_growing(1)
    assert len(containers) < of_every_container
    assert len(containers._first_lengths) == len(containers._first_kinds) == of_every_container


def test_a_container_that_became_shorter_after_the_last_look_has_not_grown():
    grown, containers = ["first"], Containers()
    containers.start()
    grown += ["second", "third"]
    containers.keep_growing(1)
    assert any(it is grown for it in containers.alive())
    grown[:] = ["another"]
    assert not containers.alive()


def test_what_a_text_file_has_yet_to_write_is_not_followed():
    stream, containers = TextIOWrapper(BytesIO()), Containers()
    stream.write("é")
    stream.write("é")  # of two texts on they are in a list
    pending = pending_writes()
    containers.start()
    stream.write("é")
    containers.keep_growing(1)
    assert pending
    assert not pending & containers._lengths.keys()


TEXT, BYTES, ROWS, RATES = StringIO(), BytesIO(), bytearray(), array("d")


@pytest.mark.parametrize(
    ("name", "add", "type_name", "size"),
    [
        ("TEXT", lambda: TEXT.write("x" * 6_400), "builtins.str", 6_400),
        ("BYTES", lambda: BYTES.write(b"x" * 6_400), "builtins.bytes", 6_400),
        ("ROWS", lambda: ROWS.extend(b"x" * 6_400), "builtins.bytes", 6_400),
        ("RATES", lambda: RATES.extend([1.5] * 800), "builtins.float", 6_400),
    ],
)
def test_a_buffer_that_is_never_emptied_is_a_leak_of_what_is_put_into_it(
    name, add, type_name, size
):
    report = leakwatch.hunt(add, runs=4)
    (leak,) = report.leaks
    assert str(leak.cause) == f"{__name__}.{name}[*]"
    assert (leak.type_name, leak.pattern.code) == (type_name, "LW101")
    assert leak.retained_bytes == pytest.approx(leak.count * size, rel=0.3)


def test_a_file_in_memory_that_is_emptied_is_none():
    def work():
        TEXT.write("x" * 6_400)
        TEXT.seek(0)
        TEXT.truncate()

    assert leakwatch.hunt(work).ok


def test_what_is_printed_into_memory_is_none(monkeypatch):
    monkeypatch.setattr(sys, "stdout", StringIO())
    assert leakwatch.hunt(lambda: print("x" * 6_400)).ok
