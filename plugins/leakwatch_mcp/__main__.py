"""`python -m leakwatch_mcp` is `leakwatch mcp`, for agents that are told a Python."""

import sys

from leakwatch.errors import ConfigurationError
from leakwatch_mcp.command import server

if __name__ == "__main__":
    try:
        serve = server()
    except ConfigurationError as error:
        sys.exit(f"leakwatch: error: {error}")
    serve()
