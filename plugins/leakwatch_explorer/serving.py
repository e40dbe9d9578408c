"""A server for this machine alone, until Ctrl-C."""

import socket
import sys
from collections.abc import Sequence

import uvicorn

from leakwatch import Snapshot
from leakwatch.errors import ConfigurationError
from leakwatch_explorer.application import application
from leakwatch_explorer.guard import Guard, new_token

LOOPBACK = "127.0.0.1"


def serve(heaps: Sequence[Snapshot], port: int) -> int:
    """Answer until Ctrl-C.

    Args:
        heaps: to look around in.
        port: to listen on; 0 takes one that is free.

    Returns:
        the exit code.

    Raises:
        ConfigurationError: the port is taken.
    """
    listening = listener(port)
    port = listening.getsockname()[1]
    token = new_token()
    hosts = frozenset({f"{LOOPBACK}:{port}", f"localhost:{port}"})
    guarded = Guard(application(heaps), token, hosts)
    # The log of accesses has the token in each line.
    config = uvicorn.Config(
        guarded,
        access_log=False,
        log_level="warning",
        lifespan="off",
        server_header=False,
        ws="none",
    )
    sys.stdout.write(f"http://{LOOPBACK}:{port}/{token}/\n")
    sys.stdout.flush()
    sys.stderr.write("leakwatch: open this address; Ctrl-C ends it\n")
    try:
        uvicorn.Server(config).run(sockets=[listening])
    except KeyboardInterrupt:
        pass  # the way to end it
    finally:
        listening.close()
    return 0


def listener(port: int) -> socket.socket:
    """A socket that only this machine reaches."""
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ConfigurationError(
            f"--port {port}: {reason.lower()}; without --port a free one is taken"
        ) from None
