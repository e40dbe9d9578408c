"""The JSON Schema of a report, made from the types that the model states."""

import json
import types
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from typing import Any, get_args, get_origin, get_type_hints

from leakwatch.report import SCHEMA, Report
from leakwatch.reports.jsonl import REPEAT_SCHEMA, RepeatedReport

PLAIN = {str: "string", int: "integer", float: "number", bool: "boolean"}


OK = {"ok": {"type": "boolean", "description": "whether there is no leak"}}


def report_schema() -> str:
    """`docs/reference/report.schema.json`."""
    return schema(Report, SCHEMA, "A leakwatch report", OK)


def repeat_schema() -> str:
    """`docs/reference/repeat.schema.json`."""
    return schema(RepeatedReport, REPEAT_SCHEMA, "A short line of a stream of reports", {})


def schema(kind: Any, name: str, title: str, more: dict[str, Any]) -> str:
    """The schema of a dataclass that says which one it is, with more properties."""
    found: dict[str, Any] = {}
    whole = record(kind, found)
    whole["properties"] = {"schema": {"const": name}} | more | whole["properties"]
    whole["required"] = ["schema", *whole["required"]]
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:{name.replace('.', ':').replace('/', ':')}",
        "title": f"{title} ({name})",
    }
    return json.dumps(head | whole | {"$defs": found}, indent=2) + "\n"


def record(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """A dataclass as an object; a later minor version may add fields."""
    hints = get_type_hints(kind)
    required = [f.name for f in fields(kind) if f.default is f.default_factory is MISSING]
    return {
        "type": "object",
        "description": str(kind.__doc__).partition("\n")[0],
        "properties": {field.name: of(hints[field.name], found) for field in fields(kind)},
        "required": required,
    }


def of(kind: Any, found: dict[str, Any]) -> dict[str, Any]:
    """The schema of a type; dataclasses are defined once and referred to."""
    if types.NoneType in get_args(kind):
        return {"anyOf": [of(get_args(kind)[0], found), {"type": "null"}]}
    if get_origin(kind) is tuple:
        return {"type": "array", "items": of(get_args(kind)[0], found)}
    if get_origin(kind) is dict:
        return {"type": "object", "additionalProperties": of(get_args(kind)[1], found)}
    if is_dataclass(kind):
        name = kind.__name__  # type: ignore[union-attr]
        if name not in found:
            found[name] = record(kind, found)
        return {"$ref": f"#/$defs/{name}"}
    if issubclass(kind, StrEnum):
        return {"enum": list(kind)}
    return {"type": PLAIN[kind]}
