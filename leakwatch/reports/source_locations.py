"""Where in the source a leak can be marked: for annotations, code scanning and test reports."""

import os
import re
from dataclasses import dataclass

from leakwatch.model import Leak
from leakwatch.report import Report

FRAME = re.compile(r"(?P<file>[^\s(]+\.py):(?P<line>\d+)")
"""How a root names the place of a frame or a callback."""


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the source.

    Attributes:
        file: relative to the current folder where it lies below it, with slashes.
        line: counted from 1.
    """

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


def place_of(leak: Leak, report: Report) -> Place | None:
    """Where the leak is best marked.

    Where the object was made, or the frame that holds it; else the program that was run, at its
    first line, for a service shows no mark without a file. The scope of reports that were combined
    names several programs, and none of them is the place.
    """
    if leak.born is not None and leak.born.line > 0:
        return Place(relative(leak.born.file), leak.born.line)
    found = FRAME.search(leak.path.root.label)
    if found is not None:
        return Place(relative(found["file"]), int(found["line"]))
    is_one_script = report.scope.endswith(".py") and ", " not in report.scope
    return Place(relative(report.scope), 1) if report.kind == "run" and is_one_script else None


def relative(file: str) -> str:
    """A path as code hosts have it: from the folder of the project, where CI runs."""
    try:
        here = os.getcwd()
    except OSError:
        # The program has removed the folder it was in.
        return file.replace(os.sep, "/")
    inside = os.path.isabs(file) and os.path.normpath(file).startswith(here.rstrip(os.sep) + os.sep)
    return (os.path.relpath(file, here) if inside else file).replace(os.sep, "/")
