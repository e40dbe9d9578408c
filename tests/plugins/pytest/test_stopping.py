"""A run that is stopped keeps pytest's exit code, tells what ran and leaves nothing frozen."""

import pytest

from tests.plugins.pytest.conftest import leaked

CONFTEST = """
    import gc
    from leakwatch.tracking.window import window_is_open
    FROZEN = gc.get_freeze_count()
    def pytest_unconfigure(config):
        assert gc.isenabled() and not window_is_open()
        assert gc.get_freeze_count() in {0, FROZEN}
        print("left as found")
"""
SUITE = """
    import os, signal, pytest
    class Cart: ...
    OPEN = []
    @pytest.fixture(scope="module")
    def shelf():
        yield Cart()
    def test_leaks(shelf): OPEN.append(Cart())
    def test_stops(shelf):
        OPEN.append(Cart())
        STOP
    def test_comes_later(): ...
"""


@pytest.fixture
def guarded(pytester):
    pytester.makeconftest(CONFTEST)


@pytest.mark.parametrize(
    ("stop", "flags", "code", "why"),
    [
        ("os.kill(os.getpid(), signal.SIGINT)", (), 2, "interrupted"),
        ("pytest.exit('enough', 7)", (), 7, "pytest.exit: enough"),
        ("pytest.exit('enough')", (), 2, "pytest.exit: enough"),
        ("assert 0", ("-x",), 1, "stopping after 1 failures"),
        ("raise SystemExit", ("--maxfail=1",), 1, "stopping after 1 failures"),
    ],
    ids=["Ctrl-C", "exit with a code", "exit", "-x", "--maxfail"],
)
@pytest.mark.usefixtures("guarded")
def test_what_ran_is_told_as_partial(suite, stop, flags, code, why):
    arguments = ("--leakwatch", "--no-leakwatch-confirm", "-s", *flags)
    result = suite(SUITE.replace("STOP", stop), *arguments)
    assert result.ret == code
    result.stdout.fnmatch_lines(["left as found*"])
    if code == 7:  # pytest shows no summary then
        return
    assert leaked(result) == ["test_leaks"]
    result.stdout.fnmatch_lines(
        ["1 leak, *; 1 test judged, 1 not judged (1 *)", f"partial: the run was stopped ({why}); *"]
    )


def test_an_interrupt_of_the_judgement_is_told_with_what_was_judged_before(suite, pytester):
    pytester.makeconftest(
        CONFTEST
        + """
    from pytest_leakwatch.ending import Ending
    def interrupted(*args, **options):
        raise KeyboardInterrupt
    Ending.judge = interrupted
    """
    )
    source = (
        SUITE.replace("STOP", "")
        + "    @pytest.mark.leakwatch\n    def test_at_once(): OPEN.append(Cart())\n"
    )
    result = suite(source, "--leakwatch", "-s")
    assert result.ret == 2
    assert leaked(result) == ["test_at_once"]
    result.stdout.fnmatch_lines(
        ["1 leak, *", "partial: the run was stopped (interrupted while the tests were judged)*"]
    )
    result.stdout.fnmatch_lines(["left as found*"])
