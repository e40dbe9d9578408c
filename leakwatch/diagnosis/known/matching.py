"""Leaks that are known or that somebody accepted: matched by data, shown apart, never hidden."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from functools import cache, cached_property

from leakwatch.diagnosis.known.versions import concerns_this_installation
from leakwatch.model import KnownLeak, Leak, Pattern


class Written:
    """A leak and its path as text, which is written once for all entries."""

    def __init__(self, leak: Leak) -> None:
        self._leak = leak

    def matches(self, known: KnownLeak) -> bool:
        """Whether the entry accepts the leak: every field that is not empty must fit.

        An entry for a distribution fits only where an affected version of it is installed; that
        is looked up last, for it is what takes time.
        """
        leak = self._leak
        named = known.signature or known.type_name or known.holder
        if not (named or known.references or known.root):
            return False
        return (
            known.signature in ("", leak.signature)
            and (not known.type_name or fnmatchcase(leak.type_name, known.type_name))
            and (not known.root or fits(known.root, leak.path.root.kind))
            and (not known.holder or fits(f"*{known.holder}*", self._path))
            and self._has_in_order(known.references)
            and concerns_this_installation(known)
        )

    def _has_in_order(self, wanted: Sequence[str]) -> bool:
        """Whether the references of the path fit the patterns one after the other.

        Others may lie between them. A reference is written as the type of its holder and its
        name behind it: `asyncio.events.Handle._context`, `dict['u42']`.
        """
        references = iter(self._references)
        return all(any(fits(part, it) for it in references) for part in wanted)

    @property
    def whole(self) -> str:
        """All texts that an entry may ask for."""
        leak = self._leak
        own = leak.signature, leak.type_name, leak.path.root.kind, self._path
        return "\n".join((*own, *self._references))

    @cached_property
    def _path(self) -> str:
        return f"{self._leak.path}\n{self._leak.path.expression}"

    @cached_property
    def _references(self) -> list[str]:
        return [f"{it.holder_type}{it.name}" for it in self._leak.path.references]


def telling_part(known: KnownLeak) -> str:
    """The longest text without a wildcard that whatever the entry accepts has somewhere.

    Of thousands of leaks nearly all have none of any entry, which is told without a pattern. A kind
    of root is many a leak's, so it tells only where the entry has nothing else.
    """
    wanted = [known.signature, known.holder, *known.references]
    wanted += [known.type_name] if WILD.isdisjoint(known.type_name) else []
    parts = (
        part for it in (wanted if any(wanted) else [known.root]) for part in SEPARATE.split(it)
    )
    return max(parts, key=len)


WILD = frozenset("*?[")
SEPARATE = re.compile(r"[*#]")


def fits(wanted: str, text: str) -> bool:
    """Whether a text fits a pattern as a whole."""
    return pattern(wanted).fullmatch(text) is not None


@cache
def pattern(text: str) -> re.Pattern[str]:
    """A pattern with `*` for anything and `#` for a number; brackets are common in references.

    Empty fits all.
    """
    literal = re.escape(text or "*")
    return re.compile(literal.replace(r"\*", ".*").replace(r"\#", r"\d+"), re.DOTALL)


def excused_by_any(entry: KnownLeak) -> bool:
    """A leak that is known fails nothing."""
    return True


def excused_where_it_grows(entry: KnownLeak) -> bool:
    """What the program's own people accepted, and what stops; else a library's is reported."""
    return entry.bounded or not entry.distribution


def excused_by_none(entry: KnownLeak) -> bool:
    """The caller wants to see it, known or not."""
    return False


EXCUSES: dict[str, Callable[[KnownLeak], bool]] = {
    "why": excused_by_none,
    "growing": excused_where_it_grows,
    "hunt": excused_where_it_grows,
}
"""Which entries excuse a leak, by kind of report; any where nothing is said.

These have measured that the process grows. That others know why does not stop it; an update does,
or a bound.
"""


def separate(
    leaks: Iterable[Leak], entries: Sequence[KnownLeak], kind: str = "scope"
) -> tuple[tuple[Leak, ...], tuple[Leak, ...]]:
    """Split leaks into new and known; what an entry says stands with the leak either way.

    What an entry says of the program's own mistake excuses nothing: it is the better advice.

    Args:
        leaks: what was found.
        entries: what is known or accepted.
        kind: the kind of report, which decides what is excused.
    """
    excuses = EXCUSES.get(kind, excused_by_any)
    new: list[Leak] = []
    known: list[Leak] = []
    tellings = [(telling_part(entry), entry) for entry in entries]
    for leak in leaks:
        written = Written(leak)
        whole = written.whole
        likely = [entry for part, entry in tellings if part in whole]
        entry = next(filter(written.matches, likely), None)
        if entry is not None and entry.fails:
            new.append(advised(leak, entry))
        elif entry is not None:
            reasons = (*leak.reasons, said_of(entry))
            explained = replace(leak, reasons=reasons, bounded=entry.bounded)
            (known if excuses(entry) else new).append(explained)
        else:
            new.append(leak)
    return tuple(new), tuple(known)


def advised(leak: Leak, entry: KnownLeak) -> Leak:
    """The leak with an entry's advice, which is for the program: nobody else is to hear of it."""
    link = [f"see {entry.link}"] if entry.link else []
    return replace(
        leak,
        pattern=Pattern(entry.id, entry.title, entry.reason, entry.remedy),
        distribution="",
        reasons=(*leak.reasons, *link),
    )


def said_of(entry: KnownLeak) -> str:
    """Why the leak is known, what to do about it, and where to read more, in one line."""
    title = f"{entry.title}; " if entry.title else ""
    parts = [f"known as {entry.id}: {title}{entry.reason}"]
    parts += [f"remedy: {entry.remedy}"] if entry.remedy else []
    return "; ".join([*parts, entry.link] if entry.link else parts)
