"""Whether what is installed is a version that an entry is about."""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from leakwatch.model import KnownLeak

INTERPRETER = "cpython"
"""Name of the interpreter itself among the distributions."""


def concerns_this_installation(known: KnownLeak) -> bool:
    """Whether an affected version of the entry's distribution is installed."""
    if not known.distribution:
        return True
    installed = installed_version(known.distribution)
    return installed is not None and is_in(installed, known.affected)


def installed_version(distribution: str) -> str | None:
    """The version of a distribution or of the interpreter; None if it is not installed."""
    if distribution == INTERPRETER:
        return platform.python_version()
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def is_in(installed: str, affected: Sequence[str]) -> bool:
    """Whether a version is in one of the ranges, specifiers of PEP 440; none means every one."""
    # 15 ms, which only a report with a leak that looks like a known one has to pay.
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        version = Version(installed)
        ranges = [SpecifierSet(text) for text in affected or [""]]
    except (InvalidVersion, InvalidSpecifier):
        # A distribution, or a plugin's entry, that numbers in its own way; better to accuse it
        # than to excuse it.
        return False
    return any(it.contains(version, prereleases=True) for it in ranges)


def unfit_fixed(affected: Sequence[str], fixed: Sequence[str]) -> str | None:
    """The first version that is called fixed and is affected at the same time, or None.

    Raises:
        ValueError: a specifier or a version is not one of PEP 440.
    """
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    ranges = [SpecifierSet(text) for text in affected or [""]]
    versions = {text: Version(text) for text in fixed}
    found = (
        text
        for text, version in versions.items()
        if any(it.contains(version, prereleases=True) for it in ranges)
    )
    return next(found, None)
