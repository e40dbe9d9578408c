"""Where chains of strong references start, and in which order they are searched.

A root provider is a function that takes a `RootQuery` and yields `HeapRoot`s in a fixed
order. Providers run while the heap is being judged: they call no user code and keep
nothing after the walk.

In a forked child there is only the thread that forked: the interpreter frees the frames, contexts
and thread-locals of the others. What providers say of threads is therefore asked before the fork,
and what would be freed is held meanwhile.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import wraps
from types import FrameType
from typing import TypeVar, cast

from leakwatch.model.root_kinds import RootKind, Wave, root_kind


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class HeapRoot:
    """One root: a live object and how to name it.

    Attributes:
        kind: the kind of root: a row of `leakwatch.model.root_kinds`, or of a plugin's own; or in
            words, as in `leakwatch.model.Root.kind`.
        label: which one of its kind.
        target: the object held by the root.
        name: the reference from root to target as Python would write it; empty where the
            target is the namespace itself (a module's dict), whose entries are the names.
        holder_type: type name to print for the holder of that first reference; empty where
            the root is no Python object, and the target itself the first holder.
        wave: when to search it; by default when its kind says.
        barrier: no path may lead through the target except from this root. Modules and
            classes that can be reached by their own name are such: `a.json.decoder` is no
            answer for what `json.decoder` holds.
        alias: an object that stands for the target and is a barrier as well: the module or
            class of a namespace.
        identity: the label without what differs from run to run (lines, thread names), for
            the signature; empty where the label itself is steady.
        in_use: what it holds is in use, though it is searched in its wave; so is all that is found
            in the wave of that name.
        owner: an object that comes and goes with the root: the thread of a frame in which it only
            waits. What the root holds is then part of how that object is kept.
        state: what else is known of it, a `leakwatch.model.State`; empty where nothing is.
        thread: the thread that it is, or whose frame it is; if that is a survivor, what the root
            holds goes with it.
        home: the module whose code or variable it is; empty where the label says it, or none is.
        located: whether the label says where it is; what holds the owner is known after the walk.
    """

    kind: RootKind | str
    label: str
    target: object
    name: str = ""
    holder_type: str = ""
    wave: Wave = None  # type: ignore[assignment]  # that of its kind
    barrier: bool = False
    alias: object = None
    identity: str = ""
    owner: object = None
    in_use: bool = False
    state: str = ""
    thread: object = None
    home: str = ""
    located: bool = True

    def __post_init__(self) -> None:
        if self.wave is None:
            object.__setattr__(self, "wave", self.facts.wave)

    @property
    def facts(self) -> RootKind:
        """What is decided by the kind."""
        return self.kind if type(self.kind) is RootKind else root_kind(cast(str, self.kind))

    def of_alias(self) -> "HeapRoot":
        """The root of the same name that holds the alias; `replace` takes twice as long."""
        return HeapRoot(
            self.kind,
            self.label,
            self.alias,
            self.name,
            self.holder_type,
            self.wave,
            self.barrier,
            identity=self.identity,
        )

    @property
    def is_namespace(self) -> bool:
        """Whether the target is the dict of a named holder, and its entries are attributes."""
        return bool(self.holder_type) and not self.name and type(self.target) is dict


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RootQuery:
    """What a root provider may ask.

    Attributes:
        asking: innermost frame of the caller of leakwatch; it and its callers are *in use*.
        survivors: ids of the objects to explain.
        imported: names of modules that were first imported inside the scope.
        returned: a value on its way to the caller of a decorated function.
        lasting: ids of the globals of the caller's module when the scope opened; a dict that was
            empty then is not known to the collector and looks newborn once it is filled.
        exit_callbacks: how many callbacks atexit had when the scope opened; None if unknown.
        busy: identities of threads that work beside the scope; what only their frames and event
            loops hold is *in use* as well.
        kept: frames that may have ended a moment ago; their variables are judged as if they ran.
    """

    asking: FrameType | None = None
    survivors: frozenset[int] = field(default_factory=frozenset)
    imported: frozenset[str] = field(default_factory=frozenset)
    returned: object = None
    lasting: frozenset[int] = field(default_factory=frozenset)
    exit_callbacks: int | None = None
    busy: frozenset[int] = frozenset()
    kept: Sequence[FrameType] = ()

    def asking_frames(self) -> list[FrameType]:
        """The frame of the caller and those above it, innermost first."""
        frames = []
        frame = self.asking
        while frame is not None:
            frames.append(frame)
            frame = frame.f_back
        return frames


RootProvider = Callable[[RootQuery], Iterable[HeapRoot]]


def in_waves(roots: Iterable[HeapRoot]) -> list[HeapRoot]:
    """The roots in search order; the order of the providers decides within a wave.

    An alias is a root of its own with the same name: a class's dict holds its attributes,
    the class itself its bases.
    """
    known = []
    for root in roots:
        known.append(root)
        if root.alias is not None:
            known.append(root.of_alias())
    return sorted(known, key=lambda root: root.wave)


Provider = TypeVar("Provider", bound=Callable[[RootQuery], Iterable[HeapRoot]])

thread_providers: list[RootProvider] = []
"""Providers whose answer depends on which threads run."""
kept_answers: dict[int, list[HeapRoot]] = {}
"""What they said before a fork, by their numbers."""


def of_threads(provider: Callable[[RootQuery], Iterator[HeapRoot]]) -> RootProvider:
    """Mark a root provider whose answer depends on which threads run."""
    number = len(thread_providers)
    thread_providers.append(provider)

    @wraps(provider)
    def kept_or_asked(query: RootQuery) -> Iterable[HeapRoot]:
        kept = kept_answers.get(number)
        return provider(query) if kept is None else kept

    return kept_or_asked
