"""What installed distributions announce, read without `importlib.metadata` where that is possible.

To import that takes longer than all else in a first scope, for it knows archives, eggs and finders
of any kind. Where one of those is in use it is asked. In all other processes the files are read
here, as their specification says: https://packaging.python.org/specifications/entry-points/
"""

import os
import sys
from collections.abc import Collection, Iterator
from importlib import import_module
from importlib.machinery import PathFinder
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from importlib.metadata import Distribution, EntryPoint

METADATA = (".dist-info", ".egg-info")
FILE = "entry_points.txt"


class Point(NamedTuple):
    """An entry point, with the part of `importlib.metadata.EntryPoint` that we have a use for.

    Attributes:
        name: of the plugin.
        value: `module`, or `module:attribute`.
        group: which kind of plugin it is.
        folder: where the metadata of its distribution lies.
    """

    name: str
    value: str
    group: str
    folder: str

    @property
    def dist(self) -> "Distribution":
        """Its distribution."""
        from importlib.metadata import Distribution

        return Distribution.at(self.folder)

    def load(self) -> Any:
        """What it names; what goes wrong in the import is raised."""
        module, _, path = self.value.partition("[")[0].partition(":")
        found = import_module(module.strip())
        for name in path.strip().split(".") if path.strip() else ():
            found = getattr(found, name)
        return found


def entry_points(groups: Collection[str]) -> "list[Point | EntryPoint]":
    """The entry points of these groups, in the order in which their distributions are found."""
    if not only_folders():
        from importlib.metadata import entry_points as points_of_all

        found = points_of_all()
        return [point for group in groups for point in found.select(group=group)]
    return [
        point
        for folder in metadata_folders()
        for point in points_in(folder)
        if point.group in groups
    ]


def only_folders() -> bool:
    """Whether all that is installed lies in folders of `sys.path`."""
    finders = [it for it in sys.meta_path if hasattr(it, "find_distributions")]
    only_ours = len(finders) == 1 and finders[0] is PathFinder
    return only_ours and not any(map(is_unusual, sys.path))


def is_unusual(entry: object) -> bool:
    """Whether an entry of `sys.path` is an archive, an egg, or no text at all."""
    return type(entry) is not str or entry.endswith(".egg") or os.path.isfile(entry)


def metadata_folders() -> Iterator[str]:
    """Where the metadata of each distribution lies; of two of a name the first counts."""
    met = set()
    for entry in sys.path:
        try:
            names = sorted(os.listdir(entry or "."))
        except OSError:  # not there, or not to be read
            continue
        for name in names:
            if name.lower().endswith(METADATA):
                distribution = name.partition("-")[0].lower().replace(".", "_")
                if distribution not in met:
                    met.add(distribution)
                    yield os.path.join(entry or ".", name)


def points_in(folder: str) -> Iterator[Point]:
    """The entry points of a distribution; none of one whose file cannot be read."""
    try:
        with open(os.path.join(folder, FILE), encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
    except OSError:  # most have no such file
        return
    group = ""
    for line in map(str.strip, lines):
        name, is_point, value = map(str.strip, line.partition("="))
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1].strip()
        elif is_point and not line.startswith(("#", ";")):
            yield Point(name, value, group, folder)
