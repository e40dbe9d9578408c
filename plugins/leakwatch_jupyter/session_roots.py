"""What IPython keeps of each cell, as roots: in use, and no leak of the cell."""

import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from leakwatch import hookimpl
from leakwatch.extending import HeapRoot, KnownLeak, RootKind, RootProvider, RootQuery, Wave

KEPT = RootKind(
    "IPython's", lasts="IPython keeps it until the session ends, or `%reset`", wave=Wave.IN_USE
)
RESULT = re.compile(r"_{1,3}|_[0-9]+|_oh|Out")
"""Names under which a session has results of cells."""


HOOKS = KnownLeak(
    "ipykernel-hooks",
    "a stream of the kernel keeps a list in each thread that has written to it",
    type_name="builtins.list",
    holder="threading.local().hooks",
)


def names_of_results(namespace: Mapping[str, object]) -> list[str]:
    """Those of IPython's names of results that a session has."""
    return [name for name in namespace if RESULT.fullmatch(name)]


class SessionRoots:
    """The hooks that tell what the session keeps.

    Args:
        shell: the session, which is asked now: while leakwatch judges nothing is.
    """

    def __init__(self, shell: Any) -> None:
        history = shell.history_manager
        self._places: dict[str, object] = {
            "Out": history.output_hist,
            "_": shell.displayhook,
            "last error": shell.InteractiveTB,
            "history": history,
            "outputs": getattr(history, "outputs", None),
            "hidden variables": shell.user_ns_hidden,
            "output": sys.stdout,
            "errors": sys.stderr,
            "session": shell,
            "kernel": getattr(shell, "kernel", None),
        }

    @hookimpl
    def leakwatch_root_providers(self) -> Iterable[RootProvider]:
        """See `leakwatch.hookspecs`."""
        return [self._roots]

    @hookimpl
    def leakwatch_known_leaks(self) -> list[KnownLeak]:
        """See `leakwatch.hookspecs`."""
        return [HOOKS]

    def _roots(self, query: RootQuery) -> Iterator[HeapRoot]:
        for name, place in self._places.items():
            if place is not None:
                # Barriers: IPython's modules lead to all of them, and would be the holders.
                yield HeapRoot(KEPT, name, place, barrier=True)
