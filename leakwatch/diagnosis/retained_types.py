"""Types that only the survivors keep alive, and the object that a leak is named after.

The outermost survivor is what a container holds, so its path is the one to cut. It need not
be what the reader knows the leak by: see `leakwatch.paths.routes`.
"""

from collections.abc import Sequence
from dataclasses import replace

from leakwatch.diagnosis.judgement import Inspector
from leakwatch.diagnosis.verdicts import awaited_by, beyond
from leakwatch.heap.objects import full_type_name, module_name
from leakwatch.heap.provenance import is_standard_module
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Company, Leak
from leakwatch.paths.names.name import Namer, described, full_name
from leakwatch.paths.names.references import name_path
from leakwatch.paths.question import Trace

MOST_KINDS = 20
"""Types reported of one leak."""
BELONGING = "most of what came along refers to it"


class RetainedTypes:
    """How many objects of each type all survivors of one leak retain beside themselves."""

    __slots__ = ("_counts", "_kinds")

    def __init__(self) -> None:
        # By id: a class with a metaclass may have a hash of its own.
        self._kinds: dict[int, type] = {}
        self._counts: dict[int, int] = {}

    def add(self, trace: Trace) -> None:
        """Count what one survivor retains."""
        for cls, number in trace.company:
            self._kinds[id(cls)] = cls
            self._counts[id(cls)] = self.number_of(cls) + number

    def join(self, other: "RetainedTypes") -> None:
        """Count what other survivors retain as well."""
        for cls in other._kinds.values():
            self._kinds[id(cls)] = cls
            self._counts[id(cls)] = self.number_of(cls) + other.number_of(cls)

    def listed(self) -> tuple[Company, ...]:
        """The types, nearest first, those of the standard library last."""
        kinds = sorted(self._kinds.values(), key=lambda cls: is_standard_module(module_name(cls)))
        return tuple(
            Company(full_type_name(cls), self._counts[id(cls)]) for cls in kinds[:MOST_KINDS]
        )

    def number_of(self, cls: type) -> int:
        """How many objects of exactly this type are retained."""
        return self._counts.get(id(cls), 0)


def with_retained_types(
    leak: Leak,
    types: RetainedTypes,
    first: Trace,
    inspectors: Sequence[Inspector],
    namers: Sequence[Namer],
) -> Leak:
    """The leak with what it retains, named after the centre of that if each survivor has one.

    The signature stays that of the outermost survivor: it must not depend on what a release
    of a library lets its objects refer to.
    """
    leak = replace(leak, company=types.listed())
    chain = first.route.to_centre() if leak.company else ()
    if not chain or types.number_of(type(chain[-1])) != leak.count:
        return leak
    steps = name_path(HeapRoot("", "", chain[0]), chain, namers)
    kind, target = described(chain[-1])
    path = replace(
        leak.path,
        references=(
            *leak.path.references,
            *beyond(steps, leak.path.target_reason, inspectors),
        ),
        target_type=target,
        target_reason=BELONGING,
        target_kind=kind,
        target_state="",
        target_awaited_by=awaited_by(kind, chain[-1]),
    )
    name = full_name(chain[-1])
    # The outermost survivors are now among what comes with the one that the leak is named after.
    others = (it for it in leak.company if it.type_name != name)
    company = (Company(leak.type_name, leak.count), *others)
    return replace(leak, type_name=name, path=path, company=company)
