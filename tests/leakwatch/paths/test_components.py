"""Strongly connected components are those of the textbook, without recursion."""

import random

from leakwatch.paths.components import components

EDGES = {0: [1], 1: [2], 2: [0, 3], 3: [4], 4: [5], 5: [3], 6: [5, 7], 7: []}


def groups(numbers):
    found = {}
    for at, number in enumerate(numbers):
        found.setdefault(number, set()).add(at)
    return sorted(map(sorted, found.values()))


def test_what_reaches_each_other_is_one():
    numbers = components(8, EDGES.__getitem__)
    assert groups(numbers) == [[0, 1, 2], [3, 4, 5], [6], [7]]


def test_a_chain_of_100_000_needs_no_recursion():
    last = 99_999
    numbers = components(last + 1, lambda at: [0 if at == last else at + 1])
    assert len(set(numbers)) == 1


def test_random_graphs_against_reachability():
    chance = random.Random(1)
    for _ in range(50):
        size = chance.randrange(1, 9)
        edges = [[chance.randrange(size) for _ in range(chance.randrange(3))] for _ in range(size)]
        reach = [{at} for at in range(size)]
        for _ in range(size):
            for at in range(size):
                reach[at] |= set().union(*(reach[to] for to in edges[at]))
        numbers = components(size, edges.__getitem__)
        for one in range(size):
            for other in range(size):
                together = other in reach[one] and one in reach[other]
                assert (numbers[one] == numbers[other]) == together
