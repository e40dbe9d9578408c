"""Each program in `examples/memory` gets the verdict that its docstring promises."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
COMMANDS = {
    "growing_objects": ["hunt", "growing_objects:work"],
    "native_buffer": ["hunt", "native_buffer:work"],
    "allocator_slack": ["run", "--trim", "allocator_slack.py"],
    "bounded_cache": ["hunt", "bounded_cache:work"],
}


@pytest.fixture(scope="module")
def memory(tmp_path_factory):
    """The memory of each program's report; the programs run at the same time."""
    folder = tmp_path_factory.mktemp("reports")
    path = os.pathsep.join([str(ROOT), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")])
    started = [
        subprocess.Popen(
            [
                sys.executable,
                "-m",
                "leakwatch",
                words[0],
                "-o",
                folder / f"{name}.json",
                *words[1:],
            ],
            cwd=ROOT / "examples" / "memory",
            env=os.environ | {"PYTHONPATH": path},
            stderr=subprocess.DEVNULL,
        )
        for name, words in COMMANDS.items()
    ]
    for process in started:
        process.wait(120)
    return {name: json.loads((folder / f"{name}.json").read_text())["memory"] for name in COMMANDS}


def part(found, name):
    return sum(it["size"] for it in found["parts"] if it["name"] == name)


def test_growing_objects_explain_nine_tenths_of_the_growth(memory):
    found = memory["growing_objects"]
    grown = found["end"]["uss"] - found["start"]["uss"]
    assert found["verdict"] == "objects"
    assert part(found, "Python objects") >= 0.9 * grown
    (per_run, *_) = found["trends"]
    assert per_run["per"] == "run"
    assert 25_000 < per_run["low"] <= per_run["high"] < 33_000


def test_a_buffer_of_a_c_library_is_native(memory):
    found = memory["native_buffer"]
    assert found["verdict"] == "native"
    assert part(found, "Python objects") == 0
    heap = next(trend for trend in found["trends"] if trend["figure"] == "heap")
    assert 49_000 < heap["slope"] < 51_000


def test_freed_memory_is_the_allocator_s_and_asking_for_it_proves_that(memory):
    found = memory["allocator_slack"]
    assert found["verdict"] == "allocator keeps freed memory"
    assert part(found, "allocator slack") > 30_000_000
    assert "gave back" in found["evidence"][0]


def test_a_cache_that_has_filled_does_not_grow(memory):
    assert memory["bounded_cache"]["verdict"] == "not growing"
