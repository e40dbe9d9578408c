"""`leakwatch doctor` tells what leakwatch runs on and where each option was set."""

import platform
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from leakwatch.config import OPTIONS


def rows(result):
    return {
        line.split()[0]: line.split()[1:] for line in result.stdout.splitlines() if line[0] == " "
    }


def test_the_interpreter_the_walk_and_the_versions_are_told(cli):
    result = cli("doctor")
    told = rows(result)
    assert told["python"][:2] == [platform.python_implementation(), platform.python_version()]
    assert told["heap"][1] in {"native", "pure"}
    assert told["collector"] == ["on"]
    assert {"pluggy", "psutil", "objgraph", "pytest", "leakwatch-framework"} <= told.keys()
    assert (result.returncode, result.stderr) == (0, "")


def test_the_native_walk_is_taken_where_it_was_compiled(cli):
    pytest.importorskip("leakwatch.heap._walk_native")
    told = rows(cli("doctor"))
    assert (told["heap"], told["weak"]) == (["walk", "native"], ["containers", "native"])


def test_a_pure_walk_is_told_with_its_reason(cli):
    told = rows(cli("doctor", LEAKWATCH_PURE="1"))
    assert " ".join(told["heap"]) == "walk pure (LEAKWATCH_PURE is set)"
    assert told["weak"] == ["containers", "pure"]
    assert " ".join(told["snapshots"]) == "pure (LEAKWATCH_PURE is set)"


def test_a_native_walk_that_cannot_be_loaded_is_no_error(cli):
    lines = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.endswith("_walk_native"):
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Missing())
from leakwatch.heap.graph import IMPLEMENTATION, WHY_PURE
print(IMPLEMENTATION, WHY_PURE)
"""
    told = cli.python("-c", lines).stdout
    assert told == "pure the native one was not compiled at installation\n"


def test_every_option_has_its_value_and_source(cli):
    path = cli.write("leakwatch.toml", "min_count = 3\nmax_seconds = 5\ntypes = ['a.*']")
    told = rows(cli("--debug", "doctor", LEAKWATCH_MIN_COUNT="20"))
    assert told["min_count"] == ["20", "environment", "LEAKWATCH_MIN_COUNT"]
    assert told["max_seconds"] == ["5.0", str(path)]
    assert told["types"] == ["['a.*']", str(path)]
    assert told["debug"] == ["true", "flag", "--debug"]
    assert told["format"] == ["text", "default"]
    assert {row.name for row in OPTIONS} <= told.keys()


def test_another_owner_of_the_import_name_is_a_problem(cli):
    info = "other/leakwatch-2.dist-info"
    cli.write(f"{info}/METADATA", "Name: leakwatch\nVersion: 2\n")
    cli.write(f"{info}/top_level.txt", "leakwatch\n")
    cli.write(f"{info}/RECORD", "leakwatch/__init__.py,,\n")
    path = f"{cli.pythonpath}:{cli.folder}/other"
    result = cli("doctor", PYTHONPATH=path)
    assert "the import name leakwatch belongs to leakwatch" in result.stdout


def test_the_plugins_that_are_loaded_are_named(cli):
    assert "\nplugins: none\n" in cli("doctor").stdout
    others = {point.name for point in entry_points(group="leakwatch")} - {"numpy", "torch"}
    told = cli("doctor", LEAKWATCH_DISABLE_PLUGINS=",".join(others)).stdout
    assert "\nplugins: numpy, torch\n" in told


def test_an_unknown_variable_and_a_broken_plugin_are_problems(cli):
    cli.write("absent.py", "import no_such_library")
    result = cli("-p", "absent", "doctor", LEAKWATCH_MIN_COUTN="4")
    problems = result.stdout.partition("problems\n")[2]
    assert "LEAKWATCH_MIN_COUTN is no option; did you mean 'LEAKWATCH_MIN_COUNT'?" in problems
    assert "plugin 'absent' failed in import" in problems


def test_the_ways_into_a_process_are_told(cli):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        result = cli("doctor", str(process.pid))
        process.communicate(b"\n")
    told = rows(result)
    assert result.stdout.startswith(f"process {process.pid}\n")
    assert told["python"] == [f"3.{sys.version_info.minor}"]
    assert told["socket"][0] == told["signal"][0] == "closed:"
    assert {"remote_exec", "program", "user", "files", "below"} <= told.keys()
    assert result.returncode == (0 if told["remote_exec"][0] == "open:" else 3)


def test_a_process_that_is_not_there_is_told(cli):
    result = cli("doctor", str(2**22 + 1))
    assert (result.returncode, result.stdout) == (3, "")
    assert "there is no process" in result.stderr


def test_the_variables_that_let_in_are_known(cli):
    told = cli("doctor", LEAKWATCH_DOOR="0", LEAKWATCH_SIGNAL="0").stdout
    assert told.endswith("problems: none\n")
