"""Annotations on GitHub: workflow commands that mark the leaking tests in a pull request.

The form is that of GitHub's documentation, "Workflow commands for GitHub Actions".
"""

import os
from collections.abc import Iterator

from pytest_leakwatch.findings import Findings, Location
from pytest_leakwatch.wording import headline

ESCAPES = {"%": "%25", "\r": "%0D", "\n": "%0A"}
PROPERTY_ESCAPES = {**ESCAPES, ":": "%3A", ",": "%2C"}


def workflow_commands(findings: Findings, root: str, *, failing: bool) -> Iterator[str]:
    """One workflow command a leaking test.

    Args:
        findings: of the whole run.
        root: pytest's root directory, where the locations start.
        failing: whether a leak fails its test, or is only told.
    """
    level = "error" if failing else "warning"
    for nodeid in findings.leaking_tests():
        file, line = place(findings.locations[nodeid], root)
        told = headline(findings.leaks_of(nodeid), findings.title_of(nodeid))
        yield (
            f"::{level} file={escaped(file, PROPERTY_ESCAPES)},line={line},"
            f"title={escaped(f'leak in {nodeid}', PROPERTY_ESCAPES)}::{escaped(told, ESCAPES)}"
        )


def place(location: Location, root: str) -> tuple[str, int]:
    """File from the root of the repository on, and line from 1 on."""
    file, line, _ = location
    repository = os.environ.get("GITHUB_WORKSPACE") or root
    return os.path.relpath(os.path.join(root, file), repository), (line or 0) + 1


def escaped(text: str, escapes: dict[str, str]) -> str:
    """Text that cannot end a command or start another one."""
    return "".join(escapes.get(char, char) for char in text)
