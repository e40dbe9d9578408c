"""Memory that is left: of the container, of the machine.

A forked child shares the memory of its parent until one of them writes to it, so a look takes
memory of its own while it lasts. Near a limit that would end the program, or something else on
the machine. What cannot be read is no limit: other systems have no such files.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

FILES = Path("/")
"""Where `/proc` and `/sys` are."""
CGROUPS = "sys/fs/cgroup"
NO_LIMIT = 1 << 60
"""Version 1 of cgroups writes a number near 2 ** 63 where nothing is limited."""
MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Room:
    """Memory that may still be taken.

    Attributes:
        owner: whose limit it is, in words.
        left: bytes; what the system can take back from its caches counts as free.
        limit: bytes in all.
    """

    owner: str
    left: int
    limit: int

    def __str__(self) -> str:
        left, limit = self.left // MIB, self.limit // MIB
        return f"the {self.owner} has {left:,} MiB left of its {limit:,} MiB"


@dataclass(frozen=True, slots=True)
class Version:
    """The names of one version of cgroups, below `CGROUPS`.

    Attributes:
        folder: where the groups are.
        limits: files with a limit each.
        use: file with the bytes in use.
        cache: the line of `memory.stat` that tells what of them can be taken back at once.
    """

    folder: str
    limits: tuple[str, ...]
    use: str
    cache: str


V1 = Version("memory", ("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file")
V2 = Version("", ("memory.max", "memory.high"), "memory.current", "inactive_file")


def smallest_room() -> Room | None:
    """The narrowest of all limits; None where none is known."""
    return min((*containers(), *machine()), key=lambda room: room.left, default=None)


def resident() -> int | None:
    """Bytes of memory that this process has in use, None where that is not known."""
    fields = read("proc/self/statm").split()
    return int(fields[1]) * os.sysconf("SC_PAGE_SIZE") if len(fields) > 1 else None


def machine() -> Iterator[Room]:
    """The memory of the machine that can be taken without swapping, if the kernel says so."""
    figures = {}
    for line in read("proc/meminfo").splitlines():
        name, _, figure = line.partition(":")
        number = bytes_in(figure.removesuffix("kB"))  # such as `7948132 kB`
        if number is not None:
            figures[name] = 1024 * number
    if {"MemAvailable", "MemTotal"} <= figures.keys():
        yield Room("machine", figures["MemAvailable"], figures["MemTotal"])


def containers() -> Iterator[Room]:
    """The limits of the groups of processes that this one is in, the innermost first."""
    for line in read("proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, group = rest.partition(":")
        if not controllers:
            yield from rooms_of(V2, group)
        elif "memory" in controllers.split(","):
            yield from rooms_of(V1, group)


def rooms_of(version: Version, group: str) -> Iterator[Room]:
    """The limits of a group and of those around it.

    In a container the path may be that of the host, of which only the group itself is to be
    seen, as the top of the tree: it ends the list of those around.
    """
    path = PurePosixPath("/", group)
    for around in (path, *path.parents):
        if ".." in around.parts:  # of a process that was moved out of its own tree
            continue
        folder = f"{CGROUPS}/{version.folder}/{around}"
        used = bytes_in(read(f"{folder}/{version.use}"))
        limits = [bytes_in(read(f"{folder}/{name}")) for name in version.limits]
        known = [limit for limit in limits if limit is not None and limit < NO_LIMIT]
        if used is not None and known:
            limit = min(known)
            yield Room("container", max(0, limit - used + cache_of(version, folder)), limit)


def cache_of(version: Version, folder: str) -> int:
    """Bytes of files that a group has in memory and does not use just now."""
    for line in read(f"{folder}/memory.stat").splitlines():
        name, _, figure = line.partition(" ")
        if name == version.cache:
            return bytes_in(figure) or 0
    return 0


def bytes_in(text: str) -> int | None:
    """A number of bytes; None for `max`, or where there is no such file."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() else None


def read(path: str) -> str:
    """The text of a file below `FILES`; empty where it cannot be read."""
    try:
        return (FILES / path.replace("//", "/").lstrip("/")).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def offer_to_the_kernel() -> None:
    """Ask the kernel to end this process first if memory runs out all the same."""
    try:
        (FILES / "proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    except OSError:
        return
