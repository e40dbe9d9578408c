"""`Held`: a lock for a block, given back once and only where it was had."""

from threading import Event, RLock, Thread

import pytest

from leakwatch.guest.guarded import Held, PureHeld

TWINS = pytest.mark.parametrize("held", {Held, PureHeld})


def is_free(lock):
    """Whether another thread could have the lock."""
    found = []

    def ask():
        found.append(lock.acquire(blocking=False))
        if found[0]:
            lock.release()

    thread = Thread(target=ask)
    thread.start()
    thread.join()
    return found[0]


@TWINS
def test_the_lock_is_held_in_the_block_and_free_behind_it(held):
    lock = RLock()
    with held(lock, 1.0):
        assert not is_free(lock)
        with held(lock, 1.0):
            pass
        assert not is_free(lock)
    assert is_free(lock)


@TWINS
def test_a_lock_that_another_thread_keeps_is_not_waited_for_without_end(held):
    lock, taken, done = RLock(), Event(), Event()

    def keep():
        with lock:
            taken.set()
            done.wait()

    holder = Thread(target=keep)
    holder.start()
    taken.wait()
    with held(lock, 0.01):
        pass  # to give back what one does not have would raise
    assert not is_free(lock)
    done.set()
    holder.join()


@TWINS
def test_an_interrupt_of_the_wait_leaves_nothing_to_give_back(held):
    class Interrupted:
        def acquire(self, blocking, patience):
            raise KeyboardInterrupt

        def release(self):
            raise AssertionError

    block = held(Interrupted(), 1.0)
    with pytest.raises(KeyboardInterrupt):
        block.__enter__()
    assert block.__exit__(None, None, None) is None


@TWINS
def test_to_leave_twice_gives_back_once(held):
    lock = RLock()
    block = held(lock, 1.0)
    block.__enter__()
    block.__exit__(None, None, None)
    block.__exit__(None, None, None)
    assert is_free(lock)
