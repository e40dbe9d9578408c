"""Tasks of asyncio: who awaits them, told without a call of asyncio or of the program."""

import asyncio
import re
from typing import ClassVar

import pytest

from leakwatch.heap.tasks import NOTED, await_chain, awaiters

noted_only = pytest.mark.skipif(
    not NOTED, reason="before CPython 3.14 only the end of what is awaited knows who waits"
)


class Asking(asyncio.Task):
    """A task that notes when it is asked for its hash, as each set of asyncio does."""

    asked: ClassVar[list[str]] = []

    def __hash__(self):
        self.asked.append("__hash__")
        return object.__hash__(self)


async def errand():
    await asyncio.sleep(60)


async def directly(task):
    await task


async def with_others(task):
    await asyncio.gather(task, errand())


async def with_a_limit(task):
    await asyncio.wait_for(task, 60)


async def apart(task):
    await asyncio.shield(task)


async def until_one_ends(task):
    await asyncio.wait([task])


async def in_a_group():
    async with asyncio.TaskGroup() as group:
        TASKS.append(group.create_task(errand()))


TASKS: list[asyncio.Task[None]] = []


def of_chain(begin):
    """The coroutines of the tasks that await the one that a coroutine function returns."""

    async def main():
        # Those that `begin` makes are only weakly known to asyncio.
        task, *_kept = begin()
        for _ in range(4):
            await asyncio.sleep(0)
        chain = await_chain(task or TASKS.pop())
        for begun in asyncio.all_tasks() - {asyncio.current_task()}:
            begun.cancel()
        return chain

    found = asyncio.run(main())
    assert all(re.search(r" at .+\.py:\d+$", told) for told in found), found
    return [told.partition(" at ")[0] for told in found]


def awaited(*ways):
    """Begin a task, one that awaits it, one that awaits that, and so on."""
    tasks = [asyncio.create_task(errand())]
    for way in ways:
        tasks.append(asyncio.create_task(way(tasks[-1])))
    return tasks


def test_who_awaits_a_task_and_who_awaits_that_nearest_first():
    assert of_chain(lambda: awaited(directly, directly)) == ["directly", "directly"]
    assert of_chain(awaited) == []


@noted_only
@pytest.mark.parametrize("way", [with_others, with_a_limit, apart, until_one_ends])
def test_who_awaits_a_task_by_way_of_asyncio(way):
    assert of_chain(lambda: awaited(way, directly)) == [way.__name__, "directly"]


@noted_only
def test_a_group_awaits_its_tasks():
    assert of_chain(lambda: [None, asyncio.create_task(in_a_group())]) == ["in_a_group"]


def test_of_several_the_chain_follows_the_first_by_name():
    def begin():
        task, *_ = tasks = awaited()
        return [*tasks, *(asyncio.create_task(way(task)) for way in (other, directly, other))]

    async def other(task):
        await task

    assert of_chain(begin) == ["directly"]


def test_tasks_that_await_each_other_end_the_chain():
    async def wait_for(number):
        await tasks[number]

    loop, tasks = asyncio.new_event_loop(), []
    tasks += [loop.create_task(wait_for(number)) for number in (1, 0)]
    loop.run_until_complete(asyncio.sleep(0))
    assert len(await_chain(tasks[0])) == 1
    for task in tasks:  # to cancel one would cancel the other, and so on
        task._log_destroy_pending = False
    loop.close()


def test_a_chain_has_an_end():
    assert of_chain(lambda: awaited(*[directly] * 20)) == ["directly"] * 10


def test_tasks_of_the_program_are_not_asked():
    async def main():
        first = Asking(errand())
        second = Asking(directly(first))
        await asyncio.sleep(0)
        Asking.asked.clear()
        found = await_chain(first)
        assert Asking.asked == []
        second.cancel()
        return found

    assert [told.partition(" ")[0] for told in asyncio.run(main())] == ["directly"]


@pytest.mark.parametrize("ended", [True, False])
def test_what_a_task_has_for_a_result_or_an_attribute_does_not_await_it(ended):
    class Order(asyncio.Future):
        pass

    async def main():
        other, order = asyncio.create_task(errand()), Order()
        order.parts = {other}
        order.first = other
        if ended:
            order.set_result(other)
        found = awaiters(order)
        other.cancel()
        return found

    assert asyncio.run(main()) == []
