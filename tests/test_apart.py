"""Tests that run in a small process fail, are skipped and are told as others."""

import pytest

from tests.nursery import ROOT

CONFTEST = """
import pytest
from tests.apart import Apart

def pytest_configure(config):
    config.pluginmanager.register(Apart(lambda path: "apart" in path.name))

@pytest.fixture
def seven():
    yield 7
    print("seven is not needed any more")
"""
TESTS = """
import os, sys, pytest

def test_passes(seven, tmp_path):
    assert seven == 7 and tmp_path.is_dir()

def test_fails(seven):
    assert seven == 8

@pytest.mark.parametrize("reason", ["no time", "no place"])
def test_is_skipped(reason):
    pytest.skip(reason)

@pytest.mark.xfail(strict=True)
def test_passes_against_expectation():
    pass

def test_ends_its_process():
    os._exit(3)

def test_comes_after_it():
    assert "xdist" not in sys.modules, "what the small process has no use for"
"""
HERE = """
import sys, pytest

@pytest.fixture(scope="module")
def once():
    yield
    print("once is over")

def test_here(once): assert "xdist" in sys.modules
"""


@pytest.fixture
def printed(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(test_a_here=HERE, test_b_apart=TESTS, test_c_here=HERE)

    def run(*options):
        return pytester.runpytest_subprocess("-p", "no:randomly", "-v", *options)

    return run


@pytest.mark.parametrize("workers", ["0", "2"])
def test_each_outcome_is_the_one_of_the_test(printed, workers):
    done = printed("-n", workers, "-rs")
    done.assert_outcomes(passed=4, failed=3, skipped=2)
    assert done.ret == 1
    done.stdout.fnmatch_lines_random(
        [
            "*test_passes *PASSED*" if workers == "0" else "*PASSED*test_passes*",
            "E       assert 7 == 8",
            "seven is not needed any more",
            "*XPASS(strict)*",
            "its process ended with 3",
            "*: no time",
        ]
    )


def test_a_file_that_cannot_be_imported_there_fails_each_of_its_tests(printed, pytester):
    pytester.makepyfile(
        test_d_apart="import sys\nassert 'xdist' in sys.modules, 'not here'\ndef test_d(): pass"
    )
    done = printed("-n", "0", "test_d_apart.py")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["its process ended with*"])


@pytest.mark.parametrize("option", ["--pdb", "-s", "--setup-show"])
def test_who_wants_to_see_the_process_has_the_tests_in_it(printed, option):
    done = printed("-n", "0", option, "-k", "comes_after_it")
    done.assert_outcomes(failed=1, deselected=8)
    done.stdout.fnmatch_lines(["*what the small process has no use for*"])
