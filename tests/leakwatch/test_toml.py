"""TOML that no person writes is told as wrong input, by line, and never as a fault of ours."""

import os
import sys

import pytest

from leakwatch import toml
from leakwatch.config import load
from leakwatch.diagnosis.known.entries import read as read_known_leak
from leakwatch.errors import ConfigurationError, ReportFileError
from leakwatch.reports import baseline_file

DEEP, PARTS, DIGITS = 100_000, 50_000, "9" * 5_000
BAD = {
    "deep list": ("x = " + "[" * DEEP, "nested too deep"),
    "deep table": ("x = " + "{a=" * DEEP, "nested too deep"),
    "key of many parts": ("\na" + ".a" * PARTS + " = 1", "line 2: a key of more than 50 parts"),
    "quoted key": ("a" + '. "b"' * PARTS + " = 1", "line 1: a key of more than 50 parts"),
    "head of many parts": ("[[a" + ".a" * PARTS + "]]", "line 1: a key of more than 50 parts"),
    "inner key": ("x = {b=1, a" + ".a" * PARTS + " = 1}", "line 1: a key of more than 50 parts"),
    "number": (f"\n\nx = {DIGITS}", "line 3: Exceeds the limit"),
    "size": ("#" * (toml.LARGEST + 1), "larger than 4 MiB"),
    "zeros": ("\0" * 100, "not TOML"),
    "long message": ("x = {" + "k" * 9_000 + "=1," + "k" * 9_000 + "=1}", "not TOML: .*line 1"),
    "end": ("x = [1,\n", "line 2, the end"),
}
NUMBERS = ("1" + "0" * 400, "0x" + "f" * 5_000, "1e999", "nan", "2030-12-31", "[[[[]]]]", "true")


@pytest.fixture(params=list(BAD))
def bad(request):
    return BAD[request.param]


def test_the_configuration_is_refused_with_its_file(tmp_path, bad):
    text, complaint = bad
    path = tmp_path / "leakwatch.toml"
    path.write_text(text)
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        load(file=str(path), environ={})
    assert str(caught.value).startswith(f"{path}: cannot read the configuration: ")
    assert len(str(caught.value)) < 400


def test_the_baseline_is_refused_with_its_file(tmp_path, bad):
    text, complaint = bad
    path = tmp_path / "base.toml"
    path.write_text(text)
    with pytest.raises(ReportFileError, match=complaint) as caught:
        baseline_file.read(path)
    assert len(str(caught.value)) < 400


def test_a_known_leak_is_refused_with_its_file(tmp_path, bad):
    text, complaint = bad
    (tmp_path / "one.toml").write_text(text)
    with pytest.raises(ConfigurationError, match=complaint):
        read_known_leak(tmp_path / "one.toml")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("option", ["max_seconds", "min_count", "max_objects", "sample", "types"])
def test_a_number_that_no_option_takes_is_refused_by_its_key(tmp_path, option, number):
    path = tmp_path / "leakwatch.toml"
    path.write_text(f"{option} = {number}\n")
    with pytest.raises(ConfigurationError, match=f"{option}: expected .*, found ") as caught:
        load(file=str(path), environ={})
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("key", ["count", "growth"])
def test_a_number_that_no_entry_takes_is_refused_by_its_key(key, number):
    entry = {"signature": '"0123456789ab"', "type": '"t"', "count": "1", "reason": '"why"'}
    lines = [f"{name} = {value}" for name, value in {**entry, key: number}.items()]
    text = "\n".join([f'schema = "{baseline_file.SCHEMA}"', "[[leak]]", *lines])
    with pytest.raises(ReportFileError, match=f"line 2: .*key {key}: expected ") as caught:
        baseline_file.parse(text, "base.toml")
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("place", ["folder", "loop", "absent", "/dev/zero", "null\0byte"])
def test_what_is_no_file_is_refused(tmp_path, place):
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(ConfigurationError, match="cannot read the configuration"):
        load(file=str(tmp_path / place), environ={})


def test_a_pipe_and_a_byte_order_mark_are_read(tmp_path):
    reading, writing = os.pipe()
    os.write(writing, "\ufeff# from a shell\r\nmin_count = 3\r\n".encode())
    os.close(writing)
    try:
        assert load(file=f"/proc/self/fd/{reading}", environ={}).min_count == 3
    finally:
        os.close(reading)


def test_dots_in_texts_and_comments_are_no_key():
    dots = "a." * 200 + "a"
    document = toml.parse(f"x = '{dots}' # {dots}\ny = [1.5, '{dots}', \"1,{dots}\"]\n")
    assert document["x"] == dots


def test_the_largest_numbers_that_count_are_taken():
    assert toml.is_count(sys.maxsize)
    assert toml.is_positive(int(sys.float_info.max))
    assert not toml.is_count(True)
    assert not toml.is_positive(True)
