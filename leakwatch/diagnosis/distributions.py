"""Whose code holds a leak: the installed distribution, by name and version."""

from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions

from leakwatch.heap.fields import loaded
from leakwatch.heap.objects import is_module
from leakwatch.heap.provenance import is_library_module, is_standard_module


@cache
def distribution_of(module: str) -> str:
    """`requests 2.31.0` for a module of an installed package; empty for any other.

    Args:
        module: its name.
    """
    found = loaded(module)
    if is_standard_module(module) or not is_module(found) or not is_library_module(module, found):
        return ""
    return declaring(module.partition(".")[0])


@cache
def declaring(package: str) -> str:
    """The installed distribution that has a package, with its version; empty if none has it.

    Args:
        package: its name; `prometheus_client` gives `prometheus-client 0.17.1` if that is how the
            distribution calls itself, whoever asks.
    """
    try:
        # Most bear the name of their package.
        found = distribution(package)
    except PackageNotFoundError:
        having = next((it for it in distributions() if has_package(it, package)), None)
        if having is None:
            return ""
        found = having
    return f"{found.name} {found.version}"


def has_package(found: Distribution, package: str) -> bool:
    """Whether a distribution has installed a package or a module of that name.

    `packages_distributions` says so of all of them, for which it parses all of their metadata:
    0.2 s where a hundred are installed.
    """
    declared = found.read_text("top_level.txt")
    if declared is not None:
        return package in declared.split()
    files = (found.read_text("RECORD") or "").splitlines()
    return any(line.startswith((f"{package}/", f"{package}.")) for line in files)
