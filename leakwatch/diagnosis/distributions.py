"""Whose code holds a leak: the installed distribution, by name and version."""

from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from itertools import accumulate
from typing import Any

from leakwatch.heap.fields import entry, loaded
from leakwatch.heap.objects import is_module, module_namespace
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
    return declaring(package_of(module))


def package_of(module: str) -> str:
    """The outermost package of a module that one distribution has alone.

    `google.cloud.storage` of `google.cloud.storage.blob`: many distributions put a part into a
    package without a file of its own.
    """
    names = list(accumulate(module.split("."), "{}.{}".format))
    return next((it for it in names if has_a_file(loaded(it))), names[0])


def has_a_file(module: Any) -> bool:
    """Whether a loaded module has a file, which a namespace of several distributions has not."""
    return is_module(module) and type(entry(module_namespace(module), "__file__")) is str


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
    path = package.replace(".", "/")
    if declared is not None and path == package:
        return package in declared.split()
    files = (found.read_text("RECORD") or "").splitlines()
    return any(line.startswith((f"{path}/", f"{path}.")) for line in files)
