"""`leakwatch_memory`: the figures move with the process, and a refused one costs no other."""

import subprocess
import sys
import textwrap

import psutil
import pytest

import leakwatch_memory
from leakwatch_memory import by_psutil, figures, linux
from tests.heaps import run_python

MIB = 1 << 20
COUNTED = {"interned"} if hasattr(sys, "getunicodeinternedsize") else set()
ALWAYS = COUNTED | {
    "rss", "shared", "heap_used", "mmap_used", "python_blocks", "gc_collections", "threads", "fds",
}  # fmt: skip
CHILDREN = {"children", "children_uss", "children_fds"}


READ_ALL = """
from leakwatch_memory import figures
for reader in figures.READINGS:
    figures.READINGS[reader] = figures.Budget(1.0, 60.0)
"""
"""On a busy machine the first readings may take so long that the next ones are left out."""


def run(program):
    """The lines that a program prints in a process of its own, in which every figure is read."""
    done = subprocess.run(
        [sys.executable, "-c", READ_ALL + textwrap.dedent(program)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.fixture
def fresh(monkeypatch):
    """No reading has failed yet, and all budgets are full."""
    monkeypatch.setattr(figures, "_refused", {})
    for read in figures.READINGS:
        monkeypatch.setitem(figures.READINGS, read, figures.Budget(1.0, 1.0))


def test_what_the_first_thorough_sample_imports_is_no_growth():
    program = """
        from leakwatch_memory import sample
        first, second = sample(thorough=True), sample(thorough=True)
        print(second["python_blocks"] - first["python_blocks"])
        """
    assert int(run(program)[0]) < 500  # psutil takes some thousands


def test_the_first_sample_has_every_figure(fresh):
    sample = leakwatch_memory.leakwatch_sample_memory(thorough=False)
    assert set(sample) == {*ALWAYS, "uss", "pss"}
    assert {type(value) for value in sample.values()} == {int}
    assert 0 < sample["uss"] <= sample["rss"] * 2
    assert leakwatch_memory.unavailable() == {}


def test_a_thorough_sample_has_the_sockets_and_asks_no_budget(fresh, monkeypatch):
    import socket

    for read in figures.READINGS:
        monkeypatch.setitem(figures.READINGS, read, None)
    before = leakwatch_memory.sample(thorough=True)
    with socket.socket():
        after = leakwatch_memory.sample(thorough=True)
    assert set(after) == {*ALWAYS, *CHILDREN, "uss", "pss", "sockets"}
    assert after["sockets"] - before["sockets"] == 1


def test_a_spent_budget_leaves_its_figure_out(fresh, monkeypatch):
    clock, cost = iter([0.0, 1000.0, 1001.0]).__next__, iter([0.0, 1000.0]).__next__
    spent = figures.Budget(0.5, clock=clock, spent=cost)
    spent.take(lambda: None)
    monkeypatch.setitem(figures.READINGS, figures.SYSTEM.uss, spent)
    assert set(leakwatch_memory.sample()) == ALWAYS


@pytest.mark.skipif(figures.SYSTEM is not linux, reason="other systems are asked through psutil")
def test_neither_the_plugin_nor_a_sample_imports_psutil_or_logging():
    program = """
        import sys
        import leakwatch_memory
        print("psutil" in sys.modules, "logging" in sys.modules)
        leakwatch_memory.sample()
        print("psutil" in sys.modules, "logging" in sys.modules)
    """
    assert run(program) == ["False False", "False False"]


@pytest.mark.skipif(figures.SYSTEM is not linux, reason="other systems are asked through psutil")
def test_linux_is_read_as_psutil_reads_it():
    assert linux.threads() == by_psutil.threads()
    assert linux.fds() == by_psutil.fds()
    for ours, theirs in [
        (linux.rss(), by_psutil.rss()),
        (linux.uss(), by_psutil.uss()),
        (linux.heap(), by_psutil.heap()),
    ]:
        assert all(abs(ours[figure] - theirs[figure]) <= 4 * MIB for figure in theirs)


def test_fifty_megabytes_show_in_resident_and_in_mapped_memory():
    program = """
        from leakwatch_memory import sample
        sample()
        before = sample()
        kept = bytearray(b"x" * (50 << 20))
        after = sample()
        for name in ("rss", "mmap_used"):
            print((after[name] - before[name]) >> 20 >= 49)
    """
    assert run(program) == ["True", "True"]


def test_many_middling_blocks_show_in_the_heap_of_malloc():
    program = """
        from leakwatch_memory import sample
        sample()
        before = sample()
        kept = [bytes(10_000) for _ in range(2_000)]
        after = sample()
        print(19 << 20 <= after["heap_used"] - before["heap_used"] <= 21 << 20)
    """
    assert run(program) == ["True"]


def test_small_objects_show_as_blocks_of_python():
    program = """
        from leakwatch_memory import sample
        sample()
        before = sample()
        kept = [object() for _ in range(100_000)]
        after = sample()
        print(100_000 <= after["python_blocks"] - before["python_blocks"] < 101_000)
    """
    assert run(program) == ["True"]


def test_a_thread_and_an_open_file_are_counted():
    program = """
        import os, threading
        from leakwatch_memory import sample
        sample()
        before = sample()
        go = threading.Event()
        threading.Thread(target=go.wait).start()
        kept = os.open(os.devnull, os.O_RDONLY)
        after = sample()
        go.set()
        print(after["threads"] - before["threads"], after["fds"] - before["fds"])
    """
    assert run(program) == ["1 1"]


def test_a_forked_child_reads_its_own_figures():
    program = """
        import os
        from leakwatch_memory import by_psutil, sample
        sample()
        parent = by_psutil.own_process().pid
        child = os.fork()
        if not child:
            own = by_psutil.own_process().pid == os.getpid() != parent
            os._exit(0 if own and sample()["threads"] == 1 else 1)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
        print(by_psutil.own_process().pid == parent)
    """
    assert run(program) == ["0", "True"]


def test_a_process_without_free_descriptors_keeps_the_other_figures():
    program = """
        import os, resource
        from leakwatch_memory import sample, unavailable
        sample()
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))
        print(*sorted(sample()))
        print(*sorted(unavailable()))
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        print("fds" in sample(), "rss" in sample())
    """
    poor, refused, again = run(program)
    assert (
        set(poor.split()) == {"heap_used", "mmap_used", "python_blocks", "gc_collections"} | COUNTED
    )
    assert {"fds", "rss", "threads"} <= set(refused.split())
    assert again == "True True"


def test_a_missing_permission_leaves_one_figure_out_and_is_noted_once(fresh, monkeypatch, caplog):
    def denied(path):
        raise PermissionError(path)

    monkeypatch.setattr(linux.os, "listdir", denied)
    with caplog.at_level("INFO", logger="leakwatch"):
        leakwatch_memory.sample()
        sample = leakwatch_memory.sample()
    assert ALWAYS - set(sample) == {"fds"}
    (record,) = caplog.records
    assert record.levelname == "INFO"
    assert record.getMessage().startswith("memory figure fds cannot be read and is left out: Per")
    assert leakwatch_memory.unavailable()["fds"].startswith("PermissionError")


def test_a_libc_without_heap_figures_has_the_others(fresh, monkeypatch):
    monkeypatch.setattr(linux, "mallinfo", lambda: None)
    monkeypatch.delattr(psutil, "heap_info")
    assert ALWAYS - set(leakwatch_memory.sample()) == {"heap_used", "mmap_used"}
    assert set(leakwatch_memory.unavailable()) == {"heap"}


def test_without_psutil_elsewhere_the_interpreter_s_own_figures_are_left():
    program = """
import sys
sys.modules["psutil"], sys.platform = None, "darwin"
from leakwatch_memory import sample, unavailable
print(*sample())
print(unavailable()["heap"].split(":")[0])
"""
    counted = "".join(f" {name}" for name in COUNTED)
    found = run_python("-c", program).splitlines()
    assert found == [f"python_blocks{counted} gc_collections", "ModuleNotFoundError"]


def test_the_successor_of_memory_full_info_is_used_where_it_exists(monkeypatch):
    class Footprint:
        uss = 42

    monkeypatch.setattr(
        psutil.Process, "memory_footprint", lambda process: Footprint, raising=False
    )
    assert by_psutil.uss()["uss"] == 42


def test_a_scope_reports_the_figures_at_both_ends():
    program = """
        import leakwatch
        import leakwatch_memory
        from leakwatch.session import plugins
        if "memory" not in plugins().names():
            plugins().register(leakwatch_memory, "memory")
        with leakwatch.scope("load") as scope:
            kept = bytearray(b"x" * (50 << 20))
        print(scope.report.memory.change["rss"] >> 20 >= 49)
        print(leakwatch_memory.story(scope.report))
    """
    grown, story = run(program)
    assert grown == "True"
    assert story.startswith("RSS grew 5")
    assert "no survivor explains it; malloc has 50.0 MiB more in use" in story


def test_a_child_is_counted_with_its_memory_and_files_until_it_ends():
    lines = """
    import subprocess, sys, leakwatch_memory
    def figures():
        found = leakwatch_memory.sample(thorough=True)
        return [found[name] for name in ("children", "children_uss", "children_fds")]
    print(*figures())
    program = "import sys; kept = b'x' * (20 << 20); print(1, flush=True); sys.stdin.read()"
    child = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    child.stdout.readline()
    number, size, files = figures()
    print(number, size > 20 << 20, files >= 3)
    child.stdin.close()
    child.wait()
    print(*figures())
    """
    assert run(lines) == ["0 0 0", "1 True True", "0 0 0"]
