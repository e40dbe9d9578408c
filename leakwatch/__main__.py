"""`python -m leakwatch` is the `leakwatch` program."""

import os
import sys


def leave_the_current_folder() -> None:
    """Put the interpreter's folder first on the path, where `-m` put the current one.

    The console script has such a folder there too. A module of whatever folder one stands in must
    not run because a file there calls it a plugin, nor for the name of one that we import. The
    program that is run finds its own folder there again.
    """
    if sys.flags.safe_path:
        return
    try:
        here = os.getcwd()
    except OSError:
        # Python puts nothing there if the folder is gone.
        sys.path.insert(0, os.path.dirname(sys.executable))
        return
    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if sys.path[0] == here != ours:
        sys.path[0] = os.path.dirname(sys.executable)


if __name__ == "__main__":
    leave_the_current_folder()
    from leakwatch.cli import main

    sys.exit(main())
