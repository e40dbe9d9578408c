"""Why is it alive: an object, a class, or a name."""

import pytest

import leakwatch

KEPT: list[object] = []


class Session:
    pass


class Order(Session):
    pass


class Never:
    pass


@pytest.fixture(autouse=True)
def _let_go():
    yield
    KEPT.clear()


def expressions(report) -> list[str]:
    return [leak.path.expression.removeprefix(f"{__name__}.") for leak in report.leaks]


def test_an_object_is_explained_by_what_holds_it():
    KEPT.append(Session())
    report = leakwatch.why(KEPT[0])
    assert expressions(report) == ["KEPT[0]"]
    assert report.kind == "why"
    assert "is alive: held in 1 way" in str(report)


def test_the_variables_of_the_one_who_asks_come_last_and_are_in_use():
    mine = Session()
    report = leakwatch.why(mine)
    assert report.leaks == ()
    assert [leak.path.root.kind for leak in report.in_use] == ["running frame"]
    KEPT.append(mine)
    assert expressions(leakwatch.why(mine)) == ["KEPT[0]"]


def test_an_object_that_nothing_else_holds():
    report = leakwatch.why(Session())
    assert report.leaks == ()
    assert "nothing holds it any more" in str(report)


def test_an_object_that_cannot_be_tracked_can_be_asked_about():
    KEPT.append({"a": 1})
    assert expressions(leakwatch.why(KEPT[0])) == ["KEPT[0]"]


def test_a_class_stands_for_its_instances_and_those_of_its_subclasses():
    KEPT.extend((Session(), Order()))
    report = leakwatch.why(Session)
    (leak,) = report.leaks
    assert sorted(it.type_name for it in leak.types) == [
        f"{__name__}.Order",
        f"{__name__}.Session",
    ]


@pytest.mark.parametrize("name", [f"{__name__}.Order", "Order"])
def test_a_name_stands_for_the_instances_of_the_class(name):
    KEPT.extend((Session(), Order()))
    report = leakwatch.why(name)
    assert [leak.type_name for leak in report.leaks] == [f"{__name__}.Order"]


def test_a_class_without_instances_is_said_to_have_none():
    report = leakwatch.why(Never)
    assert report.leaks == ()
    assert "no instance of it is alive" in str(report)


@pytest.mark.parametrize("target", [Never, "Never", f"{__name__}.Never"])
def test_a_class_whose_instances_died_is_never_suggested_for_itself(target):
    KEPT.append(Never())
    assert leakwatch.why(target).leaks
    KEPT.clear()
    report = leakwatch.why(target)
    assert report.not_judged == (
        "the class exists, but no instance of it is alive that the collector knows"
    )


def test_a_class_that_was_made_anew_is_told_from_the_one_before():
    KEPT.append(type("Never", (), {"__module__": __name__})())
    report = leakwatch.why(Never)
    assert report.not_judged is not None
    assert "did you mean" not in report.not_judged
    assert "another class of the same name has living instances" in report.not_judged


def test_an_unknown_name_is_answered_with_names_that_are_close():
    KEPT.append(Session())
    report = leakwatch.why(f"{__name__}.Sesion")
    assert report.not_judged is not None
    assert f"did you mean {__name__}.Session" in report.not_judged
