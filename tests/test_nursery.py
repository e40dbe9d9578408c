"""A forked program prints, and ends, as one in a new process; so most tests may fork."""

import os
import re
import signal

import pytest

from leakwatch.cli.commands.builtin import leakwatch_subcommands
from tests import nursery
from tests.leakwatch.cli.conftest import CommandLine, clean_environment
from tests.printed import WAITED

COMMANDS = {
    "attach": ["attach", "1", "status"],
    "baseline": ["baseline", "leaks.json"],
    "combine": ["combine", "leaks.json", "leaks.json"],
    "completion": ["completion", "bash"],
    "diff": ["diff", "leaks.json", "leaks.json"],
    "doctor": ["doctor"],
    "explain": ["explain", "LW101"],
    "hunt": ["hunt", "--runs", "2", "--warmup", "1", "work:clean"],
    "plugins": ["plugins"],
    "report": ["report", "leaks.json"],
    "run": ["run", "leaky.py"],
    "snapshot": ["snapshot", "missing.lwheap"],
    "verify": ["verify", "leaks.json", "--", "leaky.py"],
    "why": ["why", "Session", "leaky.py"],
}
CODES = dict.fromkeys(["baseline", "combine", "report", "verify"], 1) | {"attach": 3, "snapshot": 2}
"""The exit codes of those that do not end with 0: leaks, and what cannot be asked."""
FIGURES = re.compile(r"(?<=/leakwatch-)\w+|\d+ collections?|\d[\d.,]*(?: (?:B|[KMG]iB|s)\b)?")
"""What differs between two runs: the name of a temporary folder, sizes, times."""


def steady(text):
    """What two runs of a program print alike."""
    return FIGURES.sub("#", WAITED.sub("", text))


LEAKY = """
    class Session: ...
    HANDLERS = {f"user {number}": Session() for number in range(20)}
"""
INSIDE = """
    import gc, os, signal, sys, threading, warnings
    main = sys.modules["__main__"]
    print(sys.argv, sys.path, sys.flags, warnings.filters, os.getcwd())
    print([signal.getsignal(number) for number in (1, 2, 13, 15)], gc.isenabled(), gc.callbacks)
    print([it.name for it in threading.enumerate()], sorted(vars(main)), sys.excepthook)
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        print(stream.name, stream.encoding, stream.errors, stream.line_buffering, stream.isatty())
    # Where the locale is C, an interpreter sets this one itself.
    print(sorted(name for name in os.environ if name != "LC_CTYPE"), sys.stdin.read())
    print(sorted(int(number) for number in os.listdir("/proc/self/fd"))[:3])
    # Not logging: what a report needs the nursery has, and a new process only with a leak.
    print([name for name in ("tests", "asyncio", "pytest") if name in sys.modules])
"""


@pytest.fixture
def cli(tmp_path):
    cli = CommandLine(tmp_path)
    cli.write("leaky.py", LEAKY)
    cli.write("work.py", "def clean(): ...")
    return cli


def test_every_command_is_tried():
    assert sorted(COMMANDS) == sorted(command.name for command in leakwatch_subcommands())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_the_same_in_a_new_process(cli, name):
    assert cli("run", "-o", "leaks.json", "leaky.py").returncode == 0
    forked, new = cli(*COMMANDS[name]), cli.anew(*COMMANDS[name])
    assert new.returncode == forked.returncode
    assert new.returncode == CODES.get(name, 0)
    for stream in ("stdout", "stderr"):
        told = [steady(getattr(result, stream)) for result in (forked, new)]
        assert told[0] == told[1]


def test_a_program_finds_what_a_new_process_has(cli):
    cli.write("inside.py", INSIDE)
    forked, new = cli("run", "inside.py", "a", "-b"), cli.anew("run", "inside.py", "a", "-b")
    assert forked.stdout.splitlines() == new.stdout.splitlines()
    assert (forked.stderr, forked.returncode) == (new.stderr, new.returncode) == ("", 0)


@pytest.mark.parametrize(
    "ending",
    [
        "raise KeyError('price')",
        "raise SystemExit('no disk')",
        "os._exit(5)",
        "os.abort()",
        "os.kill(os.getpid(), 9)",
        "raise KeyboardInterrupt",
        "atexit.register(print, 'late')",
        "threading.Thread(target=print, args=('thread',)).start()",
    ],
)
def test_a_program_ends_as_in_a_new_process(cli, ending):
    cli.write("ends.py", f"import atexit, os, threading\nprint('begun', flush=True)\n{ending}\n")
    results = cli("run", "ends.py"), cli.anew("run", "ends.py")
    forked, new = ((it.stdout, it.returncode) for it in results)
    assert forked == new
    assert results[0].stderr.count("Traceback") == results[1].stderr.count("Traceback")


def test_one_that_takes_too_long_is_ended(tmp_path):
    (tmp_path / "waits.py").write_text("import time\nprint('here', flush=True)\ntime.sleep(600)\n")
    common = {"environment": clean_environment(), "cwd": tmp_path}
    with open(tmp_path / "out", "wb") as out:
        child = nursery.start("leakwatch", ["run", "waits.py"], **common, stdout=out, stderr=out)
        with pytest.raises(TimeoutError):
            child.wait(1)
    assert child.returncode == -signal.SIGKILL
    assert nursery.run("leakwatch", ["--version"], **common).returncode == 0


SHOP = """
class Cart: ...
OPEN = []
def test_leaks(): OPEN.append(Cart())
def test_clean(): Cart()
"""


def test_pytest_says_the_same_in_a_new_process(tmp_path, monkeypatch):
    for name in [name for name in os.environ if name.startswith("PYTEST_")]:
        monkeypatch.delenv(name)
    (tmp_path / "test_shop.py").write_text(SHOP)
    arguments = ["--leakwatch", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:asyncio"]
    forked = nursery.run("pytest", arguments, environment=clean_environment(), cwd=tmp_path)
    new = CommandLine(tmp_path).python("-m", "pytest", *arguments)
    assert (forked.returncode, forked.stderr) == (new.returncode, new.stderr) == (1, "")
    told = [steady(result.stdout).replace("=", "") for result in (forked, new)]
    assert told[0] == told[1]
    assert "LEAKED test_shop.py::test_leaks" in new.stdout
