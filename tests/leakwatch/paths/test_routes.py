"""By which object a group of survivors is told, and what comes along with each."""

import pytest

import leakwatch

KEPT: list[object] = []


class Artist:
    def __init__(self, figure):
        self.figure = figure


class Figure:
    def __init__(self, artists):
        self.artists = [Artist(self) for _ in range(artists)]


class Canvas(Artist):
    pass


class Manager:
    def __init__(self, artists, *, figures=1):
        self.canvas = Canvas(Figure(artists))
        self.canvas.figure.canvas = self.canvas
        self.canvas.manager = self
        self.others = [Figure(0) for _ in range(figures - 1)]


class Registered:
    """Its artists refer to it, and it is what the registry holds."""

    def __init__(self):
        self.artists = [Artist(self) for _ in range(6)]


class Session:
    """Holds a tree that does not lead back to it."""

    def __init__(self):
        self.tree = Figure(6)


class Sealed:
    """Refers from a slot, without a `__dict__` in between."""

    __slots__ = ("figure",)

    def __init__(self, figure):
        self.figure = figure


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()


def only_leak(work):
    with leakwatch.scope("work", discover=True, on_leak=lambda report: None) as scope:
        for _ in range(3):
            work()
    (leak,) = scope.report.leaks
    return leak


def name(leak):
    return leak.type_name.removeprefix(f"{__name__}.")


def company(leak):
    return {kind.type_name.removeprefix(f"{__name__}."): kind.count for kind in leak.types[1:]}


def test_a_ring_of_objects_is_told_by_the_one_that_most_of_them_refer_to():
    leak = only_leak(lambda: KEPT.append(Manager(5)))
    assert name(leak) == "Figure"
    assert leak.path.expression.endswith("].canvas.figure")
    assert leak.path.target_type == f"{__name__}.Figure"


def test_the_cut_is_where_the_outermost_is_held_whatever_the_leak_is_told_by():
    leak = only_leak(lambda: KEPT.append(Manager(5)))
    assert [suspect.name[0] for suspect in leak.suspects] == ["["]
    verdicts = [reference.verdict for reference in leak.path.references]
    assert verdicts == ["NOT_LEAKING", "NOT_LEAKING", "LEAKING", "LEAKING"]
    assert leak.path.references[2].reason.startswith("outlived scope")


def test_the_signature_is_that_of_the_outermost():
    told_by_figure = only_leak(lambda: KEPT.append(Manager(5)))
    KEPT.clear()
    told_by_manager = only_leak(lambda: KEPT.append(Manager(1)))
    assert (name(told_by_figure), name(told_by_manager)) == ("Figure", "Manager")
    assert told_by_figure.signature == told_by_manager.signature


def test_slots_refer_as_well_as_attributes_do():
    def work():
        manager = Manager(0)
        manager.sealed = [Sealed(manager.canvas.figure) for _ in range(5)]
        KEPT.append(manager)

    assert name(only_leak(work)) == "Figure"


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Manager(1), "Manager"),
        (lambda: Manager(5, figures=2), "Manager"),
        (Registered, "Registered"),
        (Session, "Session"),
    ],
    ids=["two of many", "several of its type", "the outermost itself", "no way back"],
)
def test_without_one_centre_it_is_told_by_the_outermost(make, told):
    assert name(only_leak(lambda: KEPT.append(make()))) == told


def test_a_group_too_large_to_be_looked_at_is_told_by_the_outermost(monkeypatch):
    monkeypatch.setattr("leakwatch.paths.routes.MOST_OBJECTS", 5)
    assert name(only_leak(lambda: KEPT.append(Manager(5)))) == "Manager"


def test_what_comes_along_is_counted_over_all_survivors():
    leak = only_leak(lambda: KEPT.append(Manager(5)))
    assert company(leak) == {
        "Manager": leak.count,
        "Canvas": leak.count,
        "Artist": 5 * leak.count,
    }


def test_the_report_says_what_each_brings_along():
    with leakwatch.scope("work", discover=True, on_leak=lambda report: None) as scope:
        KEPT.extend((Session(), Session()))
    named = f"each 1 {__name__}.Figure, 6 {__name__}.Artist"
    assert f"   with   {named}" in str(scope.report).splitlines()


def test_the_standard_library_s_types_come_last_and_plumbing_not_at_all():
    def work():
        session = Session()
        session.error = ValueError([session.tree], b"why", {"a": lambda: session})
        KEPT.append(session)

    kinds = [kind.type_name for kind in only_leak(work).types[1:]]
    assert kinds == [f"{__name__}.Figure", f"{__name__}.Artist", "builtins.ValueError"]


def test_what_others_hold_as_well_is_nobody_s_company():
    shared = Figure(3)

    def work():
        session = Session()
        session.tree = shared
        KEPT.append(session)

    assert only_leak(work).types[1:] == ()


def test_a_hunt_tells_the_company_too(monkeypatch):
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 7)
    (leak,) = leakwatch.hunt(lambda: KEPT.append(Manager(5))).leaks
    assert name(leak) == "Figure"
    assert company(leak) == {"Manager": leak.count, "Canvas": leak.count, "Artist": 5 * leak.count}
    assert str(leak.born).endswith("in test_a_hunt_tells_the_company_too.<locals>.<lambda>")
