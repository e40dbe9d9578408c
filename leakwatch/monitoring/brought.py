"""Brings leakwatch into a process that has not heard of it, to answer one question there.

The text of this file runs in that process, with a call of `bring` behind it, between any two
instructions of its main thread. That thread may hold any lock, so nothing is imported and nothing
waited for on it: a thread of its own does the rest.
"""

import sys
from _thread import start_new_thread

TYPE_CHECKING = False  # `typing` need not be loaded there
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec
    from socket import socket


def bring(place: str, homes: dict[str, str], version: str) -> None:
    """Begin to answer, on another thread.

    Args:
        place: the socket at which somebody waits with a question.
        homes: the packages that are needed, each with its folder.
        version: of the leakwatch that asks.
    """
    start_new_thread(meet, (place, homes, version))


def meet(place: str, homes: dict[str, str], version: str) -> None:
    """Answer one question; who has gone away meanwhile gets no answer."""
    from socket import AF_UNIX, socket

    lender = Lender(homes)
    with socket(AF_UNIX) as connection:
        try:
            connection.connect(place)
            sys.meta_path.append(lender)
            answer(connection, version)
        except OSError:
            return
        finally:
            # By identity: others may compare as they like.
            for at, finder in enumerate(sys.meta_path):
                if finder is lender:
                    del sys.meta_path[at]
                    break


def answer(connection: "socket", version: str) -> None:
    """Have leakwatch answer, or say why it cannot."""
    import json
    from importlib import import_module

    try:
        # By name: the one that answers is in the process, and not above this file.
        found = import_module("leakwatch").__version__
        api = import_module("leakwatch.api")
        said = f"it has leakwatch {found}, and {version} asks; ask with the one that it has"
    except Exception as error:  # noqa: BLE001 - whatever an import raises is the answer
        found, said = None, f"leakwatch cannot be imported there: {type(error).__name__}: {error}"
    if found == version:
        api.answer_at(connection)
    else:
        connection.recv(1 << 16)  # what was asked: who is not heard out gets no answer
        connection.sendall(json.dumps({"error": said}).encode() + b"\n")


class Lender:
    """Finds the packages that are needed, while a question is answered; `sys.path` stays as it is.

    It comes behind all others, so that what the program has of its own is taken first.
    """

    def __init__(self, homes: dict[str, str]) -> None:
        self.homes = homes

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> "ModuleSpec | None":
        """See `importlib.abc.MetaPathFinder`."""
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, [self.homes[name]]) if name in self.homes else None
