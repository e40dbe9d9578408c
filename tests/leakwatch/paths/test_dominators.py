"""Dominators against their definition: what cannot be reached once a position is taken away."""

from hypothesis import given
from hypothesis import strategies as st

from leakwatch.paths.dominators import TOP, dominators, shares_of


class Drawn:
    """A graph with one entry, as the walk's region gives it."""

    def __init__(self, entries, links):
        self._below = {TOP: entries}
        for holder, held in links:
            self._below.setdefault(holder, []).append(held)

    def below(self, position):
        return iter(self._below.get(position, ()))

    def reached(self, without=None):
        seen = [TOP]
        for position in seen:
            seen += [
                held
                for held in dict.fromkeys(self.below(position))
                if held not in seen and held != without
            ]
        return set(seen)


positions = st.integers(0, 9)
graphs = st.builds(
    Drawn,
    st.lists(positions, min_size=1, max_size=4),
    st.lists(st.tuples(positions, positions), max_size=30),
)


def chain(nearest, position):
    while position != TOP:
        yield position
        position = nearest[position]


@given(graphs)
def test_a_position_is_dominated_by_all_without_which_nothing_leads_to_it(graph):
    nearest = dominators(graph)
    reached = graph.reached()
    assert set(nearest) == reached
    for position in reached - {TOP}:
        needed = {other for other in reached - {TOP} if position not in graph.reached(other)}
        assert set(chain(nearest, position)) == needed


@given(graphs, st.sets(positions, max_size=4))
def test_every_byte_is_counted_once(graph, survivors):
    nearest = dominators(graph)
    shares = shares_of(nearest, sorted(survivors), lambda position: 1 + position)
    everything = sum(1 + position for position in nearest if position != TOP)
    assert sum(shares.own.values()) + shares.shared == everything


def test_what_a_survivor_holds_through_another_is_the_inner_ones():
    graph = Drawn([1], [(1, 2), (2, 3), (1, 4)])
    shares = shares_of(dominators(graph), [1, 2], lambda position: 10**position)
    assert shares.own == {1: 10 + 10_000, 2: 100 + 1_000}
    assert shares.shared == 0
