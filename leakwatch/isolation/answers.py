"""What a hook answers, checked against the type that its specification declares.

The types in `leakwatch.hookspecs`, and of the values and functions that they name, are the only
declaration there is: a check is made of each, once. What passes is plain: lists and dicts of our
own, exact `str` and `int`, functions whose answers are checked in the same way.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from operator import is_
from types import GeneratorType, NoneType, UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from leakwatch.errors import PluginError
from leakwatch.heap.objects import inherits
from leakwatch.isolation.calls import is_the_programs
from leakwatch.isolation.plain_answers import (
    Check,
    Source,
    WrongAnswerError,
    anything,
    document,
    figures,
    nothing,
    number,
    refuse_more,
    text,
    truth,
    whole_number,
    whole_number_in,
)

MOST_FAILURES = 100
"""So often a function may fail in one analysis, which asks some of them a million times."""


@cache
def check_of(hook: Callable[..., object]) -> Check:
    """The check of what a hook answers, by the specification's annotation."""
    return check_for(get_type_hints(hook, include_extras=True)["return"])


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
    *others, last = [(it, check_for(it)) for it in wanted if it is not NoneType]
    optional = NoneType in wanted

    def checked(found: object, source: Source) -> Any:
        if found is None and optional:
            return None
        for kind, check in others:
            if inherits(type(found), kind):
                return check(found, source)
        return last[1](found, source)

    return checked


def exactly(wanted: type) -> Check:
    """A member of an enumeration, of which no equal will do: verdicts are compared by identity."""

    def check(found: object, source: Source) -> object:
        if type(found) is not wanted:
            raise WrongAnswerError(f"a {wanted.__name__}", found)
        return found

    return check


USUAL = (list, tuple, set, frozenset, GeneratorType)


def parts_of(part: Check, make: Callable[[list[Any]], Any]) -> Check:
    """All parts of an answer, taken here: a generator raises while it is read."""

    def check(found: Any, source: Source) -> Any:
        # `(".csv")` is a text and no tuple, and has parts all the same.
        # An abstract class asks all its subclasses, the program's as well: only of odd answers.
        if type(found) not in USUAL and (
            isinstance(found, str | bytes | Mapping) or not isinstance(found, Iterable)
        ):
            raise WrongAnswerError("a list", found)
        kept: list[Any] = []
        for it in found:
            refuse_more(kept)
            kept.append(part(it, source))
        return make(kept)

    return check


def value_for(cls: Any) -> Check:
    """A value of ours, field by field; one with other fields in it is made anew."""
    hints = get_type_hints(cls, include_extras=True)
    checks = [(field.name, check_for(hints[field.name])) for field in fields(cls)]

    def check(found: Any, source: Source) -> Any:
        if source.trusted:
            return found
        if not inherits(type(found), cls):
            raise WrongAnswerError(f"a {cls.__name__}", found)
        given = [getattr(found, name) for name, _ in checks]
        plain = [
            checked_field(it, own, f"{cls.__name__}.{name}", source)
            for it, (name, own) in zip(given, checks, strict=True)
        ]
        same = type(found) is cls and all(map(is_, given, plain))
        return found if same else cls(*plain)

    return check


def checked_field(found: object, check: Check, name: str, source: Source) -> Any:
    """The value of a field; what is wrong with it is told with its name."""
    try:
        return check(found, source)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name}: {error}") from None


def function_for(parameters: object, answer: Any) -> Check:
    """A function, whose answers are checked as well.

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
    """A whole number within limits, or a function that nobody guards."""
    return whole_number_in(how) if type(how) is range else function


def function(found: Any, source: Source) -> Callable[..., Any]:
    """Something that can be called, and nothing more."""
    if not callable(found):
        raise WrongAnswerError("a function", found)
    return found  # type: ignore[no-any-return]


def figures_for(name: type, value: type) -> Check:
    """Of mappings there is one kind."""
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
