"""Reports appended to a file: what is worth a line, how long it is, and how large the file gets."""

import json
import multiprocessing
from dataclasses import replace

import pytest

import leakwatch_logging
from leakwatch import Report
from leakwatch.errors import ConfigurationError
from leakwatch.model import Leak, RetentionPath, Root
from leakwatch.reports.json_ import parse
from leakwatch.reports.jsonl import load_all
from leakwatch_logging import report_files

PATH = RetentionPath(Root("module global", "shop"), (), "shop.Session")
LEAK = Leak("shop.Session", 2, None, 96, 200, "0123456789ab", PATH)
LEAKY = Report("request\n2", leaks=(LEAK,))


@pytest.fixture
def file(tmp_path):
    """A file that reports are appended to."""
    yield tmp_path / "leaks.jsonl"
    leakwatch_logging.append_reports(None)


def ended(*reports):
    for report in reports:
        leakwatch_logging.leakwatch_scope_closed(report)


def reports_in(*files):
    return [report for file in files for report in load_all(file, pytest.fail)]


def schemas(file):
    return [json.loads(line)["schema"] for line in file.read_text().splitlines()]


def test_reports_with_leaks_are_appended_and_a_repeated_one_is_short(file):
    leakwatch_logging.append_reports(file)
    ended(LEAKY, Report("clean"), replace(LEAKY, kind="why"), LEAKY)
    assert schemas(file) == ["leakwatch.report/2", "leakwatch.repeat/1"]
    assert reports_in(file) == [LEAKY, LEAKY]
    assert file.stat().st_mode & 0o777 == 0o600


def test_clean_reports_are_appended_if_that_is_asked_for_and_each_process_has_its_file(file):
    leakwatch_logging.append_reports(file.with_name("{pid}.jsonl"), clean=True)
    ended(Report("clean"))
    (own,) = file.parent.glob("*.jsonl")
    assert own.stem.isdigit()
    assert parse(own.read_text(), "x") == Report("clean")


def test_a_full_file_is_renamed_and_the_oldest_is_removed(file):
    leakwatch_logging.append_reports(file, max_bytes=1, keep=2)
    ended(*(replace(LEAKY, scope=str(number)) for number in range(5)))
    files = [file.with_name(f"leaks{number}.jsonl") for number in (".2", ".1", "")]
    assert sorted(file.parent.iterdir()) == sorted(files)
    assert [report.scope for report in reports_in(*files)] == ["2", "3", "4"]
    assert [schemas(file) for file in files] == 3 * [["leakwatch.report/2"]]


def test_no_old_file_is_kept_where_none_is_wanted(file):
    leakwatch_logging.append_reports(file, max_bytes=1, keep=0)
    ended(LEAKY, LEAKY)
    assert list(file.parent.iterdir()) == [file]
    assert reports_in(file) == [LEAKY]


def test_a_new_file_has_the_permissions_of_the_full_one(file):
    leakwatch_logging.append_reports(file, max_bytes=1)
    ended(LEAKY)
    file.chmod(0o660)
    ended(LEAKY)
    assert file.stat().st_mode & 0o777 == 0o660


def test_the_file_behind_a_link_is_renamed_and_the_link_stays(file):
    link = file.with_name("link.jsonl")
    link.symlink_to(file)
    leakwatch_logging.append_reports(link, max_bytes=1)
    ended(LEAKY, LEAKY)
    assert link.is_symlink()
    assert len(reports_in(link)) == len(reports_in(file.with_name("leaks.1.jsonl"))) == 1


@pytest.mark.parametrize("change", ["removed", "cut", "renamed"])
def test_a_file_that_somebody_else_began_anew_has_its_leaks_in_full(file, change):
    leakwatch_logging.append_reports(file)
    ended(LEAKY)
    {
        "removed": file.unlink,
        "cut": lambda: file.write_text(""),
        "renamed": lambda: file.rename(file.with_name("old")),
    }[change]()
    ended(LEAKY, LEAKY)
    assert schemas(file) == ["leakwatch.report/2", "leakwatch.repeat/1"]


def test_what_is_remembered_as_told_has_a_bound(file, monkeypatch):
    monkeypatch.setattr(report_files, "MOST_WRITTEN", 3)
    leakwatch_logging.append_reports(file)
    many = [replace(LEAKY, leaks=(replace(LEAK, signature=f"{it:012x}"),)) for it in range(5)]
    ended(*many, *many)
    assert schemas(file) == 10 * ["leakwatch.report/2"]
    assert reports_in(file) == many + many


def appended(file, name):
    leakwatch_logging.append_reports(file, max_bytes=2_000, keep=1_000)
    ended(*(replace(LEAKY, scope=f"{name} {number}") for number in range(100)))


def test_processes_that_share_a_file_lose_no_line_while_it_is_renamed(file):
    workers = [
        multiprocessing.get_context("fork").Process(target=appended, args=(file, name))
        for name in "abc"
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    files = list(file.parent.iterdir())
    assert len(files) > 3
    found = reports_in(*files)
    assert {report.leaks for report in found} == {LEAKY.leaks}
    scopes = [report.scope for report in found]
    assert sorted(scopes) == sorted(f"{name} {it}" for name in "abc" for it in range(100))


def test_a_full_file_that_another_process_holds_is_appended_to(file):
    import fcntl

    leakwatch_logging.append_reports(file, max_bytes=1)
    ended(LEAKY)
    with open(file) as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        ended(LEAKY)
    assert reports_in(file) == [LEAKY, LEAKY]


def told_as_faults(*reports):
    from leakwatch.plugin_manager import Plugins

    hooks, told = Plugins(), []
    hooks.tell = told.append
    hooks.register(leakwatch_logging, "logging")
    for report in reports:
        hooks.call("leakwatch_scope_closed", report=report)
    return told


def test_a_disk_that_is_full_costs_the_line_and_is_told_as_a_fault(file):
    leakwatch_logging.append_reports("/dev/full")
    (fault,) = told_as_faults(LEAKY, LEAKY)
    assert (fault.plugin, fault.where) == ("logging", "leakwatch_scope_closed")
    assert fault.error == "OSError: [Errno 28] No space left on device"


def test_a_full_file_that_cannot_be_renamed_grows_no_further_and_is_told(file):
    leakwatch_logging.append_reports(file, max_bytes=1, keep=1)
    ended(LEAKY)
    file.with_name("leaks.1.jsonl").mkdir()
    (fault,) = told_as_faults(LEAKY, LEAKY)
    assert "leaks.1.jsonl" in fault.error
    assert reports_in(file) == [LEAKY]


@pytest.mark.parametrize("wrong", [{"max_bytes": 0}, {"max_bytes": "64 MiB"}, {"keep": -1}])
def test_a_limit_that_is_none_is_refused(file, wrong):
    with pytest.raises(ConfigurationError, match=rf"{next(iter(wrong))}: expected a whole number"):
        leakwatch_logging.append_reports(file, **wrong)
