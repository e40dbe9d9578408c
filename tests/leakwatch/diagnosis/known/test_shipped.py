"""Every known leak that is shipped is recognised where it leaks, and only in affected versions."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from leakwatch.diagnosis.known.entries import shipped
from leakwatch.diagnosis.known.versions import INTERPRETER, installed_version, is_in

ROOT = Path(__file__).parents[4]
REPRODUCERS = Path(__file__).parent / "reproducers"
STAND_IN = re.compile(r"^# stand-in: (?P<name>\S+) (?P<version>\S+)$")
ENTRIES = {entry.id: entry for entry in shipped()}
FIRST_LINES = {path.stem: path.read_text().splitlines()[0] for path in REPRODUCERS.glob("*.py")}
STAND_INS = {name: found for name, line in FIRST_LINES.items() if (found := STAND_IN.match(line))}


@pytest.fixture
def reproduce(tmp_path):
    """Runs a reproducer, as if a distribution were installed in a version."""

    def run(name, distribution="", version=""):
        if distribution:
            folder = tmp_path / f"{distribution.replace('-', '_')}-{version}.dist-info"
            folder.mkdir()
            text = f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
            (folder / "METADATA").write_text(text)
        path = os.pathsep.join([str(tmp_path), str(ROOT), *filter(None, sys.path)])
        result = subprocess.run(
            [sys.executable, str(REPRODUCERS / f"{name}.py")],
            env=os.environ | {"PYTHONPATH": path, "LEAKWATCH_DISABLE_PLUGINS": "all"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        answers = [line for line in result.stdout.splitlines() if line.startswith('{"known"')]
        assert answers, result.stdout + result.stderr
        return json.loads(answers[0])

    return run


def ids_in(answer):
    return {reason.partition(":")[0] for reason in answer["known"]}


def test_every_entry_has_a_reproducer():
    assert set(FIRST_LINES) == set(ENTRIES)


@pytest.mark.parametrize("name", sorted(FIRST_LINES))
def test_a_reproducer_says_whether_it_leaks_for_real(name):
    assert FIRST_LINES[name] == "# real" or name in STAND_INS


@pytest.mark.parametrize("name", sorted(set(FIRST_LINES) - set(STAND_INS)))
def test_what_leaks_for_real_is_known(reproduce, name):
    entry = ENTRIES[name]
    installed = installed_version(entry.distribution)
    if not is_in(installed, entry.affected):
        pytest.skip(f"{entry.distribution} {installed} is not affected")
    answer = reproduce(name)
    # Of what hangs together only one path is told, which another entry of the same report may fit.
    same_report = {f"known as {it.id}" for it in ENTRIES.values() if it.link == entry.link}
    assert same_report & ids_in(answer), answer["leaks"]


def test_what_a_cache_of_typing_gave_is_known_like_what_it_was_asked_with(reproduce):
    answer = reproduce("cpython-typing-cache")
    assert len(answer["known"]) == 2
    assert not answer["leaks"]


@pytest.mark.parametrize("name", sorted(STAND_INS))
def test_the_path_that_a_stand_in_builds_is_known(reproduce, name):
    stand_in = STAND_INS[name]
    answer = reproduce(name, stand_in["name"], stand_in["version"])
    assert ids_in(answer) == {f"known as {name}"}, answer["leaks"]
    assert not answer["leaks"]


FIXED = sorted(name for name in STAND_INS if ENTRIES[name].fixed)


@pytest.mark.parametrize("name", FIXED)
def test_a_fixed_version_is_no_excuse(reproduce, name):
    answer = reproduce(name, STAND_INS[name]["name"], ENTRIES[name].fixed[0])
    assert not answer["known"]
    assert answer["leaks"]


def test_a_distribution_that_is_not_installed_is_no_excuse(reproduce):
    answer = reproduce("openai-type-adapter-cache")
    assert not answer["known"]
    assert answer["leaks"]


@pytest.mark.parametrize("entry", ENTRIES.values(), ids=list(ENTRIES))
def test_an_entry_blames_a_distribution_and_links_to_where_it_is_discussed(entry):
    assert entry.distribution
    assert entry.link.startswith("https://")
    assert entry.id.startswith(entry.distribution.partition("-")[0])


def test_the_interpreters_entries_concern_one_that_leakwatch_runs_on():
    ours = [entry for entry in ENTRIES.values() if entry.distribution == INTERPRETER]
    assert all(any(is_in(f"3.{minor}.0", e.affected) for minor in (11, 12, 13)) for e in ours)
