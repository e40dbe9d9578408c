"""Whether what is installed is a version that an entry is about."""

import platform
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


def is_in(installed: str, affected: str) -> bool:
    """Whether a version is among those that a specifier of PEP 440 names; empty names all."""
    # 15 ms, which only a report with a leak that looks like a known one has to pay.
    from packaging.specifiers import SpecifierSet
    from packaging.version import InvalidVersion, Version

    try:
        return SpecifierSet(affected).contains(Version(installed), prereleases=True)
    except InvalidVersion:
        # A distribution that numbers in its own way; better to accuse it than to excuse it.
        return False


def unfit_fixed(affected: str, fixed: tuple[str, ...]) -> str | None:
    """The first version that is called fixed and affected at the same time, or None.

    Raises:
        ValueError: the specifier or a version is not one of PEP 440.
    """
    from packaging.specifiers import SpecifierSet
    from packaging.version import Version

    specifier = SpecifierSet(affected)
    return next((it for it in fixed if specifier.contains(Version(it), prereleases=True)), None)
