"""What the survivors of a leak bring along, and by which of it the leak is told.

The outermost survivor is what a container holds, so its path is the one to cut. It need not
be what the reader knows the leak by: see `leakwatch.paths.routes`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from leakwatch.diagnosis.judgement import Inspector
from leakwatch.diagnosis.verdicts import beyond
from leakwatch.heap.objects import full_type_name, module_name
from leakwatch.heap.provenance import is_standard_module
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Company, Leak
from leakwatch.paths.names.name import Namer
from leakwatch.paths.names.references import name_path
from leakwatch.paths.names.types import described, full_name
from leakwatch.paths.question import Trace

MOST_KINDS = 20
"""Types told of one leak."""
BELONGING = "most of what came along refers to it"


class Companies:
    """The kinds that come along with all survivors of one leak."""

    __slots__ = ("_counts", "_kinds", "first")

    def __init__(self, first: Trace) -> None:
        """Start with the survivor whose path stands for all."""
        self.first = first
        # By id: a class with a metaclass may have a hash of its own.
        self._kinds: dict[int, type] = {}
        self._counts: dict[int, int] = {}

    def add(self, trace: Trace) -> None:
        """Count what one survivor brings along."""
        for cls, number in trace.company:
            self._count(cls, number)

    def join(self, other: "Companies") -> None:
        """Count what came along with other survivors as well."""
        if other is not self:
            for cls in other._kinds.values():
                self._count(cls, other.number_of(cls))

    def _count(self, cls: type, number: int) -> None:
        self._kinds[id(cls)] = cls
        self._counts[id(cls)] = self.number_of(cls) + number

    def told(self) -> tuple[Company, ...]:
        """The kinds, nearest first, those of the standard library last."""
        kinds = sorted(self._kinds.values(), key=is_of_the_standard_library)
        return tuple(
            Company(full_type_name(cls), self._counts[id(cls)]) for cls in kinds[:MOST_KINDS]
        )

    def number_of(self, cls: type) -> int:
        """How many of exactly this type came along."""
        return self._counts.get(id(cls), 0)


def is_of_the_standard_library(cls: type) -> bool:
    """Whether a type is the standard library's, or builtin."""
    return is_standard_module(module_name(cls))


def with_company(
    leak: Leak, companies: Companies, inspectors: Sequence[Inspector], namers: Sequence[Namer]
) -> Leak:
    """The leak with what comes along, told by the centre of that if each survivor has one.

    The signature stays that of the outermost survivor: it must not depend on what a release
    of a library lets its objects refer to.
    """
    leak = replace(leak, company=companies.told())
    chain = companies.first.route.to_centre() if leak.company else ()
    if not chain or companies.number_of(type(chain[-1])) != leak.count:
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
    )
    name = full_name(chain[-1])
    outermost = Company(leak.type_name, leak.count)
    return replace(leak, type_name=name, path=path, company=beside(name, outermost, leak.company))


def beside(name: str, outermost: Company, company: Iterable[Company]) -> tuple[Company, ...]:
    """The company of the type that the leak is told by: the outermost is now among it."""
    return (outermost, *(kind for kind in company if kind.type_name != name))
