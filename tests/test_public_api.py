"""The public names and their signatures change only on purpose: they are listed beside this file.

After an intended change: `python -P tests/test_public_api.py > tests/public_api.txt`.
"""

import dataclasses
import inspect
from collections.abc import Iterator
from pathlib import Path

import leakwatch
from leakwatch import model

LISTED = Path(__file__).with_name("public_api.txt")


def listing() -> str:
    lines = [line for name in sorted(leakwatch.__all__) for line in described(name)]
    values = [model.Leak, model.RetentionPath, model.Reference, model.Root, model.Pattern]
    values += [model.Birth, model.KnownLeak, model.MemoryGrowth, model.Settling]
    values += [model.MemoryPart, model.MemoryTrend, model.MemorySample, model.Environment]
    lines += [line for value in values for line in members(value)]
    return "\n".join(lines) + "\n"


def described(name: str) -> Iterator[str]:
    """A public name of the package: a signature, or the members of a class."""
    public = getattr(leakwatch, name)
    if not inspect.isclass(public):
        signature = f"{inspect.signature(public)}" if inspect.isfunction(public) else ""
        yield f"leakwatch.{name}{signature}"
    elif issubclass(public, Exception):
        yield f"leakwatch.{name}({', '.join(base.__name__ for base in public.__bases__)})"
    else:
        yield from members(public)


def members(cls: type) -> Iterator[str]:
    """The public fields, properties and methods of a class."""
    home = "leakwatch.model" if cls is getattr(model, cls.__name__, None) else cls.__module__
    name = f"{home}.{cls.__name__}"
    fields = {field.name for field in dataclasses.fields(cls)}
    yield name
    yield from (f"{name}.{field}" for field in sorted(fields))
    for member, value in sorted(vars(cls).items()):
        if member.startswith("_") or member in fields:
            continue
        function = value.__func__ if isinstance(value, staticmethod) else value
        signature = inspect.signature(function) if inspect.isfunction(function) else ""
        yield f"{name}.{member}{signature}"


def test_the_public_names_and_signatures_are_the_listed_ones():
    assert listing() == LISTED.read_text(encoding="utf-8")


def test_every_public_name_can_be_had_and_says_what_it_is():
    for name in leakwatch.__all__:
        public = getattr(leakwatch, name)
        if inspect.isclass(public) or inspect.isfunction(public):
            assert inspect.getdoc(public), name


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(leakwatch, "no_such_name")


if __name__ == "__main__":
    print(listing(), end="")
