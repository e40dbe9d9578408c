"""Causes over many reports: each is told once, and then counted, in bounded memory.

What exports findings, to metrics, logs or events, meets one bug in thousands of reports.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from leakwatch.errors import ConfigurationError
from leakwatch.model import Leak
from leakwatch.report import Report

OTHER = "other"
"""What stands for a signature, and for a type, beyond the most that are counted one by one."""
MOST = 100
LONGEST = 200
"""Characters of the names of types and causes; a program can make them of any length."""


@dataclass(frozen=True, slots=True)
class Find:
    """A cause in one report.

    Attributes:
        leak: as the report has it.
        signature: of the cause, or `other`.
        type_name: what the cause is told by, the lead type when it was found first; or `other`.
        times: how often it was found by now, this time included; of `other`, how often any was.
        is_new: whether this is the first time. Of `other` it never is: nobody knows.
    """

    leak: Leak
    signature: str
    type_name: str
    times: int
    is_new: bool

    @property
    def is_other(self) -> bool:
        """Whether it stands for all causes beyond the most, and so for no figures of one."""
        return self.signature == OTHER

    @property
    def cause(self) -> str:
        """The reference to cut, without keys and indexes."""
        return str(self.leak.cause)[:LONGEST]


def outcome(report: Report) -> str:
    """How a judgement ended: `leaks`, `not judged`, `partial`, `clean`; the first that is true."""
    ends = (
        (bool(report.leaks), "leaks"),
        (report.not_judged is not None, "not judged"),
        (report.partial is not None, "partial"),
    )
    return next((name for is_true, name in ends if is_true), "clean")


def is_news(report: Report) -> bool:
    """Whether there is more to tell than that a scope was clean, or an answer to a question."""
    found = report.leaks or report.known or report.not_judged or report.partial
    return report.kind != "why" and (report.kind != "scope" or bool(found))


class Tally:
    """Counts causes by signature.

    Args:
        most: how many causes are counted one by one; what comes later is `other`.

    Raises:
        ConfigurationError: that is no number above 0.
    """

    def __init__(self, most: int = MOST) -> None:
        if type(most) is not int or most < 1:
            raise ConfigurationError(
                f"most_causes: expected a whole number, 1 or more, got {str(most)[:40]!r}"
            )
        self._places = iter(range(most))
        self._counts: dict[str, tuple[str, count[int]]] = {}
        self._other = OTHER, count(1)
        self._last: dict[str, Find] = {}

    def add(self, report: Report) -> list[Find]:
        """Count the causes of one report.

        Args:
            report: with causes among its leaks; and among what is known those that a monitor has
                told before, if they were counted then.
        """
        again = (leak for leak in report.known if leak.signature in self._counts)
        return [self._find(leak) for leak in (*report.leaks, *again)]

    def last(self) -> Iterator[Find]:
        """Each cause as it was found last; `other` as the last of those that it stands for."""
        yield from list(self._last.values())

    def _find(self, leak: Leak) -> Find:
        signature, (type_name, times) = self._place_of(leak)
        number = next(times)
        is_new = number == 1 and signature is not OTHER
        found = self._last[signature] = Find(leak, signature, type_name, number, is_new)
        return found

    def _place_of(self, leak: Leak) -> tuple[str, tuple[str, "count[int]"]]:
        known = self._counts.get(leak.signature)
        if known is None:
            if next(self._places, None) is None:
                return OTHER, self._other
            fresh = leak.type_name[:LONGEST], count(1)
            known = self._counts.setdefault(leak.signature, fresh)
        return leak.signature, known
