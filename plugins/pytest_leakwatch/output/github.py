"""Annotations on GitHub: workflow commands that mark the leaking tests in a pull request."""

import os
from collections.abc import Iterator

from leakwatch.extending import Place, workflow_command
from pytest_leakwatch.output.text import headline
from pytest_leakwatch.verdict.findings import Findings, Location


def workflow_commands(findings: Findings, root: str, *, failing: bool) -> Iterator[str]:
    """One workflow command a leaking test.

    Args:
        findings: of the whole run.
        root: pytest's root directory, where the locations start.
        failing: whether a leak fails its test, or is only told.
    """
    level = "error" if failing else "warning"
    for nodeid in findings.leaking_tests():
        marked = place(findings.locations[nodeid], root)
        told = headline(findings.leaks_of(nodeid), findings.title_of(nodeid))
        yield workflow_command(level, f"leak in {nodeid}", told, marked)


def place(location: Location, root: str) -> Place:
    """File from the root of the repository on, and line from 1 on."""
    file, line, _ = location
    repository = os.environ.get("GITHUB_WORKSPACE") or root
    return Place(os.path.relpath(os.path.join(root, file), repository), (line or 0) + 1)
