"""The exit codes, by name, and the one that a report means."""

from leakwatch.report import Report

CLEAN = 0
LEAKS = 1
USAGE = 2
FAULT = 3
"""leakwatch itself failed, or something was not judged: no leak in sight proves nothing then."""
INTERRUPTED = 130
"""What a shell gives for a program that Ctrl-C ended: 128 and the number of SIGINT."""


def exit_code(report: Report) -> int:
    """What a report means; of several reports the largest code counts."""
    if report.not_judged:
        return FAULT
    return CLEAN if report.ok else LEAKS
