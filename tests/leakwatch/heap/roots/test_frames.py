"""Running frames as roots: in an order that is the same in every run."""

import threading

from leakwatch.heap.roots.frames import kept_across_fork, registry, stacks, thread_names
from leakwatch.heap.roots.root import RootQuery


def test_threads_come_in_the_order_in_which_they_were_started():
    ready, done = threading.Barrier(6), threading.Event()

    def wait():
        ready.wait()
        done.wait()

    threads = [threading.Thread(target=wait) for _ in range(5)]
    for thread in threads:
        thread.start()
    ready.wait()
    started = [thread.ident for thread in threads]
    found = [identity for identity, _ in stacks(thread_names()) if identity in started]
    done.set()
    for thread in threads:
        thread.join()
    assert found == started


def test_what_keeps_threads_across_a_fork_holds_none_once_they_are_entered_again():
    with kept_across_fork(RootQuery()) as enter_again:
        (kept,) = (it.cell_contents for it in enter_again.__closure__)
        assert threading.main_thread() in kept.values()
        enter_again()
        assert kept == {}
        assert threading.main_thread() in registry().values()
