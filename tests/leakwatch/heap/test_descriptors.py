"""What C makes for the attributes of a class is no leak of its own."""

import leakwatch

KEPT = []


def test_the_descriptors_of_a_class_made_in_a_scope_are_told_with_the_class():
    with leakwatch.scope("work", discover=True) as scope:
        KEPT.append(type("Made", (), {"__slots__": ("a", "b")}))
    KEPT.clear()
    named = {row.type_name for leak in scope.report.leaks for row in leak.types[:1]}
    assert named == {"builtins.type"}


def test_descriptors_alone_are_none():
    with leakwatch.scope("work", discover=True) as scope:
        made = type("Made", (), {"__slots__": ("a", "b")})
        KEPT.extend([made.a, made.b])
        del made
    KEPT.clear()
    assert all(leak.type_name != "builtins.member_descriptor" for leak in scope.report.leaks)
