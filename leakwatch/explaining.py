"""A leak of a report explained as the task of mending it, with all that the source adds."""

from dataclasses import asdict
from difflib import get_close_matches

from leakwatch.diagnosis.definitions import with_definitions
from leakwatch.diagnosis.patterns import BY_CODE, Mistake
from leakwatch.errors import ConfigurationError, quoted, shortened
from leakwatch.model import Leak
from leakwatch.report import Report
from leakwatch.reports.mending import Mending
from leakwatch.reports.text import holder_of, path_lines, sentence

MOST_NAMED = 5
"""Leaks named where the one that was asked for is not there."""


def explained_leak(report: Report, signature: str) -> Mending:
    """What has to be known to mend a leak.

    Args:
        report: that has the leak.
        signature: of the leak, or its beginning.

    Raises:
        ConfigurationError: none of its leaks has it, or several begin so.
    """
    leak = leak_of(report, signature)
    leak, *_ = with_definitions([leak], report.scope) if leak.defined is None else [leak]
    pattern = leak.pattern
    if pattern is not None and pattern.code in BY_CODE:  # a report of an older version lacks some
        pattern = BY_CODE[pattern.code].pattern
    cut = leak.path.cut
    return Mending(
        signature=leak.signature,
        found=sentence(leak),
        retained_bytes=leak.retained_bytes + leak.device_bytes,
        holder=leak.cause.holder or str(leak.path.root),
        reference=f"{cut.name} in {holder_of(leak.path, cut)}" if cut is not None else "",
        defined=leak.defined,
        filled=leak.filled,
        added=leak.inserted,
        made=leak.born,
        distribution=leak.distribution,
        pattern=pattern,
        path=tuple(path_lines(leak.path, in_full=True)),
        reasons=leak.reasons,
    )


def explained_pattern(code: str) -> dict[str, str]:
    """What the code of a pattern means, by field.

    Raises:
        ConfigurationError: there is no such code.
    """
    mistake = mistake_of(code)
    return asdict(mistake.pattern)


def mistake_of(code: str) -> Mistake:
    """The pattern of a code, in whatever case it was typed.

    Raises:
        ConfigurationError: there is no such code.
    """
    known = BY_CODE.get(code.upper())
    if known is not None:
        return known
    close = get_close_matches(code.upper(), BY_CODE, n=1)
    hint = f"did you mean {close[0]}? " if close else ""
    raise ConfigurationError(
        f"there is no pattern {quoted(code)}; {hint}`leakwatch explain` lists all of them"
    )


def leak_of(report: Report, signature: str) -> Leak:
    """The leak that a signature, or the beginning of one, is of.

    Raises:
        ConfigurationError: there is none, or there are several; the message lists what there is.
    """
    everything = (*report.leaks, *report.known, *report.in_use)
    found = [leak for leak in everything if leak.signature.startswith(signature)]
    if len(found) == 1:
        return found[0]
    if not everything:
        raise ConfigurationError(f"no leak {quoted(signature)}: the report has no leaks")
    named = found or everything
    there = [f"{leak.signature} ({shortened(leak.type_name)})" for leak in named[:MOST_NAMED]]
    many = "several leaks begin with" if found else "no leak"
    raise ConfigurationError(f"{many} {quoted(signature)}; expected one of {', '.join(there)}")
