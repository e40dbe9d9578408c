"""What a format of reports is."""

from collections.abc import Callable
from dataclasses import dataclass

from leakwatch.report import Report


@dataclass(frozen=True, slots=True)
class Renderer:
    """A format that reports can be written in.

    Attributes:
        name: what to give to `--format`, in lower case.
        suffixes: file name endings that mean this format, with the dot; may be empty.
        render: from report to the text of the whole file. It must not raise for any report
            and must write nothing itself; opening files is leakwatch's business.
        description: one line for `leakwatch report --help`.
    """

    name: str
    suffixes: tuple[str, ...]
    render: Callable[[Report], str]
    description: str = ""
