"""The steps of the GitHub action, run as it would run them, in a project that leaks."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.heaps import PLUGINS, environment

ACTION = yaml.safe_load(Path(__file__).parents[1].joinpath("action.yml").read_text("utf-8"))
INPUTS = {name: it["default"] for name, it in ACTION["inputs"].items()}
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
LEAKING = """
CARTS = []
class Cart: pass
def test_checkout(): CARTS.append(Cart())
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Runs a step of the action with bash, as a runner does; gives its exit code and output."""

    def of(name, **inputs):
        given = INPUTS | inputs
        variables = {
            key: re.sub(r"\${{ inputs\.(\w+) }}", lambda found: given[found[1]], value)
            for key, value in STEPS[name].get("env", {}).items()
        }
        summary = {"GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", STEPS[name]["run"]],
            cwd=tmp_path,
            env=environment() | variables | summary,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    monkeypatch.setenv(PLUGINS, "html")
    (tmp_path / "test_shop.py").write_text(LEAKING, encoding="utf-8")
    return of


def test_the_tests_are_judged_and_every_report_is_there(run, tmp_path):
    command = f"{sys.executable} -m pytest -p no:cacheprovider"
    code, printed = run("tests", command=command, options="-q")
    assert code == 1, printed
    assert "::error" in printed
    found = {it.name for it in tmp_path.joinpath(INPUTS["folder"]).iterdir()}
    assert found == {"leaks.json", "leaks.html", "leaks.sarif", "leaks.md"}
    assert run("summary")[0] == 0
    assert "Cart" in (tmp_path / "summary.md").read_text("utf-8")


def test_a_run_without_reports_has_no_summary(run, tmp_path):
    assert run("summary") == (0, "")
    assert not (tmp_path / "summary.md").exists()


def test_each_input_is_used_and_each_that_is_used_is_there():
    told = re.findall(r"inputs\.(\w+)", str(ACTION["runs"]))
    assert set(told) == set(INPUTS)


def test_what_is_published_is_only_what_was_asked_for():
    assert (INPUTS["sarif"], INPUTS["comment"]) == ("false", "false")
    asked = {name: step["if"] for name, step in STEPS.items() if "if" in step}
    assert "inputs.sarif == 'true'" in asked["code scanning"]
    assert "inputs.comment == 'true'" in asked["comment"]
