"""The codes and signatures that may stand at the cursor, see `leakwatch.cli.completing`."""

import argparse
from collections.abc import Mapping
from contextlib import suppress

from leakwatch.cli.commands.baseline import baseline_of
from leakwatch.cli.input import STDIN, report_in
from leakwatch.cli.parsing import configured
from leakwatch.errors import LeakwatchError


def codes(**_: object) -> Mapping[str, str]:
    """What `leakwatch explain` knows, with titles."""
    from leakwatch.diagnosis.known.entries import shipped
    from leakwatch.diagnosis.patterns import BY_CODE

    own = {code: BY_CODE[code].pattern.title for code in sorted(BY_CODE)}
    return own | {entry.id: entry.title for entry in shipped() if entry.fails}


def codes_or_signatures(*, parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
    """What `leakwatch explain` takes: signatures where the line names a report, else codes."""
    if getattr(parsed_args, "report", None) is None:
        return codes()
    return signatures(parsed_args=parsed_args)


def signatures(*, parsed_args: argparse.Namespace, **_: object) -> Mapping[str, str]:
    """Signatures of the report that the line names, else of the project's baseline."""
    with suppress(LeakwatchError):
        report = getattr(parsed_args, "report", None)
        # Stdin is not there to be read while a line is typed.
        return signatures_in(report) if report not in (None, STDIN) else accepted(parsed_args)
    return {}


def signatures_in(file: str) -> Mapping[str, str]:
    """The leaks of a report, with what they are leaks of."""
    report = report_in(file)
    return {it.signature: it.type_name for it in (*report.leaks, *report.known, *report.in_use)}


def accepted(parsed_args: argparse.Namespace) -> Mapping[str, str]:
    """The leaks that the baseline accepts, with the reasons."""
    return {it.signature: it.reason for it in baseline_of(configured(parsed_args)).entries}
