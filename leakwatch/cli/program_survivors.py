"""What a program left behind: the objects born during its run that are alive at its end.

At the end of a program everything global is still alive, and its libraries hold thousands of
objects by design. What counts is what the program's own classes made: those of `__main__`, of the
package that was run, and of the program's folder, as `leakwatch.tracking.own_code` has it.
"""

import os
import sys
import sysconfig
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import entry_points
from itertools import cycle
from threading import main_thread

from leakwatch.announcing import start_sampler, stop_sampler
from leakwatch.cli.library_growth import NUMEROUS, LibraryGrowth, distribution_of, is_of_a_package
from leakwatch.cli.program import MAIN, Program, current_folder, real_path
from leakwatch.cli.program_looks import Course, ProgramLooks
from leakwatch.cli.top_level import Frames, TopLevel
from leakwatch.compare.adding import scaled
from leakwatch.compare.baseline import Baseline
from leakwatch.config import Config
from leakwatch.diagnosis.bounded import is_bounded
from leakwatch.diagnosis.patterns import BY_CODE
from leakwatch.growth.own_notes import Ids
from leakwatch.guest.frozen_heap import THAWED
from leakwatch.guest.guarded import Guarded
from leakwatch.heap.graph import census
from leakwatch.heap.objects import full_type_name, inherits
from leakwatch.interpreter import count_into, enumerate_threads, exit_callbacks
from leakwatch.model import Leak, MemorySample, Pattern, Settling
from leakwatch.model.root_kinds import RUNNING_FRAME
from leakwatch.report import Report
from leakwatch.reports.wording import counted
from leakwatch.session import Session, plugins
from leakwatch.tracking import postponed
from leakwatch.tracking.case import Case
from leakwatch.tracking.handles import living
from leakwatch.tracking.newborn import Newborns
from leakwatch.tracking.own_code import OwnCode, is_of_an_enumeration
from leakwatch.tracking.settling import settle
from leakwatch.tracking.type_filter import TypeFilter, type_filter, unmatched
from leakwatch.tracking.window import Window, suspended

GROWING, RUNNING = "LW101", "LW109"
AT_THE_END = {
    GROWING: Pattern(
        GROWING,
        "container that still has them at the end",
        "A container that lives as long as the program keeps all that is put into it. Whether it "
        "grows was not measured: the program was too short for that.",
        BY_CODE[GROWING].pattern.fix,
    ),
    RUNNING: Pattern(
        RUNNING,
        "local variable of a function that still ran",
        "A function keeps what its variables hold until it returns, and this one ran to the end "
        "of the program.",
        BY_CODE[GROWING].pattern.fix,
    ),
}
"""What is said at the end of a program instead of what these patterns say elsewhere."""
ALL = "all"
PER_SECOND = 25_000
"""Survivors that are looked at for each second of the budget."""
MOST_NAMED = 8
"""Types named in the note on small groups; the rest is counted."""


class ProgramSurvivors(Guarded):
    """A generation window around one run of a program; call `judge` inside the `with` block.

    Args:
        name: of the program, for the report.
        home: where its own modules are.
        config: what counts, and the budget.
        baseline: what is accepted.
        entries_only: whether to leave out what has a place of its own, such as what an import
            defines: however long the process lives, there is one of each.
        doom: why what is alive counts as dead.

    Attributes:
        unmatched: which of the patterns that were given fit no class, once it is judged, or None.
        top_level: of the program, whose functions are judged as if they ran when it has ended.
    """

    unmatched: str | None = None

    def __init__(
        self,
        name: str,
        home: "Home",
        config: Config,
        baseline: Baseline,
        *,
        entries_only: bool = False,
        doom: str = "still alive at the end of the program",
    ) -> None:
        self._name = name
        self._config = config
        self._session = Session.configured(config, baseline=baseline)
        self._home = home
        self._entries_only = entries_only
        self.top_level = TopLevel()
        self._course: Course | None = None
        self._growing = self._sampled = Ids()
        self._step = 1
        self._kinds: dict[str, int] = {}
        self._orderly = False
        self._steady: dict[str, str] = {}
        self._doom = doom
        # Now: the program may go to another folder, or remove the one it is in.
        self._shown_home = str(self._home)
        self._code = own_code(self._home)
        self._too_few: dict[str, int] = {}
        self._grown: dict[str, int] = {}
        self._newborns: Newborns | None = None
        self._samples: tuple[MemorySample, ...] = ()

    def _enter(self) -> None:
        self._figures = self._session.open(self._name, thorough=True)
        if self._config.sample:
            start_sampler(plugins(), self._config.sample)
        self._exit_callbacks = exit_callbacks()
        self._libraries = LibraryGrowth()
        if not self._config.types:
            self._libraries.start()
        self._looks = ProgramLooks(self._config.every, self.top_level)
        self._window = Window()
        # Of the children of some work nothing is repeated, so nothing can be seen to grow.
        if not self._entries_only:
            self._looks.start()

    def _exit(self, *failure: object) -> None:
        self._close()

    def _end(self) -> None:
        if hasattr(self, "_window"):
            self._close()

    def top_level_ended(self) -> None:
        """Keep the variables of what has ended to be judged, unless threads go on with work."""
        self._orderly = True
        if any(it is not main_thread() and not it.daemon for it in enumerate_threads()):
            self.top_level.forget()
        else:
            self._looks.stop()

    def _close(self) -> None:
        """Look no more at what is born, nor at what becomes more."""
        self._looks.stop()
        self._libraries.finish()
        self._window.close()

    def restart_in_child(self) -> None:
        """Begin anew in a forked child: only what is born in it from here on counts there."""
        self._end()
        # The thread that samples is not in this process.
        self._config = replace(self._config, sample=0.0)
        self._enter()

    def unfinished(self, reason: str) -> Report:
        """A report of what is known where there is no judgement, or not to its end."""
        self._close()
        found = self._newborns.alive() if self._newborns else []
        self._too_few = {}
        for survivor in found:
            self._count_too_few(full_type_name(type(survivor)), 1)
        found.clear()
        notes = (*self._judged_types_note(), *self._too_few_note("not explained"))
        return self._session.give_up(Case(self._name, "run", notes=notes), reason)

    def judge(self, not_judged: str | None = None, *, early: bool = False) -> Report:
        """Explain what is alive; gives the report, which the plugins have been given as well.

        Args:
            not_judged: what of the program cannot be judged here, or None.
            early: whether the program may go on, and be judged again.
        """
        self._begin_judgement(early=early)
        self._looks.stop()
        self._course = self._looks.course()
        if not early:
            self._libraries.finish()
        self._window.collect()
        born = self._window.newborn()
        self._kinds = {full_type_name(cls): id(cls) for cls, _ in census(born)}
        kept = self.top_level.take()
        newborns = Newborns(born, self._wanted_of(born), kept)
        self._newborns = newborns
        if not early:
            self._window.close()
        settling = Settling()
        if newborns:
            with suspended():
                settling = settle(newborns.any_alive)
        lost = None if self._window.lost == THAWED else self._window.lost
        if ALL not in self._config.types:
            self.unmatched = unmatched(self._config.types, importable=False)
        report = self._session.conclude(self._case(newborns, settling, not_judged or lost, kept))
        if early:
            self.top_level.give_back(kept)
            self._looks.go_on()
        return report

    def _wanted_of(self, born: list[object]) -> TypeFilter | None:
        """Which types are judged, if this was born; those of installed packages if they grow."""
        wanted = wanted_types(self._config.types, self._home)
        if self._config.types or wanted is None:
            return wanted
        if self._course is not None:
            self._growing = self._course.growing_types(born, is_of_a_package)
        own, grown = wanted, self._libraries.growing_types(born)
        return lambda cls: own(cls) or id(cls) in grown or id(cls) in self._growing

    def _begin_judgement(self, *, early: bool) -> None:
        if not (early or self._orderly):
            # It ended by an exception, whose frames are let go of.
            self.top_level.forget()
        if self._config.sample:
            self._samples = stop_sampler(plugins()) or self._samples
        self._sampled, self._step = Ids(), 1
        for notes in (self._too_few, self._grown, self._steady):
            notes.clear()

    def _case(
        self, newborns: Newborns, settling: Settling, not_judged: str | None, kept: Frames
    ) -> Case:
        anything_left = newborns.any_alive() or bool(postponed.alive())
        memory = self._session.figures(self._figures, thorough=True)
        return Case(
            name=self._name,
            kind="run",
            survivors=partial(self._enough_of_a_type, newborns) if anything_left else None,
            doom=self._doom,
            exit_callbacks=self._exit_callbacks,
            # A type that was asked for is wanted object by object; else the outermost are enough.
            ages=self._course.ages if self._course else {},
            every_birth=self._course is not None,
            before="was there when the program began to work",
            kept=kept,
            owners_only=not self._config.types or ALL in self._config.types,
            settling=settling,
            memory=replace(memory, samples=self._samples) if memory is not None else None,
            notes=self._judged_types_note(),
            late_notes=self._late_notes,
            not_judged="; ".join(filter(None, [not_judged, self.unmatched])) or None,
            review=self._review,
            rank=self._rank,
        )

    def _enough_of_a_type(self, newborns: Newborns) -> list[object]:
        """The survivors of types that have enough of them to be a leak.

        A single application object that holds the leaking ones must not be reported for them.
        """
        survivors = newborns.alive()
        if self._entries_only:
            survivors[:] = [it for it in survivors if not is_of_an_enumeration(type(it))]
        known = set(map(id, survivors))
        # What its scopes could not judge waits for this moment, whatever its type.
        survivors += [it for it in living(postponed.alive()) if id(it) not in known]
        counts = Counter[int]()
        count_into(counts, map(id, map(type, survivors)))
        enough = [it for it in survivors if counts[id(type(it))] >= self._config.min_count]
        for few in survivors:
            if counts[id(type(few))] < self._config.min_count:
                self._count_too_few(full_type_name(type(few)), 1)
        survivors.clear()
        if self._course is not None:
            self._course.note_ages(map(id, enough))
            enough[:] = self._came_with_the_work(enough, self._course)
        enough[:] = self._as_many_as_there_is_time_for(enough)
        return enough

    def _as_many_as_there_is_time_for(self, survivors: list[object]) -> list[object]:
        """All of them, or of types that have very many as many as the budget is enough for."""
        most = max(1, int(self._config.max_seconds * PER_SECOND))
        if len(survivors) <= most:
            return survivors
        counts = Counter[int]()
        count_into(counts, map(id, map(type, survivors)))
        many = Ids(kind for kind, count in counts.items() if count > most // 10)
        self._step = -(-sum(counts[kind] for kind in many) // most)
        self._sampled = many
        turn = cycle(range(self._step))
        return [it for it in survivors if id(type(it)) not in many or next(turn) == 0]

    def _came_with_the_work(self, survivors: list[object], course: Course) -> list[object]:
        """Those of the survivors that were not there before, and that no work in flight needs."""
        stood = Counter[str]()
        own = (it for it in survivors if self._config.types or id(type(it)) not in self._growing)
        count_into(stood, (full_type_name(type(it)) for it in own if course.stood(id(it))))
        for name, count in stood.items():
            self._steady[name] = f"{count:,} {name}, there since the beginning"
        return [
            it for it in survivors if not (course.stood(id(it)) or course.may_be_in_use(id(it)))
        ]

    def _count_too_few(self, name: str, number: int) -> None:
        if self._entries_only and not self._code.owns(name.rpartition(".")[0]):
            return  # of builtin types there always are a few
        self._too_few[name] = self._too_few.get(name, 0) + number

    def _review(self, leak: Leak, ages: Mapping[str, Sequence[int]]) -> Leak | None:
        """The leak, if enough objects are held in its way, and there can be more."""
        if self._entries_only and is_bounded(leak.path):
            return None
        if leak.count >= self._config.min_count:
            if self._course is not None and not self._course.grows(
                ages[leak.type_name], self._kinds.get(leak.type_name, 0)
            ):
                self._note_steady(leak)
                return None
            if self._is_a_librarys_own(leak):
                return None
            if self._kinds.get(leak.type_name, 0) in self._sampled:
                leak = scaled(leak, leak.count * self._step)
            if package := self._package_of(leak):
                self._grown[package] = self._grown.get(package, 0) + leak.count
            return self._told(leak, ages)
        self._count_too_few(leak.type_name, leak.count)
        return None

    def _is_a_librarys_own(self, leak: Leak) -> bool:
        """Whether an installed package keeps objects of its own, and not so many in all."""
        if not self._package_of(leak) or sum(row.count for row in leak.types) >= NUMEROUS:
            return False
        if leak.path.root.facts is RUNNING_FRAME or self._code.owns(leak.path.root.label):
            return False
        holders = (it.holder_type.rpartition(".")[0] for it in leak.path.references)
        return not any(map(self._code.owns, holders))

    def _note_steady(self, leak: Leak) -> None:
        """What did not become more with the work of the program is no leak."""
        count = counted(leak.count, leak.type_name, leak.type_name)
        self._steady[leak.signature] = f"{count} in {leak.cause}"

    def _told(self, leak: Leak, ages: Mapping[str, Sequence[int]]) -> Leak:
        """The leak with what a run knows of it, and does not."""
        code = leak.pattern.code if leak.pattern else ""
        if code == GROWING and leak.path.root.facts is RUNNING_FRAME:
            code = RUNNING
        if self._course is None or code != GROWING:
            leak = replace(leak, pattern=AT_THE_END.get(code, leak.pattern))
        if self._course is None:
            return leak
        growth = float(f"{len(ages[leak.type_name]) / self._course.seconds:.3g}")
        return replace(leak, growth=growth, growth_per="second")

    def _package_of(self, leak: Leak) -> str:
        """The distribution whose class leaks, with its version; empty of the program's own."""
        if self._config.types or self._code.owns(leak.type_name.rpartition(".")[0]):
            return ""
        return distribution_of(leak.type_name)

    def _rank(self, leak: Leak) -> tuple[int, str]:
        """The program's own leaks come first, then those of the distribution with most objects."""
        package = self._package_of(leak)
        return -self._grown.get(package, 0) if package else -sys.maxsize, package

    def _late_notes(self) -> tuple[str, ...]:
        grown = sorted(self._grown.items(), key=lambda item: -item[1])
        notes = [
            f"{counted(number, 'object')} of {package}: its objects became more from the beginning "
            "of the program to its end"
            for package, number in grown
        ]
        return (*self._sample_note(), *self._steady_note(), *notes, *self._too_few_note())

    def _sample_note(self) -> tuple[str, ...]:
        if self._step == 1:
            return ()
        seen = f"one in {self._step} was looked at, and the figures are of all"
        return (f"of types with very many objects {seen}; --max-seconds gives time for more",)

    def _steady_note(self) -> tuple[str, ...]:
        """One line for what is held, and did not become more while the program worked."""
        if not self._steady:
            return ()
        parts = list(self._steady.values())[:MOST_NAMED]
        if len(self._steady) > MOST_NAMED:
            parts.append(f"{len(self._steady) - MOST_NAMED} more")
        return (f"held at the end, but not growing while the program worked: {'; '.join(parts)}",)

    def _judged_types_note(self) -> tuple[str, ...]:
        if ALL in self._config.types:
            return ()
        if self._config.types:
            return (f"only the types {', '.join(self._config.types)} were judged",)
        judged = f"classes of {self._shown_home}, and growing ones of installed packages,"
        return (f"only {judged} were judged; --types chooses others",)

    def _too_few_note(self, instead: str = "") -> tuple[str, ...]:
        """One line for types with too few objects to count.

        Args:
            instead: what to say of them instead of the reason.
        """
        if not self._too_few:
            return ()
        most = sorted(self._too_few.items(), key=lambda item: (-item[1], item[0]))
        parts = [f"{number:,} {name}" for name, number in most[:MOST_NAMED]]
        if len(most) > MOST_NAMED:
            parts.append(counted(len(most) - MOST_NAMED, "more type"))
        fewer = f"fewer than {self._config.min_count} held in the same way"
        why = instead or f"{fewer}; --min-count 1 tells how"
        return (f"{'' if instead else 'also '}alive at exit: {', '.join(parts)} ({why})",)


@dataclass(frozen=True, slots=True)
class Home:
    """Where a program's own modules are.

    Attributes:
        package: the package that was run; empty for a script.
        folder: the folder of the script, or the current one.
    """

    package: str
    folder: str

    def __str__(self) -> str:
        package = f", the package {self.package}" if self.package else ""
        return f"{MAIN}{package} and the modules below {shown_folder(self.folder)}"


def shown_folder(folder: str) -> str:
    """A folder as one would type it here."""
    try:
        relative = os.path.relpath(folder)
    except (OSError, ValueError):
        # The current folder is gone, and may be the one that is meant.
        return folder or "a folder that is gone"
    return folder if relative.startswith(os.pardir) else relative


def home_of(program: Program) -> Home:
    """Where the program's own modules are."""
    if program.is_module:
        return Home(program.name.partition(".")[0], program.folder)
    package = package_of_command(program.name)
    return Home(package, current_folder() if package else program.folder)


def package_of_command(script: str) -> str:
    """The package behind an installed command such as `bin/httpie`; empty for other scripts."""
    folder, name = os.path.split(real_path(script))
    if folder != os.path.realpath(sysconfig.get_path("scripts")):
        return ""
    for point in entry_points(group="console_scripts", name=os.path.splitext(name)[0]):
        return point.module.partition(".")[0]
    return ""


def own_code(home: Home) -> OwnCode:
    """What is the program's own."""
    return OwnCode(home.folder, filter(None, (MAIN, home.package)))


def either(first: TypeFilter | None, second: TypeFilter) -> TypeFilter | None:
    """Types that one of two filters wants; None wants everything."""
    return None if first is None else lambda cls: first(cls) or second(cls)


def wanted_types(types: tuple[str, ...], home: Home) -> TypeFilter | None:
    """Which classes' instances are judged; None means everything."""
    if ALL in types:
        return None
    if types:
        return type_filter(types)
    code = own_code(home)
    # Classes themselves are there to stay.
    return lambda cls: not inherits(cls, type) and code.made(cls)
