"""CONTRIBUTING keeps its word: who follows its examples by the letter gets what they promise."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")

FILE = re.compile(r"^```(?:python|toml)\n# (?P<name>\S+)\n.*?^```$", re.MULTILINE | re.DOTALL)
OUTPUT = re.compile(r"\s*^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FIGURE = re.compile(r"(?<=,)\d+(?=,)")


BLOCKS = {found["name"]: found for found in FILE.finditer(TEXT)}
"""Every block that has a file's name on its first line."""


def files():
    """The content of each block by its file's name."""
    return {name: "\n".join(block[0].splitlines()[1:-1]) for name, block in BLOCKS.items()}


def promises():
    """Each program to try, with the output that is printed below it."""
    programs = {name: block for name, block in BLOCKS.items() if name.startswith("try_")}
    return {name: OUTPUT.match(TEXT, block.end())[1] for name, block in programs.items()}


@pytest.fixture
def folder(tmp_path):
    """A folder with every file of the text in it."""
    for name, content in files().items():
        (tmp_path / name).write_text(content + "\n", encoding="utf-8")
    return tmp_path


def run(folder, *arguments):
    path = os.pathsep.join([str(folder), str(ROOT), str(ROOT / "plugins"), *filter(None, sys.path)])
    result = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


@pytest.mark.parametrize("name", promises())
def test_the_program_prints_what_the_text_says(folder, name):
    # Sizes differ between versions of Python.
    assert FIGURE.sub("#", run(folder, name)) == FIGURE.sub("#", promises()[name])


@pytest.mark.parametrize(
    "part",
    ["closed_archives", "sql_functions", "csv_report", "leak_counter", "sql_pattern"],
)
def test_there_is_a_worked_example_of_every_part(part):
    assert {f"{part}.py", f"try_{part}.py"} <= files().keys()


def test_a_plugin_is_loaded_by_its_name_on_the_command_line(folder):
    assert "leak_counter" in run(folder, "-m", "leakwatch", "-p", "leak_counter", "plugins")


def test_a_plugin_is_loaded_through_its_entry_point(folder):
    install(folder)
    assert "leak_counter" in run(folder, "-c", LIST_PLUGINS).splitlines()


LIST_PLUGINS = "from leakwatch.session import plugins; print(*plugins().names(), sep='\\n')"


def install(folder):
    """Write the metadata that an installer makes of the pyproject.toml, beside the module."""
    project = tomllib.loads(files()["pyproject.toml"])["project"]
    metadata = folder / f"{project['name'].replace('-', '_')}-{project['version']}.dist-info"
    metadata.mkdir()
    name, version = project["name"], project["version"]
    (metadata / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", encoding="utf-8"
    )
    groups = [
        "\n".join([f"[{group}]", *(f"{key} = {value}" for key, value in entries.items())])
        for group, entries in project["entry-points"].items()
    ]
    (metadata / "entry_points.txt").write_text("\n".join(groups) + "\n", encoding="utf-8")
