"""Every option as flag and as ini key, in all the places that pytest reads."""

import json
import os

import pytest

from leakwatch import Report
from tests.plugins.pytest.conftest import leaked

LONG = "x" * 10_000
LEAKY = """
    import collections
    class Cart: ...
    class Item: ...
    OPEN = []
    def test_cart():
        OPEN.append(Cart())
    def test_item():
        OPEN.append(Item())
    def test_counter():
        OPEN.append(collections.Counter())
"""
INI_OPTIONS = """
    [tool.pytest.ini_options]
    strict_markers = true
    addopts = "--strict-config"
    leakwatch = "error"
    leakwatch_track = "test_shop:C*\\ntest_shop:Item"
    leakwatch_ignore = ["*:Item"]
    leakwatch_grace = "0.01"
    verbosity_leakwatch = "2"
"""
NATIVE = """
    [tool.pytest]
    strict = true
    leakwatch = "error"
    leakwatch_track = ["test_shop:C*", "test_shop:Item"]
    leakwatch_ignore = ["*:Item"]
    leakwatch_grace = 0.01
    leakwatch_repeat = "1:2"
    leakwatch_confirm = false
    leakwatch_github = false
    verbosity_leakwatch = "2"
"""
LOOSE = """
    [tool.pytest]
    strict = true
    leakwatch = true
    leakwatch_track = "test_shop:C*"
    leakwatch_grace = 0
    leakwatch_confirm = true
    leakwatch_baseline = ""
    verbosity_leakwatch = 2
"""


@pytest.mark.parametrize(
    "table",
    [
        INI_OPTIONS,
        pytest.param(
            NATIVE, marks=pytest.mark.skipif(pytest.version_tuple < (9,), reason="new in pytest 9")
        ),
        pytest.param(
            LOOSE, marks=pytest.mark.skipif(pytest.version_tuple < (9,), reason="new in pytest 9")
        ),
    ],
    ids=["ini_options", "native", "loose"],
)
def test_a_toml_table_sets_everything(suite, pytester, table):
    pytester.makepyprojecttoml(table)
    result = suite(LEAKY)
    assert leaked(result) == ["test_cart"]
    result.stdout.fnmatch_lines(["*leakwatch: error; judges registered objects and test_shop:C?*"])


def test_a_flag_wins_over_the_ini_key(suite, pytester):
    pytester.makeini("[pytest]\nleakwatch = true\nleakwatch_track = nothing:*")
    result = suite(LEAKY, "--leakwatch-track", "*:Cart", "--leakwatch-track", "*:Item")
    assert leaked(result) == ["test_cart", "test_item"]


@pytest.mark.parametrize("mode", ["--leakwatch", "--leakwatch=report"])
@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_a_pattern_that_no_class_fits_is_an_error_of_usage(suite, pytester, mode, workers):
    clean = "class Cart: pass\ndef test_one(): pass\ndef test_two(): pass"
    track, file = "--leakwatch-track=tets_shop:*", "--leakwatch-report=leaks.json"
    result = suite(clean, mode, track, file, *workers)
    said = "no class fits 'tets_shop:*'; did you mean 'test_shop:[*]'?"
    result.stdout.fnmatch_lines([f"not judged: {said}"])
    result.stdout.no_fnmatch_line("*fault of leakwatch*")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    report = Report.load(pytester.path / "leaks.json")
    assert report.not_judged == said.replace("[*]", "*")


MARKED = """
import pytest
class Cart: pass
@pytest.mark.leakwatch(track=["tets_shop:*", Cart])
def test_one(): pass
@pytest.mark.leakwatch(track="test_shop:Cart")
def test_two(): pass
@pytest.mark.leakwatch(track="sqlalchmey.*")
def test_three(): pytest.skip("there is no database")
"""


@pytest.mark.parametrize(("mode", "workers"), [((), ()), (("--leakwatch",), ()), ((), ("-n", "2"))])
def test_a_pattern_of_a_marker_that_no_class_fits_is_an_error_too(suite, pytester, mode, workers):
    """One that another worker has never heard of too, but not one of a test that was skipped."""
    result = suite(MARKED, *mode, "--leakwatch-report=leaks.json", *workers)
    said = "no class fits 'tets_shop:*'; did you mean 'test_shop:[*]'?"
    result.stdout.fnmatch_lines([f"not judged: {said}"])
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert Report.load(pytester.path / "leaks.json").not_judged == said.replace("[*]", "*")


def test_a_pattern_for_a_module_of_the_project_that_no_test_imports_is_right(suite, pytester):
    pytester.makepyfile(shop="raise RuntimeError('imported')")
    result = suite("def test_one(): pass", "--leakwatch", "--leakwatch-track=shop:*")
    assert result.ret == 0


@pytest.mark.parametrize(
    "option",
    ["--leakwatch-report=leaks.html", "--leakwatch-track=test_shop:*", "--leakwatch-confirm"],
)
@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_an_option_without_leakwatch_is_refused_where_no_test_is_judged(suite, option, workers):
    result = suite(LEAKY, option, *workers)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    said = f"{option.partition('=')[0]} does nothing here: no test is judged; add --leakwatch"
    assert said in result.stdout.str() + result.stderr.str()


@pytest.mark.parametrize("workers", [(), ("-n", "1")])
def test_an_option_without_leakwatch_is_about_the_tests_that_ask(suite, pytester, workers):
    marked = "import pytest\n@pytest.mark.leakwatch\ndef test_one(): pass"
    assert suite(marked, "--leakwatch-report=leaks.json", *workers).ret == 0
    assert (pytester.path / "leaks.json").exists()


def test_options_of_the_ini_file_wait_for_leakwatch(suite, pytester):
    pytester.makeini("[pytest]\naddopts = --leakwatch-report=leaks.json --leakwatch-confirm")
    assert suite("def test_one(): pass").ret == 0
    assert suite("", "--leakwatch=off", "--leakwatch-track=test_shop:*").ret == 0


def test_by_default_only_the_projects_own_classes_are_judged(suite):
    assert leaked(suite(LEAKY, "--leakwatch")) == ["test_cart", "test_item"]


def test_all_judges_everything(suite):
    result = suite(LEAKY, "--leakwatch", "--leakwatch-track=all")
    assert leaked(result) == ["test_cart", "test_counter", "test_item"]


INNOCENT = """
import asyncio, contextlib, io, logging, re, threading, unittest, warnings
import pytest

log = logging.getLogger(__name__)

def test_nothing(): pass

def test_output(capsys):
    print("said")
    with contextlib.redirect_stderr(io.StringIO()):
        warnings.warn("warned")
    assert capsys.readouterr().out == "said\\n"

def test_log(caplog):
    log.warning("logged")
    assert caplog.records

def test_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("a").write_text("x")

def test_errors():
    with pytest.raises(ValueError, match="no [0-9]+"):
        raise ValueError("no 9")

def test_thread():
    thread = threading.Thread(target=int)
    thread.start()
    thread.join()

def test_tasks():
    asyncio.run(asyncio.sleep(0))

class TestCart(unittest.TestCase):
    def test_logs(self):
        with self.assertLogs():
            logging.error("logged")

def test_last(record_property):
    record_property("pattern", re.match("a+b?", "aab")[0])
"""


def test_what_python_and_pytest_keep_of_ordinary_tests_is_no_leak(suite):
    result = suite(INNOCENT, "--leakwatch", "--leakwatch-track=all")
    result.assert_outcomes(passed=9, warnings=1)
    result.stdout.fnmatch_lines(["*no leaks; 9 tests judged*"])


def test_ignored_classes_are_not_judged(suite):
    result = suite(LEAKY, "--leakwatch", "--leakwatch-ignore=test_shop:Cart")
    assert leaked(result) == ["test_item"]


def test_a_path_may_stand_behind_the_bare_flag(suite, pytester):
    pytester.makeconftest("def pytest_addoption(parser): parser.addoption('--shop')")
    result = suite(LEAKY, "--leakwatch", "test_shop.py", "--shop=x")
    assert leaked(result) == ["test_cart", "test_item"]


@pytest.mark.parametrize(
    ("argument", "complaint"),
    [
        ("--leakwatch=maybe", "*leakwatch: expected off, report or error, got 'maybe'"),
        ("--leakwatch-grace=-1", "*leakwatch_grace: expected seconds, 0 or more, got '-1'"),
        ("--leakwatch=" + LONG, "*leakwatch: expected off, report or error, got 'x*…x*'"),
        ("--leakwatch-grace=" + LONG, "*leakwatch_grace: expected seconds, 0 or more, got 'x*…x*'"),
        ("--leakwatch-repeat=" + LONG, "*leakwatch_repeat: expected WARMUP:RUNS *, got 'x*…x*'"),
    ],
)
def test_a_value_that_is_not_understood_ends_the_run(suite, argument, complaint):
    result = suite(LEAKY, argument)
    assert result.ret == 4
    result.stderr.fnmatch_lines([complaint])
    assert len(result.stderr.str()) < 500


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["plain", "xdist"])
def test_the_report_is_written_at_the_end(suite, pytester, workers):
    result = suite(LEAKY, "--leakwatch", "--leakwatch-report=leaks.json", *workers)
    result.stdout.fnmatch_lines(["report written to leaks.json"])
    report = json.loads((pytester.path / "leaks.json").read_text())
    assert report["schema"] == "leakwatch.report/2"
    (leak,) = report["leaks"]
    assert sorted(it["type_name"] for it in leak["types"]) == ["test_shop.Cart", "test_shop.Item"]


def test_a_report_that_cannot_be_written_is_said_and_breaks_nothing(suite):
    result = suite(LEAKY, "--leakwatch", "--leakwatch-report=leaks.nonsense")
    assert result.ret == 1
    result.stdout.fnmatch_lines(["the report was not written: *suffix '.nonsense'*"])


def test_the_project_is_judged_where_it_is_installed_from_its_source_as_well(
    suite, pytester, monkeypatch
):
    installed = pytester.path / "env" / "site-packages"
    for package, folders in {"shop": ("src", installed), "library": (installed,)}.items():
        for folder in folders:
            place = pytester.path / folder / package
            place.mkdir(parents=True)
            (place / "__init__.py").write_text("class Cart: ...\nOPEN = []\n")
    monkeypatch.setenv("PYTHONPATH", str(installed), prepend=os.pathsep)
    source = """
    import library, shop
    def test_uses_a_library(): library.OPEN.append(library.Cart())
    def test_leaks(): shop.OPEN.append(shop.Cart())
    """
    assert leaked(suite(source, "--leakwatch")) == ["test_leaks"]


def test_the_members_that_a_flag_makes_when_they_are_asked_for_are_no_leak(suite):
    source = """
    import enum
    class May(enum.Flag):
        READ = 1
        WRITE = 2
    def test_both(): assert May.READ | May.WRITE
    """
    suite(source, "--leakwatch").assert_outcomes(passed=1)
