"""Running frames as roots: in an order that is the same in every run."""

import threading

from leakwatch.heap.roots.frames import stacks, thread_names


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
