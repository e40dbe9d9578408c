"""What threads hold, kept across a fork: in the child there is only the thread that forked.

The interpreter frees the frames, contexts and thread-locals of the others in the child. Their
variables are therefore read before the fork, and what would be freed is held meanwhile.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import Context
from functools import wraps
from threading import Thread
from typing import TypeVar

from leakwatch.heap.objects import identities
from leakwatch.heap.roots.root import HeapRoot, RootProvider, RootQuery

Provider = TypeVar("Provider", bound=Callable[[RootQuery], Iterable[HeapRoot]])

_providers: list[RootProvider] = []
_kept: dict[int, list[HeapRoot]] = {}


def of_threads(provider: Callable[[RootQuery], Iterator[HeapRoot]]) -> RootProvider:
    """Mark a root provider whose answer depends on which threads run."""
    number = len(_providers)
    _providers.append(provider)

    @wraps(provider)
    def kept_or_asked(query: RootQuery) -> Iterable[HeapRoot]:
        kept = _kept.get(number)
        return provider(query) if kept is None else kept

    return kept_or_asked


@contextmanager
def kept_across_fork(query: RootQuery) -> Iterator[Callable[[], None]]:
    """Let the marked providers answer now, and give the same answers inside the block.

    Yields:
        what a forked child must call before it judges.
    """
    # Here, not above: `import leakwatch` needs the asking frame, and no walk.
    from leakwatch.heap.listing import listed_of

    for number, provider in enumerate(_providers):
        _kept[number] = list(provider(query))
    contexts = listed_of(identities([Context]))
    threads = dict(registry())
    try:
        yield lambda: registry().update(threads)
    finally:
        _kept.clear()
        contexts.clear()


def registry() -> dict[int, Thread]:
    """The threads that `threading` takes for alive, by identity."""
    active: dict[int, Thread] = sys.modules["threading"].__dict__["_active"]
    return active
