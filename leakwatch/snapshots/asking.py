"""Why objects in a file are alive: the question and the rules of `leakwatch.why`, over numbers."""

import ast
import sys
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cached_property, lru_cache
from heapq import nlargest, nsmallest
from itertools import pairwise

from leakwatch.diagnosis.finding import Tools
from leakwatch.diagnosis.judgement import Judgement
from leakwatch.diagnosis.known.matching import separate
from leakwatch.diagnosis.leaks import diagnose, with_distributions
from leakwatch.diagnosis.verdicts import asked_once
from leakwatch.heap.edges import INDEX, Name
from leakwatch.heap.roots.homes import Homes
from leakwatch.heap.roots.root import HeapRoot
from leakwatch.model import Environment, Reference, RetentionPath, Root
from leakwatch.model.leaks import folded
from leakwatch.model.root_kinds import MODULE_GLOBAL, NATIVE_CODE, Wave, root_kind
from leakwatch.paths.names.name import Named
from leakwatch.paths.names.references import name_path
from leakwatch.paths.question import Shape, Trace
from leakwatch.paths.routes import KnownRoute
from leakwatch.plugin_manager import plugins
from leakwatch.report import Report
from leakwatch.snapshots.facts import VERDICTS
from leakwatch.snapshots.heap_file import HeapFile, RootInFile
from leakwatch.snapshots.likenesses import Likenesses
from leakwatch.snapshots.naming import MOST_HOPS
from leakwatch.snapshots.unreached import Unreached
from leakwatch.snapshots.walking import HIDDEN_EDGE, NO_EDGE, Walk
from leakwatch.stages import Stage, begins, each_of

CLOSE = 3
"""Names suggested for a type that has no instances."""
NO_ROOT = "(no root of the file leads to it: native code or a cycle)"
CONTAINERS = frozenset(
    f"{module}.{name}"
    for module, names in {
        "builtins": "dict list tuple set frozenset frozendict",
        "collections": "OrderedDict defaultdict deque",
    }.items()
    for name in names.split()
)
ENTRY, KEY, BORN, ROOT = "[*]", ".<key>", "held by a survivor", "held by the root"
MOST_SHAPES = 1 << 12
"""Shapes that are kept at hand: of a million survivors most have one of a few."""
INSIDE = frozenset({ENTRY, KEY, BORN})


def why(file: HeapFile, wanted: str, most: int | None = None) -> Report:
    """What holds the objects of a type in a file.

    Args:
        file: the heap.
        wanted: `module.qualname` or the qualified name of the type.
        most: ways to be told at the most, those first that retain most; None for all.

    Returns:
        a report as `leakwatch.why` gives it.
    """
    kinds = {i for i, it in enumerate(file.facts.types) if wanted in (it.full_name, it.name)}
    return held(file, wanted, kinds, most)


LARGEST = "what takes most"
"""What a report is on that nobody has asked for a type."""


def report_on_largest(file: HeapFile, top: int) -> Report:
    """What holds the objects of the program's own types that take most; see `Snapshot.report`."""
    largest = most_bytes(file, own_types(file), top)
    if not largest:
        return report_of(file, LARGEST, not_judged="no object is of a type of the program")
    return held(file, LARGEST, set(largest))


def own_types(file: HeapFile) -> set[int]:
    """The classes that neither the standard library nor a distribution has."""
    installed = {module.partition(".")[0] for module in file.facts.distributions}
    foreign = installed | sys.stdlib_module_names | {"builtins", "leakwatch", "weakrefs"}
    return {
        number
        for number, it in enumerate(file.facts.types)
        if it.heap and it.module and it.module.partition(".")[0] not in foreign
    }


def most_bytes(file: HeapFile, kinds: set[int], top: int) -> list[int]:
    """Those of some types whose instances take most."""
    totals = dict.fromkeys(kinds, 0)
    for kind, size, atoms in zip(file.types, file.sizes, file.atoms, strict=True):
        if kind in totals:
            totals[kind] += size + atoms
    return nsmallest(top, (it for it in totals if totals[it]), key=lambda it: (-totals[it], it))


def held(file: HeapFile, wanted: str, kinds: Collection[int], most: int | None = None) -> Report:
    """What holds the objects of some types; of many ways only those that retain most."""
    leaves = bytearray(len(file))
    for number, kind in enumerate(file.types):
        if kind in kinds:
            leaves[number] = 1
    if not any(leaves):
        return report_of(file, wanted, not_judged=nothing_found(file, wanted))
    question = Question(file, leaves)
    try:
        return question.report(wanted, most)
    finally:
        question.close()


def report_of(file: HeapFile, wanted: str, **fields: object) -> Report:
    """A report on a file; what the file has not of the heap makes it partial."""
    python, implementation, platform, version, walk = (
        file.metadata.get(name, "")
        for name in ("python", "implementation", "platform", "leakwatch", "heap_walk")
    )
    there = Environment(python, implementation, platform, version, walk)
    partial = file.metadata.get("partial") or None
    return Report(wanted, "why", partial=partial, environment=there, **fields)  # type: ignore[arg-type]


def nothing_found(file: HeapFile, wanted: str) -> str:
    """Why there is no answer, with names that are close."""
    with_instances = set(file.types)
    names = sorted({it.full_name for i, it in enumerate(file.facts.types) if i in with_instances})
    close = get_close_matches(wanted, names, n=CLOSE)
    hint = f"; did you mean {' or '.join(close)}?" if close else ""
    if any(wanted in (it.full_name, it.name) for it in file.facts.types):
        return "the class is in the file, but no instance of it that the collector knew"
    return f"no instance of it is in the file{hint}"


class RecordedHomes(Homes):
    """The modules that define globals, as the file says."""

    __slots__ = ("_file", "_likenesses")

    def __init__(self, file: HeapFile, likenesses: Likenesses) -> None:
        super().__init__()
        self._file = file
        self._likenesses = likenesses

    def home(self, root: HeapRoot, chain: Sequence[object]) -> HeapRoot:
        """See `leakwatch.heap.roots.homes.Homes`."""
        held = chain[root.is_namespace : root.is_namespace + 1]
        if root.facts is not MODULE_GLOBAL or not held:
            return root
        place = self._file.facts.homes.get(self._likenesses.number_of(held[0]) or -1)
        if place is None:
            return root
        label, name = place
        if root.is_namespace:
            return replace(root, label=label, target={name: held[0]}, alias=None)
        return replace(root, label=label, name=f".{name}")


class Question:
    """One walk, and all that is told of it.

    Args:
        file: the heap.
        leaves: one byte for each object: 1 for those that are asked about.
    """

    def __init__(self, file: HeapFile, leaves: bytearray) -> None:
        self._file = file
        self._leaves = leaves
        self._walk = Walk(file, leaves)
        self._like = Likenesses(file)
        self._shapes: dict[int, Shape] = {}
        self._chains: dict[tuple[int, int], int] = {}

    def close(self) -> None:
        """Let go of what was made for the answer."""
        self._like.close()

    @cached_property
    def _without_root(self) -> Unreached:
        return Unreached(self._file)

    def report(self, wanted: str, most: int | None = None) -> Report:
        """The answer.

        Args:
            wanted: what was asked about.
            most: ways to be told at the most; to judge a way takes milliseconds.
        """
        begins(Stage.WALK)
        self._walk.from_roots()
        end = len(self._walk.order)
        traces = [*self._credited(0)]
        hidden = len(self._walk.order)
        self._walk.from_hidden()
        traces += self._credited(hidden)
        traces += self._unreached()
        told, left = (traces, 0) if most is None else largest(traces, most)
        tools = Tools(
            why_dead="asked about",
            inspectors=asked_once([self._verdict]),
            namers=(self._name,),
            homes=RecordedHomes(self._file, self._like),
            others=lambda survivor: self._others(survivor, end),
        )
        found = with_distributions(diagnose(each_of(Stage.NAME, told), tools))
        entries = plugins().extensions("leakwatch_known_leaks") if found.leaks else ()
        new, known = separate(found.leaks, entries, "why")
        share = self._file.metadata.get("explained_share", "1")
        report = report_of(
            self._file,
            wanted,
            leaks=new,
            known=known,
            in_use=found.in_use,
            explained_share=min(1.0, float(share)) if share.replace(".", "", 1).isdigit() else 0.0,
        )
        return replace(report, partial=f"{left:,} smaller ways are left out") if left else report

    def reach(self) -> None:
        """Walk from the roots; once, and before anything is asked of a single object."""
        self._walk.from_roots()

    def is_reached(self, number: int) -> bool:
        """Whether a root leads to an object."""
        return self._walk.is_reached(number)

    def place(self, number: int) -> str:
        """The shortest way to an object, as Python would write it."""
        if not self._walk.is_reached(number):
            return NO_ROOT
        root, steps = self.way(number)
        return expression(root, "".join(name for name, _ in steps))

    def way(self, number: int) -> tuple[HeapRoot, list[tuple[str, int]]]:
        """The shortest way to an object that a root leads to.

        Returns:
            the root, and each reference from it on: its name, and the number of what it leads to.
        """
        root = self._root(number)
        steps = name_path(root, self._chain(number), (self._name,))
        reached = [self._like.number_of(step.holder) for step in steps[1:]]
        names = [step.named.name for step in steps]
        ends = [*(-1 if it is None else it for it in reached), number]
        return root, [*zip(names, ends, strict=False)]

    # -- traces -------------------------------------------------------------------------------

    def _credited(self, since: int) -> Iterator[Trace]:
        """Traces of what was reached, and what each survivor retains, in the order of discovery."""
        waiting, inside = self._walk.leaves_since(since), since > 0
        while waiting:
            below: list[int] = []
            for alike in self._alike(waiting):
                first = len(self._walk.order)
                self._walk.expand(alike)
                new = self._walk.order[first:]
                below += (it for it in new if self._leaves[it])
                others = [it for it in new if not self._leaves[it]]
                yield self._trace(alike, self._walk.size_of([*alike, *others]), inside=inside)
            waiting, inside = below, True

    def _alike(self, waiting: Iterable[int]) -> Iterator[list[int]]:
        groups: dict[Shape, list[int]] = {}
        for number in waiting:
            groups.setdefault(self._shape(number), []).append(number)
        for first, *others in groups.values():
            yield [first]
            if others:
                yield others

    def _trace(self, alike: list[int], retained: int, *, inside: bool) -> Trace:
        number = alike[0]
        return Trace(
            self._like.of(number),
            self._root(number),
            KnownRoute(self._chain(number)),
            retained=retained,
            shallow=sum(self._file.sizes[it] for it in alike),
            alike=tuple(alike[1:]),
            shape=self._shape(number),
            order=number,
            inside=inside,
        )

    def _unreached(self) -> Iterator[Trace]:
        for number, asked in enumerate(self._leaves):
            if asked and not self._walk.is_reached(number):
                source = self._without_root.source_of(number)
                for step, edge in zip(pairwise(source.way), source.edges, strict=True):
                    self._note(*step, edge)
                objects = [self._like.of(it) for it in source.way]
                identity = "native" if source.kind is NATIVE_CODE else ""
                root = HeapRoot(source.kind, source.label, objects[0], identity=identity)
                size = self._walk.size_of([number])
                yield Trace(objects[-1], root, KnownRoute(objects), size, size, order=number)

    def _others(self, survivor: object, end: int) -> list[Trace]:
        number = self._like.number_of(survivor)
        found = []
        for holder in self._walk.other_holders(number) if number is not None else ():
            chain = [*self._chain(holder), survivor]
            self._note(holder, number or 0, self._walk.edge_between(holder, number or 0))
            root = self._root(holder)
            found.append(Trace(survivor, root, KnownRoute(chain), 0, 0, repeated=True))
        return found

    # -- shapes, see leakwatch.paths.analysis.Shapes -----------------------------------------------

    def _shape(self, number: int) -> Shape:
        pending = []
        while number >= 0 and number not in self._shapes:
            pending.append(number)
            number = self._walk.parents[number]
        shape = self._shapes[number] if number >= 0 else (number,)
        for number in reversed(pending):
            shape = self._shapes[number] = self._extended(shape, number)
        return shape

    def _extended(self, shape: Shape, number: int) -> Shape:
        born = self._leaves[number]
        if not born and self._file.type_of(number).full_name not in CONTAINERS:
            return ("held by", number)
        holder = self._walk.parents[number]
        way = self._way_in(holder, number)
        if not born and way not in INSIDE:
            return ("held by", number)
        return longer(shape, way, self._file.types[number])

    def _way_in(self, holder: int, number: int) -> str:
        if holder < 0:
            return ROOT
        if self._leaves[holder]:
            return BORN
        edge = self._walk.edges[number]
        if self._file_name(edge) >= INDEX:
            return ENTRY
        named = self.reference(holder, edge)
        if self._file.type_of(holder).full_name not in CONTAINERS:
            return named.signature_part
        return named.name if named.name.startswith(".") else ENTRY

    # -- likenesses of paths ----------------------------------------------------------------------

    def _chain(self, number: int) -> list[object]:
        """The likenesses of the path to an object; a namespace at its root has the first name."""
        numbers = self._walk.chain_to(number)
        for holder, held in pairwise(numbers):
            self._note(holder, held, self._walk.edges[held])
        root = self._file.facts.roots[self._walk.root_of(number)]
        likenesses = [self._like.of(it) for it in numbers]
        if root.namespace and len(numbers) > 1:
            named = self.reference(numbers[0], self._walk.edges[numbers[1]])
            likenesses[0] = {key_of(named.name): likenesses[1]}
        return likenesses

    def _note(self, holder: int, held: int, edge: int) -> None:
        self._chains[holder, held] = edge

    def _root(self, number: int) -> HeapRoot:
        row = self._file.facts.roots[self._walk.root_of(number)]
        chain = self._chain(number)
        root = root_like(row, chain[0], self._like)
        if row.located or row.owner < 0 or not self._walk.is_reached(row.owner):
            return root
        home = self._root(row.owner) if row.owner not in self._walk.chain_to(number) else root
        if home is root or not home.facts.is_expression:
            return root
        steps = name_path(home, self._chain(row.owner), (self._name,))
        label = home.label + "".join(step.named.name for step in steps)
        general = home.label + "".join(step.named.signature_part for step in steps)
        module = home.label if home.facts.is_dotted else home.home
        return replace(root, label=label, identity=general, home=module)

    def _verdict(self, subject: object) -> Judgement | None:
        number = self._like.number_of(subject)
        said = None if number is None else self._file.judged.get(number)
        if said is None:
            return None
        verdict, reason, state = said
        return Judgement(VERDICTS[verdict], self._file.text(reason), self._file.text(state))

    # -- names of references ----------------------------------------------------------------------

    def _name(self, path: Sequence[object]) -> Named | None:
        """The name that the file has for the first reference of a path."""
        numbers = [self._like.number_of(it) for it in path[: MOST_HOPS + 1]]
        if numbers[0] is None or len(numbers) < 2 or numbers[1] is None:
            return None
        edges = self._edges(numbers)
        for hops in range(len(edges), 1, -1):
            known = self._file.joint.get((numbers[0], edges[hops - 1]))
            if known is not None and known[1] == hops:
                return self._file.named(known[0], hops)
        if self._file_name(edges[0]) == Name.NAMESPACE and len(edges) > 1:
            return as_attribute(self._named(edges[1]), 2)
        named = self.reference(numbers[0], edges[0])
        return named if named.name else None

    def _edges(self, numbers: Sequence[int | None]) -> list[int]:
        edges = []
        for holder, held in pairwise(numbers):
            if holder is None or held is None:
                break
            edges.append(self._chains.get((holder, held), NO_EDGE))
        return edges

    def _file_name(self, edge: int) -> int:
        if edge == NO_EDGE:
            return Name.UNNAMED
        if edge & HIDDEN_EDGE:
            return self._file.hidden[edge & ~HIDDEN_EDGE][2]
        return self._file.names[edge]

    def _named(self, edge: int) -> Named:
        return self._file.named(self._file_name(edge))

    def reference(self, holder: int, edge: int) -> Named:
        """The name of one reference; a key of a dict that is no namespace here is an entry."""
        named = self._named(edge)
        if not self.has_entries(holder):
            return named
        is_key = named.name.startswith(".") and self._file_name(edge) > Name.ANNOTATIONS
        return Named(f"[{key_of(named.name)!r}]", ENTRY) if is_key else named

    def has_entries(self, number: int) -> bool:
        """Whether it is a dict, and nobody's namespace."""
        is_dict = self._file.type_of(number).full_name == "builtins.dict"
        return is_dict and not self._is_space(number)

    def _is_space(self, number: int) -> bool:
        """Whether a dict on the path is reached as somebody's namespace."""
        if not self._walk.is_reached(number):
            return False
        parent = self._walk.parents[number]
        if parent < 0:
            return self._file.facts.roots[-1 - parent].namespace
        return self._file_name(self._walk.edges[number]) == Name.NAMESPACE


@lru_cache(MOST_SHAPES)
def longer(shape: Shape, way: str, kind: int) -> Shape:
    """The shape of what an object of some shape holds; survivors that are alike share one."""
    return tuple(folded([*shape, way, kind]))


def largest(traces: Sequence[Trace], most: int) -> tuple[list[Trace], int]:
    """The traces of those shapes that retain most, in their order, and how many shapes are left.

    One alone stands for the first of its shape, so what is alike stays together. What no root
    leads to has no shape, and each is a way of its own.
    """
    shapes = [at if it.shape is None else it.shape for at, it in enumerate(traces)]
    totals: dict[Shape | int, int] = {}
    for shape, trace in zip(shapes, traces, strict=True):
        totals[shape] = totals.get(shape, 0) + trace.retained
    kept = frozenset(nlargest(most, totals, key=totals.__getitem__))
    told = [it for shape, it in zip(shapes, traces, strict=True) if shape in kept]
    return told, len(totals) - len(kept)


def expression(root: HeapRoot, names: str) -> str:
    """What a root holds, in one line; see `leakwatch.model.RetentionPath.expression`."""
    references = (Reference("", names),) if names else ()
    return RetentionPath(Root(root.facts.name, root.label), references, "").expression


def root_like(row: RootInFile, target: object, like: Likenesses) -> HeapRoot:
    """A root with the likenesses of what it leads to."""
    return HeapRoot(
        root_kind(row.kind),
        row.label,
        target,
        row.name,
        row.holder,
        Wave(row.wave),
        row.barrier,
        None if row.alias < 0 else like.of(row.alias),
        row.identity,
        in_use=row.in_use,
        state=row.state,
        home=row.home,
    )


def as_attribute(named: Named, hops: int) -> Named:
    """The name of an entry of an instance's dict: an attribute, though it was written as a key."""
    if named.name.startswith("."):
        return replace(named, hops=hops)
    key = key_of(f".__dict__{named.name}")
    if key.isidentifier():
        return Named(f".{key}", "", hops)
    return Named(f".__dict__{named.name}", ".__dict__[*]", hops)


def key_of(name: str) -> str:
    """The key of a namespace, from the name of the attribute."""
    inner = name.removeprefix(".__dict__[")
    if inner == name:
        return name.removeprefix(".")
    try:
        found = ast.literal_eval(inner.removesuffix("]"))
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        found = inner
    return found if type(found) is str else inner


def place_of_objects(file: HeapFile, numbers: Sequence[int]) -> list[str]:
    """The shortest way from a root to each of some objects, as Python would write it."""
    question = Question(file, bytearray(len(file)))
    try:
        question.reach()
        return [question.place(number) for number in numbers]
    finally:
        question.close()
