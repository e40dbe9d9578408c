"""What a hook answers, checked against the type that its specification declares.

The types in `leakwatch.hookspecs`, and of the values and functions that they name, are the only
declaration there is: a check is made of each, once. What passes is plain: lists and dicts of our
own, exact `str` and `int`, functions whose answers are checked in the same way. What a class of a
plugin's own does in `__len__`, `__eq__` or `__format__` would else run wherever a report is made or
printed.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from operator import index, is_
from types import GeneratorType, ModuleType, NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from leakwatch.errors import PluginError
from leakwatch.heap.objects import class_name, inherits
from leakwatch.isolation.calls import is_the_programs

MOST_PARTS = 100_000
"""Parts of an answer: an iterator may be without an end."""
LONGEST_TEXT = 10_000
"""Characters of a text that is part of a value; a whole document may be of any length."""
WHOLE = range(-(2**63), 2**63)
"""Whole numbers that arrays, files and other languages can hold."""
LEAST, MOST = WHOLE[0], WHOLE[-1]
MOST_FAILURES = 100
"""So often a function may fail in one analysis, which asks some of them a million times."""


class WrongAnswerError(TypeError):
    """An answer is not of the type that was declared."""

    def __init__(self, expected: str, found: object) -> None:
        super().__init__(f"expected {expected}, got {class_name(type(found))}")


class TooManyPartsError(ValueError):
    """An answer has too many parts, or no end."""

    def __init__(self) -> None:
        super().__init__(f"expected at most {MOST_PARTS:,} parts, got more")


@dataclass(frozen=True, slots=True)
class Source:
    """Whose answer it is.

    Attributes:
        plugin: its name.
        hook: which hook it answers.
        note: called with what a function of the answer raises later; gives the message.
        trusted: whether it is leakwatch itself, whose types are checked before it is shipped; a
            process has tens of thousands of roots.
    """

    plugin: str
    hook: str
    note: Callable[[str, str, BaseException], str]
    trusted: bool = False


Check = Callable[[Any, Source], Any]
"""Gives the answer, as plain as can be; raises if it is wrong, or whatever it raises itself."""


def anything(found: object, source: Source) -> object:
    """The answer as it is: a live object of the program is not looked at."""
    return found


def nothing(found: object, source: Source) -> None:
    """The answer of hooks that only inform: there is none."""
    if found is not None:
        raise WrongAnswerError("nothing", found)


def document(found: object, source: Source) -> str:
    """A text of any length, without the class that a plugin may have given it."""
    if not inherits(type(found), str):
        raise WrongAnswerError("a text", found)
    return str.__str__(found)


def text(found: object, source: Source) -> str:
    """A text that people read in one piece."""
    whole = document(found, source)
    if len(whole) > LONGEST_TEXT:
        raise ValueError(f"expected at most {LONGEST_TEXT:,} characters, got {len(whole):,}")
    return whole


def truth(found: object, source: Source) -> bool:
    """True or False."""
    if type(found) is not bool:
        raise WrongAnswerError("True or False", found)
    return found


def number(found: Any, source: Source) -> float:
    """A number with a fraction, which has to be one: NaN is in no JSON."""
    if not inherits(type(found), float) and type(found) is not int:
        raise WrongAnswerError("a number", found)
    exact = found if type(found) is int else float.__float__(found)
    if not math.isfinite(exact):
        raise ValueError(f"expected a finite number, got {exact}")
    return exact


def whole_number_in(wanted: range) -> Check:
    """A whole number, of any class that counts as one."""
    least, most = wanted[0], wanted[-1]

    def check(found: Any, source: Source) -> int:
        if type(found) is int and least <= found <= most:
            return found
        try:
            exact = int.__index__(index(found))
        except TypeError:
            raise WrongAnswerError("a whole number", found) from None
        if not least <= exact <= most:
            raise ValueError(f"expected a whole number from {least:,} to {most:,}")
        return exact

    return check


whole_number = whole_number_in(WHOLE)


def figures(found: Any, source: Source) -> dict[str, int]:
    """Numbers by name; asked for twice in each scope, so no call is made for a good one."""
    if type(found) is dict:
        for name, value in found.items():
            if type(name) is not str or type(value) is not int or not LEAST <= value <= MOST:
                break
        else:
            return found
    if not isinstance(found, Mapping):
        raise WrongAnswerError("numbers by name", found)
    kept: dict[str, int] = {}
    for name in found:
        if len(kept) >= MOST_PARTS:
            raise TooManyPartsError
        kept[text(name, source)] = whole_number(found[name], source)
    return kept


@cache
def check_of(hook: Callable[..., object], home: ModuleType) -> Check:
    """The check of what a hook answers, by the specification's annotation.

    Args:
        hook: the specification.
        home: has the types that a quoted annotation names; the others the specification has.
    """
    declared = hook.__annotations__["return"]
    quoted = compile(declared, "", "eval").co_names if type(declared) is str else ()
    named = {name: getattr(home, name) for name in quoted if name in home.__all__}
    hint = get_type_hints(hook, localns=named, include_extras=True)["return"]
    # No answer is none to be checked, and most hooks answer one thing beside.
    answers = [it for it in get_args(hint) if it is not NoneType]
    is_one = get_origin(hint) in {Union, UnionType} and len(answers) == 1
    return check_for(answers[0] if is_one else hint)


@cache
def check_for(wanted: Any) -> Check:
    """The check for a type.

    Raises:
        NotImplementedError: there is none; the specification needs a simpler type.
    """
    if wanted in PLAIN:
        return PLAIN[wanted]
    if isinstance(wanted, type):
        return value_for(wanted) if is_dataclass(wanted) else exactly(wanted)
    origin, arguments = get_origin(wanted), get_args(wanted)
    if is_dataclass(origin):
        return value_for(origin, arguments)
    if origin in FORMS:
        return FORMS[origin](*arguments)
    if origin in MANY:
        return parts_of(check_for(arguments[0]), MANY[origin])
    raise NotImplementedError(f"no check for {wanted}")


MANY: Mapping[Any, Callable[[list[Any]], Any]] = {Iterable: list, Sequence: list, tuple: tuple}
"""What comes in parts, and what is made of them."""


PLAIN: Mapping[Any, Check] = {
    object: anything,
    None: nothing,
    NoneType: nothing,
    str: text,
    bool: truth,
    int: whole_number,
    float: number,
}


def one_of(*wanted: Any) -> Check:
    """What may be missing, or may be of one of several types; the last refuses what fits none."""
    *classes, last = [it for it in wanted if it is not NoneType]
    checks = [(get_origin(it) or it, check_for(it)) for it in classes]
    check_last = check_for(last)

    def checked(found: object, source: Source) -> Any:
        if found is None and NoneType in wanted:
            return None
        for cls, check in checks:
            if inherits(type(found), cls):
                return check(found, source)
        return check_last(found, source)

    return checked


def exactly(wanted: type) -> Check:
    """The check for a member of an enumeration, and no equal: they are compared by identity."""

    def check(found: object, source: Source) -> object:
        if type(found) is not wanted:
            raise WrongAnswerError(f"a {wanted.__name__}", found)
        return found

    return check


USUAL = (list, tuple, set, frozenset, GeneratorType)


def parts_of(part: Check, make: Callable[[list[Any]], Any]) -> Check:
    """The check for an answer in parts, all taken here: a generator raises while it is read."""

    def check(found: Any, source: Source) -> Any:
        # `(".csv")` is a text and no tuple, and has parts all the same.
        # An abstract class asks all its subclasses, the program's as well: only of odd answers.
        if type(found) not in USUAL and (
            isinstance(found, str | bytes | Mapping) or not isinstance(found, Iterable)
        ):
            raise WrongAnswerError("a list", found)
        if part is anything and type(found) in {list, tuple}:
            return make(found)  # live objects: nothing of them is looked at, and they have an end
        kept: list[Any] = []
        for it in found:
            if len(kept) >= MOST_PARTS:
                raise TooManyPartsError
            kept.append(part(it, source))
        return make(kept)

    return check


def value_for(cls: Any, arguments: Sequence[Any] = ()) -> Check:
    """The check for a dataclass of leakwatch's, which is made anew if a field of it is not plain.

    Args:
        cls: its class.
        arguments: what stands for the type variables of a generic one.
    """
    hints = get_type_hints(cls, include_extras=True)
    if arguments:
        meant = dict(zip(cls.__parameters__, arguments, strict=True))
        hints = {name: filled(hint, meant) for name, hint in hints.items()}
    checks = [(field.name, check_for(hints[field.name])) for field in fields(cls)]

    def check(found: Any, source: Source) -> Any:
        if source.trusted:
            return found
        if not inherits(type(found), cls):
            raise WrongAnswerError(f"a {cls.__name__}", found)
        given = [getattr(found, name) for name, _ in checks]
        plain = []
        for it, (name, own) in zip(given, checks, strict=True):
            try:
                plain.append(own(it, source))
            except (TypeError, ValueError) as error:
                raise TypeError(f"{cls.__name__}.{name}: {error}") from None
        same = type(found) is cls and all(map(is_, given, plain))
        return found if same else cls(*plain)

    return check


def filled(hint: Any, given: Mapping[Any, Any]) -> Any:
    """A type with its type variables replaced."""
    names = getattr(hint, "__parameters__", ())
    return hint[tuple(given[name] for name in names)] if names else hint


def function_for(parameters: object, answer: Any) -> Check:
    """The check for a function, whose answers are checked as well.

    One that fails answers None where that is allowed, and nothing where it gives several; else
    it raises a `PluginError`.
    """
    check_answer = document if answer is str else check_for(answer)
    origin = get_origin(answer)
    silent = origin in MANY or (origin in {Union, UnionType} and NoneType in get_args(answer))
    missing = () if origin in MANY else None

    def check(found: Any, source: Source) -> Callable[..., Any]:
        offered = function(found, source)
        own = as_it_comes if source.trusted else check_answer
        failures = 0

        def guarded(*arguments: object) -> Any:
            nonlocal failures
            if failures >= MOST_FAILURES and silent:
                return missing
            try:
                answer = offered(*arguments)
                # What most inspectors, namers and sizers answer to most objects.
                return missing if answer is None and silent else own(answer, source)
            except BaseException as error:
                if is_the_programs(error):
                    raise
                failures += 1
                fault = source.note(source.plugin, source.hook, error)
            if silent:
                return missing
            raise PluginError(fault)

        return guarded

    return check


def narrowed(kind: Any, how: object) -> Check:
    """The check for a whole number within limits, or for a function that nobody guards."""
    return whole_number_in(how) if type(how) is range else function


def function(found: Any, source: Source) -> Callable[..., Any]:
    """Something that can be called, and nothing more."""
    if not callable(found):
        raise WrongAnswerError("a function", found)
    return found  # type: ignore[no-any-return]


def figures_for(name: type, value: type) -> Check:
    """The check for figures by name, the only mapping that hooks answer."""
    assert (name, value) == (str, int)
    return figures


FORMS: Mapping[Any, Callable[..., Check]] = {
    Annotated: narrowed,
    Union: one_of,
    UnionType: one_of,
    dict: figures_for,
    Mapping: figures_for,
    Callable: function_for,
}
"""What makes the check of a type with arguments, which it gets."""


def as_it_comes(found: object, source: Source) -> object:
    """An answer of our own; a generator is read to its end inside the guard all the same."""
    return list(found) if type(found) is GeneratorType else found
