"""What memory is left, read from files of a folder of our own."""

import pytest

from leakwatch.forking import analysis, headroom
from leakwatch.forking.headroom import MIB, smallest_room
from leakwatch.report import Report
from tests.heaps import run_python

MEMINFO = "MemTotal: 8388608 kB\nMemFree: 1 kB\nMemAvailable: 4194304 kB\n"
V2 = "sys/fs/cgroup/shop/web"
V1 = "sys/fs/cgroup/memory"


@pytest.fixture
def system(tmp_path, monkeypatch):
    monkeypatch.setattr(headroom, "FILES", tmp_path)

    def write(**files):
        for name, text in files.items():
            path = tmp_path / FILES[name]
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")

    return write


FILES = {
    "cgroup": "proc/self/cgroup",
    "meminfo": "proc/meminfo",
    "statm": "proc/self/statm",
    "oom": "proc/self/oom_score_adj",
    "limit": f"{V2}/memory.max",
    "high": f"{V2}/memory.high",
    "use": f"{V2}/memory.current",
    "stat": f"{V2}/memory.stat",
    "limit_above": "sys/fs/cgroup/shop/memory.max",
    "use_above": "sys/fs/cgroup/shop/memory.current",
    "top_limit": "sys/fs/cgroup/memory.max",
    "top_use": "sys/fs/cgroup/memory.current",
    "limit_1": f"{V1}/memory.limit_in_bytes",
    "use_1": f"{V1}/memory.usage_in_bytes",
    "stat_1": f"{V1}/memory.stat",
}


def mib(number):
    return f"{number * MIB}\n"


def test_a_system_without_such_files_has_no_limit(system):
    assert smallest_room() is None
    assert headroom.resident() is None


def test_the_machine_has_what_the_kernel_calls_available(system):
    system(meminfo=MEMINFO)
    assert str(smallest_room()) == "the machine has 4,096 MiB left of its 8,192 MiB"


def test_the_limit_of_the_container_is_the_narrower(system):
    system(meminfo=MEMINFO, cgroup="0::/shop/web\n", limit=mib(512), use=mib(432))
    assert str(smallest_room()) == "the container has 80 MiB left of its 512 MiB"


def test_files_that_are_only_cached_count_as_free(system):
    system(cgroup="0::/shop/web\n", limit=mib(512), use=mib(432))
    system(stat=f"file 1\ninactive_file {100 * MIB}\n")
    assert smallest_room().left == 180 * MIB


def test_no_limit_is_called_max(system):
    system(cgroup="0::/shop/web\n", limit="max\n", use=mib(432))
    assert smallest_room() is None


def test_what_slows_the_program_down_is_a_limit_too(system):
    system(cgroup="0::/shop/web\n", limit="max\n", high=mib(440), use=mib(432))
    assert smallest_room().left == 8 * MIB


def test_the_limit_of_a_group_around_counts(system):
    system(cgroup="0::/shop/web\n", limit=mib(512), use=mib(100))
    system(limit_above=mib(300), use_above=mib(290))
    assert smallest_room().left == 10 * MIB


def test_a_container_that_sees_only_its_own_group_finds_it_at_the_top(system):
    system(cgroup="0::/kubepods/pod1/abc\n", top_limit=mib(256), top_use=mib(200))
    assert smallest_room().left == 56 * MIB


def test_a_process_moved_out_of_its_tree_is_not_followed(system):
    system(cgroup="0::/../other\n", meminfo=MEMINFO, top_limit=mib(256), top_use=mib(200))
    assert smallest_room().left == 56 * MIB


def test_the_first_version_of_cgroups_is_read_as_well(system):
    system(cgroup="4:cpu,memory:/docker/abc\n1:name=systemd:/x\n", limit_1=mib(512), use_1=mib(500))
    system(stat_1=f"inactive_file 7\ntotal_inactive_file {8 * MIB}\n")
    assert smallest_room().left == 20 * MIB


def test_its_huge_number_is_no_limit(system):
    system(cgroup="4:memory:/\n", limit_1="9223372036854771712\n", use_1=mib(500))
    assert smallest_room() is None


def test_files_with_nonsense_in_them_are_no_limit(system):
    system(cgroup="nonsense\n0::\n", meminfo="MemTotal\nMemAvailable: a lot\n", statm="")
    system(top_limit="²\n", top_use="-5\n")
    assert smallest_room() is None
    assert headroom.resident() is None


def test_a_process_that_may_not_be_copied_is_not_forked_and_the_figures_are_told(system):
    system(statm="99999 76800 1\n", cgroup="0::/shop/web\n", limit=mib(512), use=mib(432))
    said = analysis.lack_of_memory()
    assert said.startswith("not forked: the copy may take up to ")
    assert "the container has 80 MiB left of its 512 MiB; analyse='here' makes no copy" in said


def test_a_process_with_room_is_forked(system):
    system(statm="99999 2560 1\n", cgroup="0::/shop/web\n", limit=mib(512), use=mib(432))
    assert analysis.lack_of_memory() is None


def test_the_answer_that_was_refused_says_so_in_every_format(tmp_path):
    lines = """
import leakwatch, leakwatch.forking.analysis, sys
from leakwatch.forking.headroom import MIB, Room
leakwatch.forking.analysis.smallest_room = lambda: Room("container", MIB, 512 * MIB)
class Cart: pass
KEPT = [leakwatch.watch(Cart(), within=0)]
leakwatch.why(Cart, analyse="fork").save(f"{sys.argv[1]}/why.json")
leakwatch.check(analyse="fork").save(f"{sys.argv[1]}/check.json")
"""
    run_python("-c", lines, str(tmp_path))
    for name in ("why", "check"):
        report = Report.load(tmp_path / f"{name}.json")
        assert report.not_judged == report.partial
        assert not report.leaks
        for suffix in ("txt", "md", "html", "sarif", "xml"):
            file = tmp_path / f"{name}.{suffix}"
            report.save(file)
            text = file.read_text(encoding="utf-8")
            assert "not forked" in text, file
            assert "nothing holds it" not in text, file
            assert "no leaks among" not in text, file


def test_the_child_is_what_the_kernel_ends_first(system, tmp_path):
    system(oom="0\n")
    headroom.offer_to_the_kernel()
    assert (tmp_path / FILES["oom"]).read_text() == "1000"
