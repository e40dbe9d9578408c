"""The report as JSON, and back: what is read equals what was written.

Strings are written in ASCII with escapes, so that a file is valid UTF-8 whatever the
program called its classes. Reading trusts nothing: the values are rebuilt field by field
from the types that `leakwatch.model` states, and nothing named in a file is opened,
imported or evaluated.
"""

import json
import re
import sys
import types
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import StrEnum
from functools import cache
from itertools import islice
from typing import Any, NoReturn, TypeVar, cast, get_args, get_origin, get_type_hints

from leakwatch.errors import ReportFileError
from leakwatch.report import SCHEMA, Report
from leakwatch.reports.older_reports import upgraded, with_causes

Kind = TypeVar("Kind")
REMEDY = "write the report again with `leakwatch run -o FILE.json`"
MERGE = (
    "a stream is called FILE.jsonl, and `leakwatch combine -o ONE.json FILE.jsonl` makes one of it"
)
PLAIN = {str: "a string", int: "a whole number", float: "a number", bool: "true or false"}
FOUND = {dict: "an object", list: "a list", type(None): "null", **PLAIN}


def render(report: Report) -> str:
    """The report as JSON, indented, ending with a newline."""
    return json.dumps(report.to_dict(), indent=2) + "\n"


def render_line(report: Report) -> str:
    """The report as one line of JSON, for a file to which many are appended."""
    return json.dumps(report.to_dict()) + "\n"


def parse(text: str, where: str) -> Report:
    """Rebuild a report from JSON.

    Args:
        text: what `render` gave; unknown fields are passed over, so that a later minor
            version may add some, and missing ones take their default.
        where: name of the file, for messages.

    Raises:
        ReportFileError: the text is no report; the message names the line or the field.
    """
    try:
        return report_of(decoded(text), Report, SCHEMA)
    except RefusedError as error:
        line = f"line {error.line}" * bool(error.line)
        raise ReportFileError(f"{where}: {line}{error}; {error.remedy}") from None


def report_of(document: object, kind: type[Kind], schema: str) -> Kind:
    """The report that a JSON document is.

    Args:
        document: as it was decoded.
        kind: the dataclass that has the fields.
        schema: what the document must say that it is; a later minor version fits too.

    Raises:
        RefusedError: it is none.
    """
    version = check_schema(document, schema)
    assert type(document) is dict
    older = schema == SCHEMA and version == FIRST
    try:
        report = rebuilt(kind, upgraded(document) if older else document, "")
    except WrongFieldError as error:
        raise RefusedError(str(error)) from None
    assert isinstance(report, kind)
    return cast(Kind, with_causes(report)) if older and isinstance(report, Report) else report


class RefusedError(Exception):
    """Why a text is no report.

    Args:
        said: it, for a message; what follows the number of the line, if there is one.
        line: of the text, or 0.
        remedy: what to do.
    """

    def __init__(self, said: str, line: int = 0, remedy: str = REMEDY) -> None:
        super().__init__(said)
        self.line = line
        self.remedy = remedy


MOST_VALUES = 1_500_000
"""Values of the largest report that is read. A list in a list takes 40 times its bytes, a dict with
one key 30 times: 32 MiB of them would take more than 1 GiB. A report has 20 bytes and more for
each value, so one that is small enough has no more."""
STARTS = "[{,"
"""Each value follows one of these, but the first one and those of keys."""


def decoded(text: str) -> object:
    """The text as JSON values."""
    if not text.strip():
        raise RefusedError("the file is empty, expected a JSON report")
    # Before anything is made of them; what stands in strings counts too, which is few.
    if sum(map(text.count, STARTS)) > MOST_VALUES:
        begun = islice(re.finditer(f"[{re.escape(STARTS)}]", text), MOST_VALUES, None)
        line = text.count("\n", 0, next(begun).start()) + 1
        raise RefusedError(f": more than {MOST_VALUES:,} values, which is no report", line)
    try:
        return json.loads(text, parse_constant=refuse_constant)
    except json.JSONDecodeError as error:
        raise not_json(text, error) from None
    except RecursionError:
        raise RefusedError("nested too deep to be a report") from None
    except ValueError as error:
        # A number of more than 4300 digits, or NaN.
        raise RefusedError(str(error)) from None


def not_json(text: str, error: json.JSONDecodeError) -> RefusedError:
    """What is wrong with the text, and in which line."""
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        said = ": the file ends too early, it was cut off while being written"
        return RefusedError(said, error.lineno)
    if error.msg == "Extra data" and text[error.pos] == "{" and error.colno == 1:
        said = ": another report begins here, expected one in the file"
        return RefusedError(said, error.lineno, MERGE)
    return RefusedError(f", column {error.colno}: not JSON ({error.msg})", error.lineno)


def refuse_constant(name: str) -> NoReturn:
    """`NaN` and `Infinity` are no JSON, though Python's decoder takes them."""
    raise ValueError(f"{name} is not a JSON number")


FIRST = "1"
READ = {SCHEMA.partition("/")[0]: (FIRST,)}
"""Older major versions that are read as well, by family."""


def check_schema(document: object, expected: str) -> str:
    """The major version; refuse other files, and reports of a later one."""
    if type(document) is not dict:
        raise RefusedError(f"expected a report, found {found(document)}")
    schema = document.get("schema")
    said = f'field schema: expected "{expected}", found {shortened(schema)}'
    family, _, major = expected.partition("/")
    its_family, _, version = str(schema).partition("/")
    if type(schema) is not str or its_family != family:
        raise RefusedError(f"{said}: this is no leakwatch report")
    its_major = version.partition(".")[0]
    if its_major not in (major, *READ.get(family, ())):
        raise RefusedError(said, remedy="read it with the version of leakwatch that wrote it")
    return its_major


class WrongFieldError(Exception):
    """A field has not the type that the model states."""

    def __init__(self, place: str, expected: str, value: object) -> None:
        super().__init__(f"field {place or 'report'}: expected {expected}, found {found(value)}")


def rebuilt(kind: Any, value: object, place: str) -> object:
    """A value of the model from its JSON form.

    Args:
        kind: a type as the model's fields state it.
        value: what JSON has there.
        place: the field, such as `leaks[0].path.root`, for messages.

    Raises:
        WrongFieldError: the value is not of that kind.
    """
    if types.NoneType in get_args(kind):
        return None if value is None else rebuilt(get_args(kind)[0], value, place)
    if get_origin(kind) is tuple:
        return rebuilt_tuple(get_args(kind)[0], value, place)
    if get_origin(kind) is dict:
        return rebuilt_dict(get_args(kind)[1], value, place)
    if is_dataclass(kind):
        return rebuilt_record(kind, value, place)
    if issubclass(kind, StrEnum):
        return rebuilt_word(kind, value, place)
    return rebuilt_plain(kind, value, place)


def rebuilt_tuple(kind: Any, value: object, place: str) -> tuple[object, ...]:
    """A tuple of entries of one kind, from a list."""
    if type(value) is not list:
        raise WrongFieldError(place, "a list", value)
    return tuple(rebuilt(kind, entry, f"{place}[{index}]") for index, entry in enumerate(value))


def rebuilt_dict(kind: Any, value: object, place: str) -> dict[str, object]:
    """A dict with values of one kind, from an object."""
    if type(value) is not dict:
        raise WrongFieldError(place, "an object", value)
    return {key: rebuilt(kind, entry, f"{place}.{shortened(key)}") for key, entry in value.items()}


def rebuilt_record(kind: Any, value: object, place: str) -> object:
    """A dataclass, from an object."""
    if type(value) is not dict:
        raise WrongFieldError(place, "an object", value)
    given = {}
    for field, field_kind in record_fields(kind):
        inner = f"{place}.{field.name}".lstrip(".")
        if field.name in value:
            given[field.name] = rebuilt(field_kind, value[field.name], inner)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise WrongFieldError(inner, "a value", None)
    return kind(**given)


@cache
def record_fields(kind: Any) -> tuple[tuple[Field[Any], Any], ...]:
    """The fields of a dataclass, each with its type."""
    hints = get_type_hints(kind)
    return tuple((field, hints[field.name]) for field in fields(kind))


def rebuilt_word(kind: type[StrEnum], value: object, place: str) -> StrEnum:
    """A member of an enumeration, from its value."""
    if type(value) is not str or value not in list(kind):
        raise WrongFieldError(place, "one of " + ", ".join(kind), value)
    return kind(value)


def rebuilt_plain(kind: Any, value: Any, place: str) -> object:
    """A string or a number; true and false are no numbers here, unlike in Python."""
    if type(value) is not kind and (kind is not float or type(value) is not int):
        raise WrongFieldError(place, PLAIN[kind], value)
    if kind in (int, float) and not abs(value) <= sys.float_info.max:
        # JSON has no infinity, but a number such as 1e999 is read as one.
        raise WrongFieldError(place, "a number below 1e308", value)
    return float(value) if kind is float else value


def found(value: object) -> str:
    """A JSON value in few words: its content where that is short, else its kind."""
    if type(value) in (dict, list, type(None)):
        return FOUND[type(value)]
    return shortened(value)


def shortened(value: object) -> str:
    """A value as JSON, cut where it is long."""
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:37] + "..."
