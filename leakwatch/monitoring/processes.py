"""What the system tells of other processes: whose they are, what they run, where they live."""

import math
import os
import re
from collections.abc import Iterator
from pathlib import Path

SYS_PTRACE = 19
"""The number of the capability to look into other processes."""
PYTHON = re.compile(r"/(?:lib)?python3\.(\d+)")
"""In the path of a program or a library: which Python it is."""
YAMA = Path("/proc/sys/kernel/yama/ptrace_scope")
DISABLED = "PYTHON_DISABLE_REMOTE_DEBUG"
DISABLED_BY_OPTION = "disable-remote-debug"


def exists(pid: int) -> bool:
    """Whether there is such a process; where the system does not tell, there is."""
    return os.path.exists(f"/proc/{pid}") or not os.path.isdir("/proc/self")


def age_of(pid: int) -> float:
    """Seconds since a process was started; without end where the system does not tell."""
    try:
        up = float(Path("/proc/uptime").read_text(encoding="ascii").split()[0])
        return up - int(state_of(pid)[19]) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return math.inf


def owner_of(pid: int) -> int | None:
    """The user of a process, where the system tells it."""
    try:
        return os.stat(f"/proc/{pid}").st_uid
    except OSError:
        return None


def environment_of(pid: int) -> dict[str, str]:
    """The environment that a process was started with, where the system tells it."""
    entries = words_in(f"/proc/{pid}/environ")
    return dict(entry.split("=", 1) for entry in entries if "=" in entry)


def words_in(path: str) -> list[str]:
    """The texts of a file in which each ends with a zero; none where it cannot be read."""
    try:
        return Path(path).read_bytes().decode(errors="surrogateescape").split("\0")
    except OSError:
        return []


def program_of(pid: int) -> str:
    """The path of the program that a process runs; empty where the system does not tell."""
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def is_python(pid: int) -> bool:
    """Whether a process runs a Python, by the name of its program."""
    return "python" in os.path.basename(program_of(pid))


def minor_of(pid: int) -> int | None:
    """The minor version of the Python 3 in a process, by the names of what it has loaded.

    A server may have the interpreter as a library.
    """
    found = PYTHON.search(program_of(pid))
    if found is None:
        try:
            loaded = Path(f"/proc/{pid}/maps").read_text(encoding="utf-8", errors="replace")
        except OSError:
            return None
        found = PYTHON.search(loaded)
    return int(found[1]) if found else None


def refuses_scripts(pid: int) -> bool:
    """Whether a process was started so that its Python takes no script from outside."""
    options = words_in(f"/proc/{pid}/cmdline")
    return bool(environment_of(pid).get(DISABLED)) or any(
        it in {DISABLED_BY_OPTION, f"-X{DISABLED_BY_OPTION}"} for it in options
    )


def may_reach_into(pid: int) -> bool:
    """Whether this process may read and write the memory of another one, by trying the door."""
    try:
        os.close(os.open(f"/proc/{pid}/mem", os.O_RDWR))
    except OSError:
        return False
    return True


def what_lets_in() -> str:
    """What would let this process into the memory of another one of its user."""
    try:
        scope = int(YAMA.read_text(encoding="ascii"))
    except (OSError, ValueError):
        scope = 0
    grant = "CAP_SYS_PTRACE (in Docker `--cap-add SYS_PTRACE`)"
    if scope == 1:
        return (
            f"this system lets only a parent in ({YAMA} is 1): set it to 0, or ask as root or "
            f"with {grant}"
        )
    if scope == 2:
        return f"this system lets only root in ({YAMA} is 2): ask as root or with {grant}"
    if scope == 3:
        return f"this system lets nobody in ({YAMA} is 3) until it is started anew"
    if has_capability(SYS_PTRACE):
        return "the process is protected, by its own settings or those of its container"
    return f"the process is protected or in another container: ask as its root, with {grant}"


def has_capability(number: int) -> bool:
    """Whether this process has a capability."""
    return bool(bits_of("self", "CapEff") >> number & 1)


def catches(pid: int, number: int) -> bool:
    """Whether a process has a handler for a signal."""
    return bool(bits_of(pid, "SigCgt") >> (number - 1) & 1)


def bits_of(process: int | str, name: str) -> int:
    """A set in the status of a process, one bit for each member; empty where it is not told."""
    found = field_of(process, name)
    return int(found[-1], 16) if found else 0


def state_of(process: int | str) -> list[str]:
    """The words of `/proc/PID/stat` (see proc_pid_stat(5)) from the third on, the state.

    Raises:
        OSError: there is no such process, or no such file.
    """
    # The name of the program stands in parentheses and may have any character.
    return Path(f"/proc/{process}/stat").read_text(errors="replace").rpartition(")")[2].split()


def field_of(process: int | str, name: str) -> list[str]:
    """The words of a line in the status of a process; none where the system does not tell."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    line = re.search(rf"^{name}:(.*)$", status, re.MULTILINE)
    return line[1].split() if line else []


# -- files ------------------------------------------------------------------------------------


def files_of(pid: int) -> str:
    """Where the files of a process are, as seen from here: empty where they are our own."""
    root = f"/proc/{pid}/root"
    try:
        theirs, ours = os.stat(f"{root}/"), os.stat("/")
    except OSError:
        return ""
    same = (theirs.st_dev, theirs.st_ino) == (ours.st_dev, ours.st_ino)
    return "" if same else root


def number_within(pid: int) -> int:
    """The number that a process knows itself by: another one where it is in a container."""
    numbers = field_of(pid, "NSpid")
    return int(numbers[-1]) if numbers else pid


# -- families ---------------------------------------------------------------------------------


def family_of(pid: int) -> Iterator[int]:
    """A process and those below it, where the system tells: parents first."""
    parents = dict(parents_of_all())
    family = {pid}
    yield pid
    while more := sorted(it for it, parent in parents.items() if parent in family - {it}):
        more = [it for it in more if it not in family]
        if not more:
            return
        yield from more
        family.update(more)


def parents_of_all() -> Iterator[tuple[int, int]]:
    """Each process with its parent."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            yield int(folder.name), int(state_of(folder.name)[1])
        except (OSError, ValueError, IndexError):
            continue
