"""Known leaks from TOML files: one entry a file, checked before it is believed.

A file that is not understood is refused as a whole and by name: an entry that matches too
much would hide a leak.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from leakwatch import toml
from leakwatch.diagnosis.known.versions import unfit_fixed
from leakwatch.errors import ConfigurationError, quoted, shortened
from leakwatch.model import KnownLeak

SUFFIX = ".toml"
TEXT, TEXTS, TABLE, SWITCH = "a text", "a list of texts", "a table", "true or false"

Check = Callable[[object], bool]

CHECKS: Mapping[str, Check] = {
    TEXT: lambda value: type(value) is str and bool(value.strip()),
    TEXTS: lambda value: type(value) is list and all(type(it) is str and it for it in value),
    TABLE: lambda value: type(value) is dict,
    SWITCH: lambda value: type(value) is bool,
}

ENTRY = {
    "id": TEXT,
    "title": TEXT,
    "reason": TEXT,
    "remedy": TEXT,
    "link": TEXT,
    "fails": SWITCH,
    "bounded": SWITCH,
    "match": TABLE,
    "distribution": TABLE,
}
MATCH = {"type": TEXT, "holder": TEXT, "references": TEXTS, "root": TEXT, "signature": TEXT}
DISTRIBUTION = {"name": TEXT, "affected": TEXTS, "fixed": TEXTS}
REQUIRED = frozenset({"id", "title", "reason", "remedy", "link", "match", "distribution.name"})


class WrongEntryError(Exception):
    """Something in the file is not as it has to be."""


@cache
def shipped() -> tuple[KnownLeak, ...]:
    """The entries that leakwatch itself ships, sorted by the names of their files."""
    return known_leaks_in(Path(__file__).parent)


def known_leaks_in(folder: str | Path) -> tuple[KnownLeak, ...]:
    """The entries in the TOML files of a folder, sorted by the names of the files.

    Args:
        folder: where the files are; other files there are passed over.

    Raises:
        ConfigurationError: the folder or a file cannot be read, or an entry is not understood;
            the message names the file and the key.
    """
    try:
        files = sorted(path for path in Path(folder).iterdir() if path.suffix == SUFFIX)
    except OSError as error:
        raise ConfigurationError(f"{folder}: cannot read known leaks: {error.strerror}") from None
    found: dict[str, KnownLeak] = {}
    for file in files:
        entry = read(file)
        if entry.id in found:
            raise ConfigurationError(
                f"{file}: key id: {quoted(entry.id)} is another file's already"
            )
        found[entry.id] = entry
    return tuple(found.values())


def read(file: Path) -> KnownLeak:
    """The entry in a file.

    Raises:
        ConfigurationError: as for `known_leaks_in`.
    """
    try:
        return parsed(toml.load(file))
    except WrongEntryError as error:
        raise ConfigurationError(f"{file}: {error}") from None
    except (OSError, toml.BadTomlError) as error:
        raise ConfigurationError(f"{file}: cannot read this known leak: {error}") from None


def parsed(table: Mapping[str, Any]) -> KnownLeak:
    """The entry that a document describes."""
    check_keys(table, ENTRY, "")
    match, distribution = table["match"], table.get("distribution", {})
    check_keys(match, MATCH, "match.")
    if not match:
        raise WrongEntryError(f"key match: expected at least one of {', '.join(MATCH)}")
    if "distribution" in table:
        check_keys(distribution, DISTRIBUTION, "distribution.")
        check_versions(distribution)
    return KnownLeak(
        id=table["id"],
        reason=table["reason"],
        signature=match.get("signature", ""),
        type_name=match.get("type", ""),
        holder=match.get("holder", ""),
        references=tuple(match.get("references", ())),
        root=match.get("root", ""),
        title=table["title"],
        distribution=distribution.get("name", ""),
        affected=tuple(distribution.get("affected", ())),
        fixed=tuple(distribution.get("fixed", ())),
        link=table["link"],
        remedy=table["remedy"],
        fails=table.get("fails", False),
        bounded=table.get("bounded", False),
    )


def check_keys(table: Mapping[str, Any], keys: Mapping[str, str], place: str) -> None:
    """Refuse a key that is unknown, missing or of another type."""
    for key, value in table.items():
        if key not in keys:
            raise WrongEntryError(
                f"key {place}{shortened(key)}: unknown; expected one of {', '.join(keys)}"
            )
        if not CHECKS[keys[key]](value):
            raise WrongEntryError(f"key {place}{key}: expected {keys[key]}, found {quoted(value)}")
    for missing in missing_keys(table, keys, place):
        raise WrongEntryError(
            f"key {missing}: missing; expected {keys[missing.rpartition('.')[2]]}"
        )


def missing_keys(table: Mapping[str, Any], keys: Mapping[str, str], place: str) -> Iterator[str]:
    """The required keys that the table has not."""
    return (f"{place}{key}" for key in keys if f"{place}{key}" in REQUIRED and key not in table)


def check_versions(distribution: Mapping[str, Any]) -> None:
    """Refuse versions that are none, and a fixed one that is affected."""
    affected, fixed = distribution.get("affected", ()), distribution.get("fixed", ())
    try:
        unfit = unfit_fixed(affected, fixed)
    except ValueError as error:
        raise WrongEntryError(
            f"keys distribution.affected and .fixed: {error}; expected specifiers of PEP 440 "
            "such as '>=2.1,<2.4', and versions such as '2.4'"
        ) from None
    if unfit is not None:
        raise WrongEntryError(f"key distribution.fixed: {unfit} is among the affected versions")


def entries_in(package: str) -> tuple[KnownLeak, ...]:
    """The known leaks that a distribution ships, in the folder that a package is.

    The distribution announces it in the entry point group `leakwatch.known`. The package is found,
    but not imported.

    Raises:
        ConfigurationError: there is no such folder, or a file in it is not understood.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    # A namespace package has the same folder twice where sys.path has.
    places = (spec and spec.submodule_search_locations) or ()
    folders = dict.fromkeys(map(os.path.realpath, places))
    if not folders:
        raise ConfigurationError(
            "entry point group leakwatch.known: expected a package with TOML files, "
            f"found no package {package!r}"
        )
    return tuple(entry for folder in folders for entry in known_leaks_in(folder))
