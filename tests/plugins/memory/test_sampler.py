"""`Sampler`: figures in the background, bounded, with its own cost measured."""

import gc
import os
import threading
import time

import pytest

from leakwatch_memory import Sampler
from leakwatch_memory.sampler import NAME


def names_of_threads():
    return [thread.name for thread in threading.enumerate()]


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_it_samples_until_it_is_stopped_and_knows_its_cost():
    with Sampler(0.005, also={"queue": lambda: 7, "broken": lambda: 1 / 0}) as sampler:
        wait_for(lambda: len(sampler.samples) > 5)
        gc.collect()
        assert NAME in names_of_threads()
    assert NAME not in names_of_threads()
    last = sampler.samples[-1]
    assert last.figures["rss"] > 0
    assert last.figures["queue"] == 7
    assert "broken" not in last.figures
    assert last.figures["gc_pause_ns"] > 0
    assert 0 < sampler.spent < last.at
    assert [it.at for it in sampler.samples] == sorted(it.at for it in sampler.samples)
    assert sampler._on_collection not in gc.callbacks


def test_it_keeps_a_bounded_number_spread_over_the_whole_time():
    sampler = Sampler(1.0, keep=8)
    for _ in range(100):
        sampler.take()
    assert len(sampler.samples) <= 8
    assert sampler.interval > 8
    assert sampler.samples[0].at == min(it.at for it in sampler.samples)


def test_the_trend_is_per_second():
    sampler = Sampler(1.0)
    assert sampler.trend() is None
    for _ in range(12):
        sampler.take()
        time.sleep(0.002)
    assert sampler.trend().per == "second"


def test_a_forked_child_does_not_sample_and_is_not_locked():
    with Sampler(0.001) as sampler:
        wait_for(lambda: sampler.samples)
        child = os.fork()
        if not child:
            ok = not sampler.running and NAME not in names_of_threads()
            sampler.stop()
            sampler.start()
            sampler.stop()
            os._exit(0 if ok else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert sampler.running


@pytest.mark.parametrize("wrong", [{"interval": 0}, {"keep": 1}])
def test_arguments_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match="expected interval > 0 and keep >= 8, got"):
        Sampler(**wrong)
