"""Known leaks that installed distributions ship as data, without any code.

A distribution announces a folder of TOML files in the entry point group `leakwatch.known`;
the value is the package that is this folder. The package is found, but not imported.
"""

import importlib.util
import os
from dataclasses import dataclass

from leakwatch.errors import ConfigurationError
from leakwatch.model import KnownLeak

GROUP = "leakwatch.known"


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of known leaks.

    Attributes:
        package: the package that is this folder.
    """

    package: str

    def entries(self) -> tuple[KnownLeak, ...]:
        """What is in the folder.

        Raises:
            ConfigurationError: there is no such folder, or a file in it is not understood.
        """
        from leakwatch.diagnosis.known.entries import known_leaks_in

        try:
            spec = importlib.util.find_spec(self.package)
        except (ImportError, ValueError):
            spec = None
        # A namespace package has the same folder twice where sys.path has.
        places = (spec and spec.submodule_search_locations) or ()
        folders = dict.fromkeys(map(os.path.realpath, places))
        if not folders:
            raise ConfigurationError(
                f"entry point group {GROUP}: expected a package with TOML files, "
                f"found no package {self.package!r}"
            )
        return tuple(entry for folder in folders for entry in known_leaks_in(folder))
