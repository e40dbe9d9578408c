"""A cell of a notebook as a scope: what it made and left behind.

    %load_ext leakwatch_jupyter

    %%leakwatch
    checkout()

What IPython keeps of a cell, `Out` and `_`, is in use.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

__all__ = ["load_ipython_extension"]


def load_ipython_extension(ipython: "InteractiveShell") -> None:
    """Give a session the magic `%%leakwatch`; IPython calls this for `%load_ext`."""
    from leakwatch_jupyter.magic import add_magic

    add_magic(ipython)
