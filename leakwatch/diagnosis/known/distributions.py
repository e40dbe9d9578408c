"""Known leaks that installed distributions ship as data, without any code.

A distribution announces a folder of TOML files in the entry point group `leakwatch.known`;
the value is the package that is this folder. The package is found, but not imported.
"""

import os
from importlib.util import find_spec

from leakwatch.diagnosis.known.entries import known_leaks_in
from leakwatch.errors import ConfigurationError
from leakwatch.model import KnownLeak


def entries_in(package: str) -> tuple[KnownLeak, ...]:
    """The known leaks in the folder that a package is.

    Raises:
        ConfigurationError: there is no such folder, or a file in it is not understood.
    """
    try:
        spec = find_spec(package)
    except (ImportError, ValueError):
        spec = None
    # A namespace package has the same folder twice where sys.path has.
    places = (spec and spec.submodule_search_locations) or ()
    folders = dict.fromkeys(map(os.path.realpath, places))
    if not folders:
        raise ConfigurationError(
            "entry point group leakwatch.known: expected a package with TOML files, "
            f"found no package {package!r}"
        )
    return tuple(entry for folder in folders for entry in known_leaks_in(folder))
