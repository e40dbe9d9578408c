"""The markers: what is to be judged, which leaks are accepted, and who may have a window."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

import pytest
from _pytest.nodes import Node  # what items and collectors are; no public name

from pytest_leakwatch.options import MARKERS
from pytest_leakwatch.settings import RUNS, refused, runs_of

FIXTURE = "leakwatch"
JUDGED, ALLOWED = "leakwatch", "leakwatch_allow"
OUR_MODULE = "pytest_leakwatch.plugin"
WINDOW = "leakwatch_window"
OURS = frozenset({JUDGED, ALLOWED, WINDOW})
Marked = pytest.Item | pytest.Collector
Marks = Sequence[pytest.Mark]


@dataclass(frozen=True, slots=True)
class Allowance:
    """A leak that a test is allowed.

    Attributes:
        pattern: of `module.qualname` of the class.
        count: most objects that are accepted of one run, or None for any number.
        reason: why.
    """

    pattern: str
    count: int | None
    reason: str

    def fits(self, type_name: str) -> bool:
        """Whether it is about objects of this type."""
        return fnmatchcase(type_name, self.pattern)

    def is_enough_for(self, count: int, runs: int) -> bool:
        """Whether so many objects of so many runs are accepted."""
        return self.count is None or count <= self.count * runs

    def __str__(self) -> str:
        return f"{self.pattern!r} ({self.reason})"


@dataclass(frozen=True, slots=True)
class Request:
    """What the marker `leakwatch` asks for.

    Attributes:
        track: classes and patterns, or None for those of the run.
        repeat: runs to warm up and runs to count, or None for those of the run.
        grace: seconds, or None for those of the run.
    """

    track: tuple[type | str, ...] | None = None
    repeat: tuple[int, int] | None = None
    grace: float | None = None


def check_markers(items: Iterable[pytest.Item]) -> None:
    """Check the markers of every test.

    Raises:
        pytest.UsageError: one of them is not understood.
    """
    for item in items:
        if marks := marks_of(item):
            request_of(item, marks)
            allowances_of(item, marks)
            window_of(item, marks)


def marks_of(node: Marked) -> Marks:
    """Our markers on a test and on what is around it, the closest first."""
    # As `iter_markers` does, which calls two functions for each node and is asked in each test.
    found: list[pytest.Mark] = []
    around: Node | None = node
    while around is not None:
        if around.own_markers:
            found += [mark for mark in around.own_markers if mark.name in OURS]
        around = around.parent
    return found


def closest(marks: Marks, name: str) -> pytest.Mark | None:
    """The closest of the markers that has a name, or None."""
    return next((mark for mark in marks if mark.name == name), None)


def request_of(item: pytest.Item, marks: Marks) -> Request | None:
    """What the closest marker `leakwatch` asks for, or None without one.

    Raises:
        pytest.UsageError: the marker has other arguments.
    """
    marker = closest(marks, JUDGED)
    if marker is None or is_projects_own(item, JUDGED):
        return None
    options = dict(marker.kwargs)
    track, grace = options.pop("track", None), options.pop("grace", None)
    repeat = options.pop("repeat", None)
    if marker.args or options:
        raise wrong(item, "leakwatch(track=[...], repeat='3:10', grace=SECONDS)", marker)
    runs = None if repeat is None else runs_of(repeat)
    if repeat is not None and runs is None:
        raise refused(f"{item.nodeid}: repeat", RUNS, repeat)
    if isinstance(track, str | type):
        track = (track,)
    return Request(None if track is None else tuple(track), runs, grace)


def asked_of(item: pytest.Item, marks: Marks) -> Request | None:
    """What the test itself asks for, by the marker or by the fixture, or None."""
    asked = request_of(item, marks) if marks else None
    return asked or (Request() if uses_fixture(item) else None)


def uses_fixture(item: pytest.Item) -> bool:
    """Whether a test gets our fixture, and not one of the project's own under the same name."""
    if FIXTURE not in getattr(item, "fixturenames", ()):
        return False
    definitions = item._fixtureinfo.name2fixturedefs.get(FIXTURE, ())  # type: ignore[attr-defined]
    for definition in reversed(definitions):
        if definition.func.__module__ == OUR_MODULE:
            return True
        if FIXTURE not in definition.argnames:
            return False
    return False


def window_of(item: pytest.Item, marks: Marks) -> bool | None:
    """What the closest marker says about a window for a test, or None without one.

    Raises:
        pytest.UsageError: the marker has other arguments.
    """
    marker = closest(marks, WINDOW)
    if marker is None:
        return None
    if marker.kwargs or len(marker.args) != 1 or type(marker.args[0]) is not bool:
        raise wrong(item, f"{WINDOW}(False)", marker)
    return bool(marker.args[0])


def allowances_of(item: Marked, marks: Marks) -> tuple[Allowance, ...]:
    """The leaks that a test is allowed, by its own markers first.

    Raises:
        pytest.UsageError: a marker lacks its type or its reason.
    """
    markers = [mark for mark in marks if mark.name == ALLOWED]
    if markers and is_projects_own(item, ALLOWED):
        return ()
    return tuple(allowance(item, marker) for marker in markers)


def is_projects_own(item: Marked, name: str) -> bool:
    """Whether the project has declared a marker of its own under the name of one of ours."""
    declared = [line for line in item.config.getini("markers") if line not in MARKERS]
    return any(re.match(r"\w*", line)[0] == name for line in declared)  # type: ignore[index]


def allowance(item: Marked, marker: pytest.Mark) -> Allowance:
    """One allowance, checked."""
    options: dict[str, Any] = dict(marker.kwargs)
    wanted, count = options.pop("type", None), options.pop("count", None)
    reason = options.pop("reason", "")
    if isinstance(wanted, type):
        wanted = f"{wanted.__module__}.{wanted.__qualname__}"
    if marker.args or options or not (isinstance(wanted, str) and wanted and reason):
        raise wrong(item, "leakwatch_allow(type='shop.models:Cart', reason='why')", marker)
    return Allowance(wanted.replace(":", "."), count, str(reason))


def wrong(item: Marked, expected: str, marker: pytest.Mark) -> pytest.UsageError:
    """The error for a marker that is not understood."""
    from leakwatch.integration import shortened

    names = ", ".join([*("..." for _ in marker.args), *(f"{name}=" for name in marker.kwargs)])
    return pytest.UsageError(
        f"{item.nodeid}: expected @pytest.mark.{expected}, got {marker.name}({shortened(names)}); "
        "a marker of the project's own is declared in the ini key markers"
    )
