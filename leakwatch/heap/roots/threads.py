"""Values of `threading.local`, of every thread.

The C object keeps one dict a thread. Its slots are not named, so each dict is a root of
its own, labelled by where the `threading.local` itself is to be found.
"""

import sys
from collections.abc import Iterator
from types import ModuleType

from leakwatch.heap.fields import inherits, module_namespace, named_entries
from leakwatch.heap.listing import listed_of
from leakwatch.heap.objects import identities
from leakwatch.heap.roots.namespaces import all_classes, named_modules
from leakwatch.heap.roots.root import HeapRoot, RootQuery
from leakwatch.heap.roots.thread_snapshot import of_threads
from leakwatch.interpreter import get_referents
from leakwatch.model.root_kinds import THREAD_LOCAL

LOCAL = "_thread._local"


@of_threads
def thread_local_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The dict of each thread in each `threading.local`."""
    local = _local_type()
    if local is None:
        return
    kinds = identities(cls for cls in all_classes() if inherits(cls, local))
    living = listed_of(kinds)
    names = _global_names(named_modules(), set(map(id, living))) if living else {}
    for found in living:
        label = names.get(id(found), "threading.local()")
        for values in thread_dicts(found):
            yield HeapRoot(THREAD_LOCAL, label, values, "", LOCAL, barrier=True)


def thread_dicts(local: object) -> list[dict[str, object]]:
    """The dicts of all threads in one `threading.local`.

    They lie in a dict keyed by weak references (before 3.13) or by `_localdummy`.
    """
    found = []
    for table in get_referents(local):
        if type(table) is dict:
            found += [values for values in table.values() if type(values) is dict]
    return found


def _local_type() -> type | None:
    local = sys.modules["threading"].__dict__.get("local")
    return local if type(local) is type else None


def _global_names(modules: list[tuple[str, ModuleType]], wanted: set[int]) -> dict[int, str]:
    names: dict[int, str] = {}
    for module, loaded in modules:
        for name, value in named_entries(module_namespace(loaded)):
            if id(value) in wanted:
                names.setdefault(id(value), f"{module}.{name}")
    return names
