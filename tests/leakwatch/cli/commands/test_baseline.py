"""`leakwatch baseline`, and `run` and `hunt` that go by it."""

import json

import pytest

FILE = "leakwatch-baseline.toml"


@pytest.fixture
def leaks(cli, leaky):
    cli("run", "-o", "leaks.json", leaky)
    return "leaks.json"


def test_new_leaks_are_listed_and_fail(cli, leaks):
    result = cli("baseline", leaks)
    assert result.returncode == 1
    assert f"baseline {FILE}: 1 new, 0 grown" in result.stdout
    assert not (cli.folder / FILE).exists()


def test_what_is_written_is_accepted_from_then_on(cli, leaky, leaks):
    (cli.folder / FILE).touch()
    written = cli("baseline", "--write", "--reason", "until the pool is in", leaks)
    assert written.returncode == 0
    assert "added" in written.stdout
    assert cli("baseline", "--check", leaks).returncode == 0
    result = cli("run", "--fail-on-leak", leaky)
    assert result.returncode == 0
    assert "in the baseline: until the pool is in" in result.stdout


def test_a_leak_that_grew_fails_again(cli, leaky, leaks):
    cli("baseline", "--write", leaks)
    path = cli.folder / leaky
    path.write_text(path.read_text().replace("range(20)", "range(30)"))
    result = cli("run", "--fail-on-leak", leaky)
    assert result.returncode == 1
    assert "the baseline accepts 20, found 30" in result.stdout


def test_an_expired_entry_fails_and_is_named(cli, leaky, leaks):
    cli("baseline", "--write", leaks)
    path = cli.folder / FILE
    path.write_text(path.read_text() + "expires = 2001-01-31\n")
    result = cli("run", "--fail-on-leak", leaky)
    assert result.returncode == 1
    assert "the baseline accepted it until 2001-01-31" in result.stdout
    assert "1 expired" in cli("baseline", leaks).stdout


def test_stale_entries_are_named_checked_and_pruned(cli, leaky, leaks):
    cli("baseline", "--write", leaks)
    path = cli.folder / leaky
    path.write_text(path.read_text().replace("range(20)", "range(0)"))
    result = cli("run", "-o", "clean.json", "--fail-on-leak", leaky)
    assert result.returncode == 0
    assert "no longer found" in (cli.folder / "clean.json").read_text()
    assert cli("baseline", "clean.json").returncode == 0
    checked = cli("baseline", "--check", "clean.json")
    assert checked.returncode == 1
    assert "stale" in checked.stdout
    assert "removed" in cli("baseline", "--prune", "clean.json").stdout
    assert "[[leak]]" not in (cli.folder / FILE).read_text().split("schema", 1)[1]


def test_a_baseline_can_be_named_and_left_out(cli, leaky, leaks):
    cli("baseline", "--write", "--baseline", "other.toml", leaks)
    assert cli("run", "--fail-on-leak", leaky).returncode == 1
    assert cli("run", "--fail-on-leak", "--baseline", "other.toml", leaky).returncode == 0
    (cli.folder / "other.toml").rename(cli.folder / FILE)
    assert cli("run", "--fail-on-leak", "--baseline=", leaky).returncode == 1


def test_the_project_names_its_baseline_relative_to_itself(cli, leaky, leaks):
    cli("baseline", "--write", "--baseline", "quality.toml", leaks)
    cli.write("leakwatch.toml", 'baseline = "quality.toml"\n')
    assert cli("run", "--fail-on-leak", leaky).returncode == 0


def test_hunt_goes_by_growth(cli):
    cli.write("work.py", "OPEN = []\nclass Cart: ...\ndef shop():\n    OPEN.append(Cart())\n")
    assert cli("hunt", "-o", "leaks.json", "work:shop").returncode == 1
    cli("baseline", "--write", "leaks.json")
    assert "growth = 1.0" in (cli.folder / FILE).read_text()
    assert cli("hunt", "--runs", "11", "work:shop").returncode == 0


@pytest.mark.parametrize("command", [["run", "leaky.py"], ["baseline", "--write", "leaks.json"]])
def test_a_broken_baseline_stops_everything_and_stays(cli, leaks, command):
    (cli.folder / FILE).write_text("schema = 'leakwatch.baseline/1'\n[[leak]\n")
    result = cli(*command)
    assert result.returncode == 2
    assert "line 2" in result.stderr
    assert "arguments" not in result.stdout
    assert (cli.folder / FILE).read_text().endswith("[[leak]\n")


def test_a_named_baseline_must_exist(cli, leaky):
    result = cli("run", "--baseline", "none.toml", leaky)
    assert result.returncode == 2
    assert "none.toml: cannot read the baseline: no such file" in result.stderr


def test_a_report_says_what_the_baseline_accepted(cli, leaky, leaks):
    cli("baseline", "--write", leaks)
    cli("run", "-o", "again.json", leaky)
    report = json.loads((cli.folder / "again.json").read_text())
    assert report["ok"] is True
    assert len(report["known"]) == 1
    assert cli("baseline", "--check", "again.json").returncode == 0
