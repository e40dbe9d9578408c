"""What code that is not ours raises is told in a line; what is meant for the program passes."""

import dataclasses
import functools
import signal
import warnings

import pytest

from leakwatch.errors import PluginWarning
from leakwatch.isolation.calls import LONGEST, add_note, attempted, described, is_the_programs, warn


class Silent(Exception):
    def __str__(self):
        raise SystemExit("no message")


class Meta(type):
    armed = False  # other tests of this process, objgraph's for one, ask all classes for it

    @property
    def __name__(cls):
        if Meta.armed:
            raise SystemExit("no name")
        return type.__dict__["__name__"].__get__(cls)


@pytest.fixture(autouse=True)
def _armed(monkeypatch):
    monkeypatch.setattr(Meta, "armed", True)


class Nameless(Exception, metaclass=Meta):
    pass


class Disguised(Exception):
    @property
    def __class__(self):
        raise SystemExit("no class")

    __traceback__ = __class__


class Shouting(str):
    __slots__ = ()

    def __format__(self, spec):
        raise RuntimeError("formatted")


class Odd(Exception):
    def __str__(self):
        return Shouting("odd")


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("no"), "ValueError: no"),
        (ValueError(), "ValueError"),
        (Silent(), "Silent (its message cannot be read: SystemExit)"),
        (Nameless("no"), "Nameless: no"),
        (Odd(), "Odd: odd"),
        (ValueError("x" * 10**6), f"ValueError: {'x' * LONGEST}... (1,000,000 characters)"),
    ],
)
def test_an_exception_is_told_whatever_it_is(error, line):
    assert described(error) == line


def raised_by(call) -> BaseException:
    try:
        call()
    except BaseException as error:
        return error
    raise AssertionError("it raised nothing")


def interrupt():
    raise KeyboardInterrupt


def leave():
    raise SystemExit(1)


def test_only_ctrl_c_and_what_a_signal_handler_raises_are_the_programs():
    def late(number, frame):
        raise TimeoutError("too late")

    assert is_the_programs(raised_by(interrupt))
    assert not is_the_programs(raised_by(leave))
    before = signal.signal(signal.SIGUSR1, functools.partial(late))
    try:
        error = raised_by(lambda: signal.raise_signal(signal.SIGUSR1))
        assert is_the_programs(error)
        with pytest.raises(TimeoutError):
            attempted(lambda: signal.raise_signal(signal.SIGUSR1))
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert attempted(leave) == "SystemExit: 1"
    assert not is_the_programs(Disguised())


def test_what_came_through_code_that_calls_the_program_is_the_programs():
    def call(work):
        work()

    error = raised_by(lambda: call(leave))
    assert is_the_programs(error, (call.__code__,))
    assert not is_the_programs(error, (interrupt.__code__,))


def test_a_warning_is_no_crash_where_warnings_are_errors_or_cannot_be_shown(monkeypatch):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn("a fault", PluginWarning, 1)
        warnings.simplefilter("always")
        monkeypatch.setattr(warnings, "showwarning", lambda *_: leave())
        warn("a fault", PluginWarning, 1)


@dataclasses.dataclass(frozen=True)
class Frozen(Exception):
    code: int


class Refusing(Exception):
    def add_note(self, note):
        raise SystemExit(note)


class Forgetful(Exception):
    def add_note(self, note):
        pass


class Without(Exception):
    add_note = None


@pytest.mark.parametrize(
    "error",
    [
        *(ValueError(), Frozen(3), Refusing(), Forgetful(), Without()),
        ExceptionGroup("several", [ValueError()]),
    ],
    ids=lambda error: type(error).__name__,
)
def test_an_exception_gets_a_note_whatever_its_class_makes_of_that(error):
    assert add_note(error, "first")
    assert add_note(error, "second")
    assert error.__notes__ == ["first", "second"]


class OddNotes(Exception):
    __notes__ = "text"


class BrokenNotes(Exception):
    @property
    def __notes__(self):
        raise SystemExit


@pytest.mark.parametrize("make", [OddNotes, BrokenNotes])
def test_one_whose_notes_are_no_list_is_left_as_it_is(make):
    error = make()
    assert not add_note(error, "first")
    assert not error.__dict__
