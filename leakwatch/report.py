"""The report: what one judgement found, as frozen plain data.

How a report is written as text or to a file is the business of the renderers, which come
in through plugins. The report reaches them through the port in `leakwatch.presenting`.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from os import PathLike
from typing import Any

from leakwatch.model import Environment, Leak, MemoryGrowth, Settling
from leakwatch.presenting import presenter

SCHEMA = "leakwatch.report/2"


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """What outlived its scope, what holds it, and how much of the growth that explains.

    Attributes:
        scope: name of the scope, of the work or of the question.
        kind: what was asked: `scope`, `check`, `why`, `hunt`, `growing` or `run`.
        leaks: what should have died, largest retained size first.
        known: leaks that a matcher, an allowance or the baseline accepts.
        in_use: survivors held only by the frames that opened the scope, or their callers.
        memory: figures of the process at both ends, or None if none were taken.
        explained_share: share (0..1) of the collector's objects that a named root explains;
            1.0 where nothing had to be walked.
        partial: why the answer is incomplete (a budget ran out), or None.
        not_judged: why there is no judgement (or not of everything), or None.
        settling: what was done before judging.
        notes: facts the reader should know: untrackable objects, broken plugins.
        environment: what it was made on; None for a clean scope, which costs microseconds.
    """

    scope: str
    kind: str = "scope"
    leaks: tuple[Leak, ...] = ()
    known: tuple[Leak, ...] = ()
    in_use: tuple[Leak, ...] = ()
    memory: MemoryGrowth | None = None
    explained_share: float = 1.0
    partial: str | None = None
    not_judged: str | None = None
    settling: Settling = field(default_factory=Settling)
    notes: tuple[str, ...] = ()
    environment: Environment | None = None

    @property
    def ok(self) -> bool:
        """True when there is no leak; known leaks and objects in use do not count."""
        return not self.leaks

    def to_dict(self) -> dict[str, Any]:
        """The report as lists, dicts, strings and numbers, ready for JSON."""
        return {"schema": SCHEMA, "ok": self.ok, **asdict(self)}

    def save(self, path: str | PathLike[str]) -> None:
        """Write the report to a file; the suffix decides the format.

        Args:
            path: ends in `.json`, `.html`, `.md`, `.txt` or a suffix that a plugin offers.

        Raises:
            ReportFileError: the suffix is unknown, the file cannot be written, or the plugin
                that offers the format failed.
        """
        presenter().save(self, path)

    @staticmethod
    def load(path: str | PathLike[str]) -> "Report":
        """Read a report that was saved as JSON.

        Args:
            path: a file written by `save` or by `leakwatch run -o`.

        Raises:
            ReportFileError: the file is no leakwatch report; the message says where.
        """
        return presenter().load(path)

    def _repr_html_(self) -> str | None:
        # Notebooks ask for it; None makes them print the report as any other value.
        return presenter().fragment(self)

    def __str__(self) -> str:
        return presenter().text(self).rstrip("\n")

    def __repr__(self) -> str:
        """One line; `str` gives the text, and `to_dict` every field."""
        counts = {"leaks": self.leaks, "known": self.known, "in_use": self.in_use}
        found = ", ".join([f"{it}={len(counts[it])}" for it in counts if counts[it]])
        state = "not judged" if self.not_judged else found or "no leaks"
        return f"<Report {self.kind} {self.scope!r}: {state}>"


def largest_first(leaks: Iterable[Leak]) -> tuple[Leak, ...]:
    """By retained size; the signature decides between equals."""
    return tuple(sorted(leaks, key=lambda leak: (-leak.retained_bytes, leak.signature)))


def count_objects(leaks: Iterable[Leak]) -> int:
    """Number of surviving objects in these leaks, of all types."""
    return sum(leak.survivors or leak.count for leak in leaks)
