"""References on the stack of a suspended function: shown, and counted or not."""

import asyncio
import sys

import pytest

from leakwatch.heap.borrowed import counted_referents
from tests.heaps import held


class Cart:
    total = 1


def once(cart):
    print(cart, (yield))


def twice(cart):
    print(cart, cart, (yield))


def used_up_before(cart):
    print(cart.total, cart, (yield))


def in_a_loop(cart):
    for _ in range(2):
        print(cart, (yield))


def after_a_branch(cart):
    print((cart and cart), (yield))


def used_in_a_later_block(cart):
    print(cart, cart.total, (yield), cart and 1)


def under_two_names(cart):
    other = cart
    print(cart, other, (yield))


def with_a_cell(cart):
    print(cart, (yield), lambda: cart)


def not_on_the_stack(cart):
    print(cart)
    yield


def many_variables(cart):
    a = b = c = d = e = f = g = h = i = j = k = m = n = o = p = q = 1
    other = cart
    print(a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q, other, (yield))


WAYS = [
    once,
    twice,
    used_up_before,
    in_a_loop,
    after_a_branch,
    used_in_a_later_block,
    under_two_names,
    with_a_cell,
    not_on_the_stack,
    many_variables,
]


def counted_and_real(begin, step):
    """How often something is counted by what holds it, by our account and by the interpreter's."""
    cart = Cart()
    before = sys.getrefcount(cart)
    holder = begin(cart)
    step(holder)
    real = sys.getrefcount(cart) - before
    return sum(found is cart for found in counted_referents(holder)), real


@pytest.mark.parametrize("way", WAYS)
def test_a_generator_counts_what_it_holds(way):
    counted, real = counted_and_real(way, next)
    assert counted == real or way is with_a_cell  # a cell holds the variable


def test_a_coroutine_and_an_asynchronous_generator_count_what_they_hold():
    async def wait(cart, future):
        print(cart, await future)

    async def rows(cart):
        print(cart, (yield))

    async def both():
        future = asyncio.get_running_loop().create_future()
        first = counted_and_real(lambda cart: wait(cart, future), lambda it: it.send(None))
        future.cancel()

        def step(generator):
            with pytest.raises(StopIteration):
                generator.asend(None).send(None)

        return first, counted_and_real(rows, step)

    for counted, real in asyncio.run(both()):
        assert counted == real


HELD_BY_C = """
import ctypes
def steps(session):
    print(session, (yield))
def begin():
    session = Session()
    session.steps = steps(session)
    next(session.steps)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(session))
begin()
"""


def test_native_code_is_found_behind_a_generator_that_borrows():
    assert held(HELD_BY_C) == "native code (surplus 1):"
