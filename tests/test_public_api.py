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
    values = [model.Leak, model.Cause, model.LeakedType, model.RetentionPath]
    values += [model.Reference, model.Root, model.Pattern]
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
    is_value = dataclasses.is_dataclass(cls)
    fields = {field.name for field in dataclasses.fields(cls)} if is_value else set()
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


def test_the_names_that_are_there_to_use_are_listed():
    assert [name for name in dir(leakwatch) if not name.startswith("__")] == leakwatch.__all__


def test_a_report_and_a_leak_are_one_line_where_a_debugger_shows_them():
    steps = (model.Reference("dict", ".KEPT"),)
    path = model.RetentionPath(model.Root("module global", "shop"), steps, "shop.Cart")
    cause = model.Cause("shop.KEPT", "[*]")
    leak = model.Leak("shop.Cart", 2, None, 0, 0, "0123456789ab", path, cause=cause)
    assert repr(leak) == "<Leak 0123456789ab: 2 shop.Cart held by shop.KEPT[*]>"
    assert repr(leakwatch.Report("pay", leaks=(leak,))) == "<Report scope 'pay': leaks=1>"
    assert repr(leakwatch.Report("pay")) == "<Report scope 'pay': no leaks>"
    assert repr(leakwatch.Report("pay", not_judged="no")) == "<Report scope 'pay': not judged>"


if __name__ == "__main__":
    print(listing(), end="")
