"""`python -m leakwatch` is the `leakwatch` program."""

import sys

from leakwatch.cli import main

if __name__ == "__main__":
    sys.exit(main())
