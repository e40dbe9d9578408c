"""Where in the source a leak can be marked: for annotations, code scanning and test reports."""

import re

from leakwatch.model import Leak, Place
from leakwatch.model.places import relative
from leakwatch.report import Report

FRAME = re.compile(r"(?P<file>[^\s(]+\.py):(?P<line>\d+)")
"""How a root names the place of a frame or a callback."""


def place_of(leak: Leak, report: Report) -> Place | None:
    """Where the leak is best marked.

    Where the object was made, or the frame that holds it, or the line that fills what holds it, or
    that defines it; else the program that was run, at its first line, for a service shows no mark
    without a file. The scope of reports that were combined names several programs, and none of them
    is the place.
    """
    if leak.born is not None and leak.born.line > 0:
        return Place(relative(leak.born.file), leak.born.line)
    found = FRAME.search(leak.path.root.label)
    if found is not None:
        return Place(relative(found["file"]), int(found["line"]))
    told = [place for place in (*leak.filled, leak.defined) if place and place.line > 0]
    if told:
        return told[0]
    is_one_script = report.scope.endswith(".py") and ", " not in report.scope
    return Place(relative(report.scope), 1) if report.kind == "run" and is_one_script else None
