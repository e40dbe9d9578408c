"""`leakwatch hunt`: what grows each time a function is called."""

import argparse
import importlib
import inspect
import os
import sys
from collections.abc import Callable
from difflib import get_close_matches
from functools import partial
from types import ModuleType, TracebackType
from typing import Any, cast

from leakwatch.cli.commands.baseline import baseline_of
from leakwatch.cli.family import is_forked_child
from leakwatch.cli.forked_children import ForkedChildren
from leakwatch.cli.messages import (
    CLEAN,
    INTERRUPTED,
    code_with_growth,
    complain_of_fault,
    fault_as_reason,
)
from leakwatch.cli.output import add_output, deliver, format_for, path_from
from leakwatch.cli.parsing import add_options
from leakwatch.cli.program import FAILED, current_folder, of_program, set_first_path, show
from leakwatch.cli.terminal import working
from leakwatch.cli.work_output import SHOWN, WorkOutput
from leakwatch.command import Subcommand
from leakwatch.compare.baseline import Baseline
from leakwatch.errors import ConfigurationError, LeakwatchError, quoted, shortened, shown_path
from leakwatch.heap.objects import class_name
from leakwatch.report import Report
from leakwatch.session import Session
from leakwatch.stages import Stage, begins

EPILOG = """\
The function is called several times, then judged by what grows with every call; a cache
that fills and then stops is no leak. It takes no arguments, or has defaults for them, and
may be a coroutine function. The current folder is on sys.path.

examples:
  leakwatch hunt tests.work:checkout
  leakwatch hunt tests/work.py:checkout                 the same, by the name of its file
  leakwatch hunt --runs 50 --warmup 10 shop.api:refresh
  leakwatch hunt --inserted shop.api:refresh
  leakwatch hunt --fail-on-growth shop.api:thumbnail    for CI: C code that frees nothing fails too
  leakwatch hunt -o growth.json shop.api:Client.ping_once
  leakwatch hunt --children shop.jobs:through_the_pool  what its forked processes leave as well

exit codes: 0 no objects leak but those that the baseline accepts, 1 leaks, with --fail-on-growth
also memory that grows without them, 2 usage, or the function raised in the warm-up or the first
runs, 3 not judged, with --children also a child, 130 interrupted. A function that raises after
four runs, and Ctrl-C, end the hunt with what is known so far.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    parser.description = "Call a function repeatedly and tell what grows with every call."
    parser.epilog = EPILOG
    parser.add_argument(
        "work", metavar="MODULE:FUNCTION", help="the work to repeat; or FILE.py:FUNCTION"
    )
    parser.add_argument("--runs", type=int, default=7, help="calls to judge (default: 7)")
    parser.add_argument("--warmup", type=int, default=3, help="calls before that (default: 3)")
    parser.add_argument(
        "--inserted",
        action="store_true",
        help="also tell the lines that put the leaked objects into containers; calls the "
        "function up to five times more, traced line by line",
    )
    parser.add_argument(
        "--show-output",
        action="store_true",
        help=f"show what the function prints in all calls; by default in the first {SHOWN}",
    )
    parser.add_argument(
        "--children",
        action="store_true",
        help="judge the processes that the function, or the import of its module, forks as well, "
        "each at its end by what it has left since its fork; --min-count is about those",
    )
    add_output(parser)
    add_options(
        parser, "min_count", "fail_on_growth", "baseline", "max_objects", "max_seconds", "trim"
    )


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    chosen = format_for(arguments.config, arguments.output)
    here = current_folder()
    set_first_path(here)
    baseline = baseline_of(arguments.config)
    judged = partial(hunt_and_tell, arguments, chosen, here, baseline)
    if not arguments.children:
        return judged()
    with ForkedChildren(arguments.work, arguments.config, baseline) as children:
        return children.judged_with(judged)


def hunt_and_tell(arguments: argparse.Namespace, chosen: str, here: str, baseline: Baseline) -> int:
    """Import the work, repeat it, and write the report.

    Args:
        arguments: of the command line.
        chosen: the format of the report.
        here: the folder where the command was given.
        baseline: what is accepted.

    Returns:
        the exit code; in a child that the work has forked this returns too.
    """
    begins(Stage.WORK)
    work = function_of(arguments.work)
    with WorkOutput() as output, working("", output.stderr) as waiting:
        waiting.announce(
            f"calling {shortened(arguments.work)} {arguments.warmup + arguments.runs:,} times, "
            "and more often where something grows"
        )

        def progress(text: str) -> None:
            output.empty()
            waiting.tell(text)

        host = Session.configured(
            arguments.config, baseline=baseline, progress=progress, finishes=True
        )
        report = hunted(arguments, work, host, None if arguments.show_output else output)
    if is_forked_child():
        return FAILED if report.partial else CLEAN
    output.tell()
    code = deliver([report], chosen, path_from(arguments.output, here))
    code = code_with_growth(code, report, arguments.config)
    return INTERRUPTED if host.interrupted else code


def hunted(
    arguments: argparse.Namespace, work: Callable[[], Any], host: Session, output: WorkOutput | None
) -> Report:
    """The report of a hunt, which Ctrl-C or a fault of leakwatch may cut short.

    Raises:
        ConfigurationError: the work raised, or left.
    """
    # It imports asyncio, which a program under `leakwatch run` should not find loaded.
    from leakwatch.growth.rounds import FEWEST, hunt

    runs, warmup, inserted = arguments.runs, arguments.warmup, arguments.inserted
    try:
        return hunt(
            work,
            runs,
            warmup,
            host,
            inserted=inserted,
            interrupted=host.interrupt,
            raised=show,
            output=output,
            children_too=arguments.children,
        )
    except LeakwatchError:
        raise
    except KeyboardInterrupt:
        host.interrupted = f"interrupted before {FEWEST} runs were judged"
        return Report(arguments.work, "hunt", partial=host.interrupted, not_judged=host.interrupted)
    except SystemExit:
        if is_forked_child():
            raise
        raise ConfigurationError(
            f"{shortened(arguments.work)} called sys.exit; name a function that returns"
        ) from None
    except Exception as error:  # noqa: BLE001 - the work's, or a fault of ours
        if of_program(error.__traceback__) is None:
            # No frame of the work's: the fault is ours.
            complain_of_fault(error, debug=arguments.config.debug)
            return Report(arguments.work, "hunt", not_judged=fault_as_reason(error))
        show(error)
        raise ConfigurationError(
            f"{shortened(arguments.work)} raised {class_name(type(error))}; "
            "make it work, then hunt in it"
        ) from None


def function_of(target: str) -> Callable[[], Any]:
    """The function that `MODULE:FUNCTION` or `FILE.py:FUNCTION` names.

    Raises:
        ConfigurationError: there is no such function, or it cannot be called without arguments.
    """
    name, _, path = target.rpartition(":")
    if not (name and path):
        raise ConfigurationError(
            f"{quoted(target)}: expected MODULE:FUNCTION or FILE.py:FUNCTION, such as "
            "tests.work:checkout or tests/work.py:checkout"
        )
    if name.endswith(".py"):
        name = module_of(name, target)
    work: Any = imported(name)
    for part in path.split("."):
        work = attribute(work, part, target)
    check_callable(work, target)
    return cast(Callable[[], Any], work)


def module_of(file: str, target: str) -> str:
    """The name under which a file can be imported, as pytest does it; its folder is on sys.path.

    Raises:
        ConfigurationError: there is no such file, or it has a name that cannot be imported.
    """
    if not os.path.isfile(file):
        raise ConfigurationError(f"{shortened(target)}: there is no file {shown_path(file)}")
    folder, name = os.path.split(os.path.abspath(file).removesuffix(".py"))
    # The packages around it are part of the name.
    while os.path.isfile(os.path.join(folder, "__init__.py")):
        folder, package = os.path.split(folder)
        name = package if name == "__init__" else f"{package}.{name}"
    if not all(part.isidentifier() for part in name.split(".")):
        raise ConfigurationError(
            f"{shortened(target)}: {quoted(name)} is no name that can be imported; rename the file"
        )
    if folder not in map(os.path.abspath, sys.path):
        sys.path.insert(0, folder)
    return name


def imported(name: str) -> ModuleType:
    """The module of that name."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):
            raise ConfigurationError(
                f"{shortened(name)}: {shortened(str(error))}; install it, or set PYTHONPATH"
            ) from None
        raise ConfigurationError(
            f"no module named {quoted(name)}, looked in the current folder and on sys.path"
        ) from None
    except SystemExit:
        if is_forked_child():
            raise
        raise ConfigurationError(
            f"{shortened(name)} calls sys.exit when imported; "
            "put that below `if __name__ == '__main__':`"
        ) from None
    except Exception as error:  # noqa: BLE001 - the module's own code
        BaseException.with_traceback(error, of_module(error.__traceback__))
        show(error)
        raise ConfigurationError(
            f"{shortened(name)} raised {class_name(type(error))} when imported; "
            f"make `import {shortened(name)}` work"
        ) from None


def of_module(traceback: TracebackType | None) -> TracebackType | None:
    """A traceback from the module's first frame on, without those of the import."""
    traceback = of_program(traceback)
    while traceback is not None:
        name = traceback.tb_frame.f_globals.get("__name__", "")
        if not (isinstance(name, str) and name.partition(".")[0] == "importlib"):
            break
        traceback = traceback.tb_next
    return traceback


def attribute(owner: object, name: str, target: str) -> object:
    """An attribute of a module or class."""
    try:
        return getattr(owner, name)
    except AttributeError:
        close = get_close_matches(name, dir(owner), n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise ConfigurationError(f"{shortened(target)}: there is no {quoted(name)}{hint}") from None


def check_callable(work: Any, target: str) -> None:
    """Refuse what cannot be called without arguments."""
    if not callable(work):
        raise ConfigurationError(
            f"{shortened(target)} is no function but of type {type(work).__qualname__}"
        )
    try:
        inspect.signature(work).bind()
    except TypeError as error:
        raise ConfigurationError(
            f"{shortened(target)} cannot be called without arguments ({shortened(str(error))}); "
            "wrap it in a function that takes none"
        ) from None
    except ValueError:
        # Written in C without a signature: the first call will tell.
        return


COMMAND = Subcommand(
    "hunt", "call a function repeatedly and report what grows", add_arguments, run_command
)
