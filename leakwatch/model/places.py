"""A line of the source, with its file as code hosts have it."""

import os
from dataclasses import dataclass


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


def relative(file: str) -> str:
    """A path as code hosts have it: from the folder of the project, where CI runs."""
    try:
        here = os.getcwd()
    except OSError:
        # The program has removed the folder it was in.
        return file.replace(os.sep, "/")
    inside = os.path.isabs(file) and os.path.normpath(file).startswith(here.rstrip(os.sep) + os.sep)
    return (os.path.relpath(file, here) if inside else file).replace(os.sep, "/")
