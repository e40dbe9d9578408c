"""Each inspector decides from state that a bug cannot set, and asks nobody."""

import functools
import io
import logging
import sys
import tempfile
import threading

import pytest

from leakwatch.diagnosis.inspectors import (
    cache_is_needed,
    closed_file_is_dead,
    living_thread_is_needed,
    logger_is_needed,
    module_is_needed,
    named_class_is_needed,
)
from leakwatch.model import Verdict


def test_a_module_is_needed():
    judgement = module_is_needed(sys)
    assert judgement is not None
    assert judgement.verdict is Verdict.NOT_LEAKING
    assert module_is_needed(object()) is None


def test_a_class_that_its_name_leads_to_is_needed_and_another_is_not_judged():
    class Local:
        pass

    named = named_class_is_needed(Verdict)
    local = named_class_is_needed(Local)
    assert named is not None
    assert named.verdict is Verdict.NOT_LEAKING
    assert local is not None
    assert local.verdict is Verdict.UNKNOWN
    assert named_class_is_needed(Local()) is None


def test_a_running_thread_is_needed_and_a_finished_one_is_not_judged():
    gate = threading.Event()
    thread = threading.Thread(target=gate.wait)
    thread.start()
    running = living_thread_is_needed(thread)
    gate.set()
    thread.join()
    finished = living_thread_is_needed(thread)
    assert running is not None
    assert running.verdict is Verdict.NOT_LEAKING
    assert finished is not None
    assert finished.verdict is Verdict.UNKNOWN


def test_a_thread_that_was_never_started_is_not_judged():
    judgement = living_thread_is_needed(threading.Thread())
    assert judgement is None or judgement.verdict is Verdict.UNKNOWN


def test_a_logger_is_needed():
    judgement = logger_is_needed(logging.getLogger("leakwatch.tests"))
    assert judgement is not None
    assert judgement.verdict is Verdict.NOT_LEAKING


def test_a_cached_function_is_needed():
    judgement = cache_is_needed(functools.cache(len))
    assert judgement is not None
    assert judgement.verdict is Verdict.NOT_LEAKING


@pytest.mark.parametrize("mode", ["w+", "rb+", "rb"])
def test_a_closed_file_is_dead_and_an_open_one_is_not_judged(mode: str):
    with tempfile.NamedTemporaryFile() as place, open(place.name, mode) as file:
        assert closed_file_is_dead(file) is None
        file.close()
        judgement = closed_file_is_dead(file)
    assert judgement is not None
    assert judgement.verdict is Verdict.LEAKING


@pytest.mark.parametrize("kind", [io.BytesIO, io.StringIO])
def test_a_closed_buffer_in_memory_is_dead(kind: type):
    buffer = kind()
    assert closed_file_is_dead(buffer) is None
    buffer.close()
    judgement = closed_file_is_dead(buffer)
    assert judgement is not None
    assert judgement.verdict is Verdict.LEAKING


def test_a_file_taken_apart_is_not_judged():
    wrapper = io.TextIOWrapper(io.BytesIO())
    wrapper.detach()
    assert closed_file_is_dead(wrapper) is None


def test_a_raw_file_of_the_program_is_not_asked_whether_it_is_closed():
    asked = []

    class Raw(io.RawIOBase):
        def readable(self):
            return True

        @property
        def closed(self):
            asked.append("closed")
            return False

    reader = io.BufferedReader(Raw())
    asked.clear()
    assert closed_file_is_dead(reader) is None
    assert asked == []
