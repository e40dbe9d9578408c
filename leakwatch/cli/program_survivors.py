"""What a program left behind: the objects born during its run that are alive at its end.

At the end of a program everything global is still alive, and its libraries hold thousands of
objects by design. What counts is what the program's own classes made: those of `__main__`, of the
package that was run, and of the program's folder, as `leakwatch.tracking.own_code` has it.
"""

import os
import sysconfig
from collections import Counter
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import entry_points

from leakwatch.announcing import start_sampler, stop_sampler
from leakwatch.cli.program import MAIN, Program, current_folder, real_path
from leakwatch.compare.baseline import Baseline
from leakwatch.config import Config
from leakwatch.guest.frozen_heap import THAWED
from leakwatch.guest.guarded import Guarded
from leakwatch.heap.objects import full_type_name, inherits
from leakwatch.interpreter import count_into, exit_callbacks
from leakwatch.model import Leak, Settling
from leakwatch.report import Report
from leakwatch.reports.wording import counted
from leakwatch.session import Session, plugins
from leakwatch.tracking import postponed
from leakwatch.tracking.case import Case
from leakwatch.tracking.handles import living
from leakwatch.tracking.newborn import Newborns
from leakwatch.tracking.own_code import OwnCode
from leakwatch.tracking.settling import settle
from leakwatch.tracking.type_filter import TypeFilter, type_filter
from leakwatch.tracking.window import Window, suspended

ALL = "all"
MOST_NAMED = 8
"""Types named in the note on small groups; the rest is counted."""


class ProgramSurvivors(Guarded):
    """A generation window around one run of a program; call `judge` inside the `with` block."""

    def __init__(self, program: Program, config: Config, baseline: Baseline) -> None:
        self._program = program
        self._config = config
        self._session = Session.configured(config, baseline=baseline)
        self._home = home_of(program)
        # Now: the program may go to another folder, or remove the one it is in.
        self._shown_home = str(self._home)
        self._too_few: dict[str, int] = {}
        self._newborns: Newborns | None = None

    def _enter(self) -> None:
        self._figures = self._session.open(str(self._program), thorough=True)
        if self._config.sample:
            start_sampler(plugins(), self._config.sample)
        self._exit_callbacks = exit_callbacks()
        self._window = Window()

    def _exit(self, *failure: object) -> None:
        self._window.close()

    def _end(self) -> None:
        if hasattr(self, "_window"):
            self._window.close()

    def restart_in_child(self) -> None:
        """Begin anew in a forked child: only what is born in it from here on counts there."""
        self._window.close()
        # The thread that samples is not in this process.
        self._config = replace(self._config, sample=0.0)
        self._enter()

    def unfinished(self, reason: str) -> Report:
        """A report of what is known where there is no judgement, or not to its end."""
        self._window.close()
        found = self._newborns.alive() if self._newborns else []
        self._too_few = {}
        for survivor in found:
            self._count_too_few(full_type_name(type(survivor)), 1)
        found.clear()
        notes = (*self._judged_types_note(), *self._too_few_note("not explained"))
        return self._session.give_up(Case(str(self._program), "run", notes=notes), reason)

    def judge(self, not_judged: str | None = None) -> Report:
        """Explain what is alive; gives the report, which the plugins have been given as well.

        Args:
            not_judged: what of the program cannot be judged here, or None.
        """
        self._samples = stop_sampler(plugins()) if self._config.sample else ()
        wanted = wanted_types(self._config.types, self._home)
        self._window.collect()
        newborns = self._newborns = Newborns(self._window, wanted)
        self._window.close()
        settling = Settling()
        if newborns:
            with suspended():
                settling = settle(newborns.any_alive)
        if self._window.lost is not None and self._window.lost != THAWED:
            not_judged = not_judged or self._window.lost
        return self._session.conclude(self._case(newborns, settling, not_judged))

    def _case(self, newborns: Newborns, settling: Settling, not_judged: str | None) -> Case:
        anything_left = newborns.any_alive() or bool(postponed.alive())
        memory = self._session.figures(self._figures, thorough=True)
        return Case(
            name=str(self._program),
            kind="run",
            survivors=partial(self._enough_of_a_type, newborns) if anything_left else None,
            doom="still alive at the end of the program",
            exit_callbacks=self._exit_callbacks,
            # A type that was asked for is wanted object by object; else the outermost are enough.
            owners_only=not self._config.types or ALL in self._config.types,
            settling=settling,
            memory=replace(memory, samples=self._samples) if memory is not None else None,
            notes=self._judged_types_note(),
            late_notes=self._too_few_note,
            not_judged=not_judged,
            review=self._review,
        )

    def _enough_of_a_type(self, newborns: Newborns) -> list[object]:
        """The survivors of types that have enough of them to be a leak.

        A single application object that holds the leaking ones must not be reported for them.
        """
        survivors = newborns.alive()
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
        return enough

    def _count_too_few(self, name: str, number: int) -> None:
        self._too_few[name] = self._too_few.get(name, 0) + number

    def _review(self, leak: Leak, ages: object) -> Leak | None:
        """The leak, if enough objects are held in its way."""
        if leak.count >= self._config.min_count:
            return leak
        self._count_too_few(leak.type_name, leak.count)
        return None

    def _judged_types_note(self) -> tuple[str, ...]:
        if ALL in self._config.types:
            return ()
        if self._config.types:
            return (f"only the types {', '.join(self._config.types)} were judged",)
        return (f"only classes of {self._shown_home} were judged; --types chooses others",)

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


def wanted_types(types: tuple[str, ...], home: Home) -> TypeFilter | None:
    """Which classes' instances are judged; None means everything."""
    if ALL in types:
        return None
    if types:
        return type_filter(types)
    code = OwnCode(home.folder, filter(None, (MAIN, home.package)))
    # Classes themselves are there to stay.
    return lambda cls: not inherits(cls, type) and code.made(cls)
