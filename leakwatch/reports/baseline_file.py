"""The baseline file: TOML that people read, edit and review.

What somebody wrote into it stays: comments, order, reasons. Only entries that change are
written anew. What cannot be read is never written over.
"""

import os
import re
from collections.abc import Mapping
from datetime import date
from itertools import pairwise
from typing import Any, NoReturn

from leakwatch import toml
from leakwatch.compare.baseline import Accepted, Baseline
from leakwatch.errors import ReportFileError, shortened, shown_path
from leakwatch.errors import quoted as quoted_input
from leakwatch.reports import files

FILE = "leakwatch-baseline.toml"
"""Its name where nothing else is said, in the root of the project."""
SCHEMA = "leakwatch.baseline/1"
HEAD = f"""\
# Leaks that are accepted: they fail nothing as long as they do not grow.
# Written by `leakwatch baseline --write`. Say in `reason` why a leak may stay;
# `expires = 2030-12-31` makes it fail again after that day.

schema = "{SCHEMA}"
"""
REMEDY = "correct it, or move it away and write a new one with `leakwatch baseline --write REPORT`"
ENTRY = re.compile(r"^(?:#.*\n)*\[\[leak\]\]", re.MULTILINE)
"""The head of an entry, with the comment right above it."""
SIGNATURE = re.compile(r"[0-9a-f]{12}")

KEYS: Mapping[str, str] = {
    "signature": "12 hexadecimal digits",
    "type": "a text",
    "held_by": "a text",
    "advice": "a text",
    "count": "a whole number above 0",
    "reason": "a text",
    "growth": "a number above 0",
    "expires": "a date such as 2030-12-31",
    "scope": "a text",
}
OPTIONAL = frozenset({"held_by", "advice", "growth", "expires", "scope"})


def read(path: files.Path) -> Baseline:
    """The baseline in a file.

    Raises:
        ReportFileError: there is no such file, or it is not understood; the message names the
            line, or the entry and the key.
    """
    return parse(files.read(path, "the baseline"), os.fspath(path))


def parse(text: str, where: str) -> Baseline:
    """The baseline that a text describes.

    Args:
        text: of the file.
        where: its name, for messages.

    Raises:
        ReportFileError: as for `read`.
    """
    try:
        document = toml.parse(text)
    except toml.BadTomlError as error:
        refuse(where, str(error))
    if document.get("schema") != SCHEMA:
        schema = quoted_input(document["schema"]) if "schema" in document else "none"
        refuse(where, f"key schema: expected {SCHEMA!r}, found {schema}")
    for key in document.keys() - {"schema", "leak"}:
        refuse(where, f"key {shortened(key)}: unknown; expected entries [[leak]]")
    tables = document.get("leak", [])
    if type(tables) is not list or any(type(table) is not dict for table in tables):
        refuse(where, "key leak: expected entries [[leak]]")
    places = [f"[[leak]] number {number}" for number in range(1, len(tables) + 1)]
    heads = list(ENTRY.finditer(text))
    if len(heads) == len(tables):  # else it is written in an unusual way, and has no lines to tell
        lines = [text.count("\n", 0, head.end()) + 1 for head in heads]
        places = [f"line {line}: {place}" for line, place in zip(lines, places, strict=True)]
    entries = tuple(
        entry_of(table, where, place) for table, place in zip(tables, places, strict=True)
    )
    check_single(entries, where, places)
    return Baseline(entries, where)


def entry_of(table: Mapping[str, Any], where: str, place: str) -> Accepted:
    """One entry, checked."""
    for key in [*table, *KEYS]:
        if key not in KEYS:
            refuse(
                where, f"{place}: key {shortened(key)}: unknown; expected one of {', '.join(KEYS)}"
            )
        if key not in table and key not in OPTIONAL:
            refuse(where, f"{place}: key {key}: missing; expected {KEYS[key]}")
        if key in table and not fits(key, table[key]):
            refuse(
                where, f"{place}: key {key}: expected {KEYS[key]}, found {quoted_input(table[key])}"
            )
    growth = table.get("growth")
    return Accepted(
        signature=table["signature"],
        type_name=table["type"],
        count=table["count"],
        reason=table["reason"],
        growth=None if growth is None else float(growth),
        expires=table.get("expires"),
        scope=table.get("scope", ""),
        held_by=table.get("held_by", ""),
        advice=table.get("advice", ""),
    )


def fits(key: str, value: object) -> bool:
    """Whether a value is what its key expects."""
    if key == "count":
        return toml.is_count(value)
    if key == "growth":
        return toml.is_positive(value)
    if key == "expires":
        return type(value) is date
    if type(value) is not str or not value.strip():
        return False
    return key != "signature" or SIGNATURE.fullmatch(value) is not None


def check_single(entries: tuple[Accepted, ...], where: str, places: list[str]) -> None:
    """Refuse a signature that is there twice: which of the two would count?"""
    first: dict[str, str] = {}
    for entry, place in zip(entries, places, strict=True):
        if entry.signature in first:
            other = first[entry.signature]
            refuse(where, f"{place}: signature {entry.signature} is that of {other} already")
        first[entry.signature] = place.partition(": ")[2] or place


def refuse(where: str, what: str) -> NoReturn:
    """Say what is wrong with the file."""
    raise ReportFileError(f"{shown_path(where)}: {what}; {REMEDY}")


def current(path: files.Path) -> Baseline:
    """The baseline to bring up to date; an empty one where there is no file, or only comments.

    Raises:
        ReportFileError: as for `read`.
    """
    where = os.fspath(path)
    text = existing_text(path)
    return Baseline(name=where) if is_blank(text) else parse(text, where)


def existing_text(path: files.Path) -> str:
    """The text of the file, empty where there is none."""
    return files.read(path, "the baseline") if os.path.lexists(path) else ""


def is_blank(text: str) -> bool:
    """Whether there is nothing but space and comments."""
    return all(not line or line.startswith("#") for line in map(str.strip, text.splitlines()))


def write(path: files.Path, baseline: Baseline) -> bool:
    """Bring a baseline file up to date; whether there was anything to write.

    Raises:
        ReportFileError: what is there cannot be read, and stays; or the file cannot be written.
    """
    old = existing_text(path)
    feeds = old.replace("\r\n", "\n")
    text = renewed(feeds, os.fspath(path), baseline)
    if old.partition("\n")[0].endswith("\r"):
        text = text.replace("\n", "\r\n")
    if text == old:
        return False
    files.write(path, text, "the baseline")
    return True


def renewed(old: str, where: str, baseline: Baseline) -> str:
    """The text of the file with another content; what does not change keeps its text."""
    if is_blank(old):
        return joined([old, render(baseline)] if old.strip() else [render(baseline)])
    before = parse(old, where)
    if before.entries == baseline.entries:
        return old
    starts = [it.start() for it in ENTRY.finditer(old)]
    if len(starts) != len(before.entries):
        # Entries in a form that we would not write: an inline table, a spaced head.
        return render(baseline)
    text = pieced(old, starts, before, baseline)
    try:
        fits = parse(text, where).entries == baseline.entries
    except ReportFileError:
        # What looks like the head of an entry stands inside a text, and a text was cut there.
        fits = False
    return text if fits else render(baseline)


def pieced(old: str, starts: list[int], before: Baseline, after: Baseline) -> str:
    """The text with other entries, made of the pieces of the old one that begin at `starts`."""
    bounds = [*starts, len(old)]
    texts = {
        entry.signature: old[start:end]
        for entry, (start, end) in zip(before.entries, pairwise(bounds), strict=True)
    }
    known = before.by_signature()
    entries = [
        edited(texts[entry.signature], known[entry.signature], entry)
        if entry.signature in texts
        else entry_text(entry)
        for entry in after.entries
    ]
    return joined([old[: bounds[0]], *entries])


def joined(parts: list[str]) -> str:
    """Parts of a file, with an empty line between two."""
    return "\n".join(part.strip("\n") + "\n" for part in parts)


def edited(text: str, before: Accepted, after: Accepted) -> str:
    """The text of an entry with other figures."""
    if before == after:
        return text
    for key, figure in (("count", after.count), ("growth", after.growth)):
        text = re.sub(rf"^{key}\s*=\s*[\w.+-]+", f"{key} = {figure!r}", text, flags=re.MULTILINE)
    return text


def render(baseline: Baseline) -> str:
    """The text of a new file."""
    return "\n".join([HEAD, *map(entry_text, baseline.entries)])


def entry_text(entry: Accepted) -> str:
    """One entry, ending with a newline."""
    lines = [
        "[[leak]]",
        f"signature = {quoted(entry.signature)}",
        f"type = {quoted(entry.type_name)}",
    ]
    lines += [f"held_by = {quoted(entry.held_by)}"] if entry.held_by else []
    lines += [f"advice = {quoted(entry.advice)}"] if entry.advice else []
    lines += [f"count = {entry.count}", f"reason = {quoted(entry.reason)}"]
    lines += [f"scope = {quoted(entry.scope)}"] if entry.scope else []
    lines += [f"growth = {entry.growth!r}"] if entry.growth is not None else []
    lines += [f"expires = {entry.expires}"] if entry.expires is not None else []
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """A basic string of TOML, on one line; half a surrogate pair has no place in one."""
    safe = text.encode("utf-8", "backslashreplace").decode("utf-8")
    escaped = safe.replace("\\", "\\\\").replace('"', '\\"')
    # Control characters are escaped.
    inside = "".join(
        f"\\u{ord(it):04x}" if it < " " or "\x7f" <= it <= "\x9f" else it for it in escaped
    )
    return f'"{inside}"'
