"""Which of the parts in C are in use, and why not: each has a twin in Python.

They are left out by `LEAKWATCH_PURE=1`, by a free-threaded build where they rely on the
interpreter's lock, and where no compiler was at hand when leakwatch was installed.
"""

import os
import sysconfig
from importlib import import_module
from types import ModuleType


def native_part(name: str, *, needs_lock: bool = True) -> tuple[ModuleType | None, str]:
    """A part in C, or None and the reason why its twin has to do.

    Args:
        name: of the extension module.
        needs_lock: whether it relies on the interpreter's lock.
    """
    if os.environ.get("LEAKWATCH_PURE", "") not in {"", "0"}:
        return None, "LEAKWATCH_PURE is set"
    if needs_lock and sysconfig.get_config_var("Py_GIL_DISABLED"):
        return None, "this Python has no global lock"
    try:
        return import_module(name), ""
    except ModuleNotFoundError:
        return None, "the native one was not compiled at installation"
    except ImportError as error:
        return None, f"the native one cannot be loaded: {error}"
