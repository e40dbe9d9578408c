"""Where nobody asks for leakwatch nothing happens, and nothing is loaded."""

import sys
from importlib.metadata import distribution

import pytest

from tests.plugins.pytest.conftest import PLUGIN

LEAKY = """
    import sys
    class Cart: ...
    OPEN = []
    def test_leaks():
        OPEN.append(Cart())
        assert not [name for name in sys.modules if name.partition(".")[0] == "leakwatch"]
"""


def test_an_installed_plugin_is_silent(suite):
    result = suite(LEAKY)
    assert result.ret == 0
    assert "leakwatch" not in result.stdout.str().replace("pytest_leakwatch", "").replace(
        "leakwatch-framework", ""
    )


@pytest.mark.parametrize("value", ["off", "false"])
def test_it_can_be_switched_off_on_the_command_line(suite, pytester, value):
    pytester.makeini("[pytest]\nleakwatch = error")
    assert suite(LEAKY, f"--leakwatch={value}").ret == 0


def test_a_blocked_plugin_knows_no_option(suite):
    result = suite(LEAKY, "-p", f"no:{PLUGIN}", "--leakwatch")
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*unrecognized arguments: --leakwatch"])


def test_collecting_only_judges_nothing(suite):
    result = suite(LEAKY, "--leakwatch", "--collect-only", "-q")
    assert result.ret == 0
    result.stdout.fnmatch_lines(["test_shop.py::test_leaks"])


def test_setting_up_only_judges_nothing_wrongly(suite):
    assert suite(LEAKY, "--leakwatch", "--setup-only").ret == 0


IMPORTED_BEFORE = """
import sys
import {packages}
import pytest_leakwatch.plugin, pytest
sys.exit(pytest.main(["-q", "-p", "no:cacheprovider", "-p", "no:randomly", *sys.argv[1:]]))
"""


@pytest.fixture
def shipped(pytester, monkeypatch):
    """A distribution that ships our packages as a wheel does; gives their names.

    pytest reads the names of files from its record. An editable install has none of ours.
    """
    names = distribution("leakwatch-framework").read_text("top_level.txt").split()
    folder = pytester.mkdir("installed")
    metadata = folder / "shipped-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: shipped\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text("[pytest11]\nshipped = a_plugin\n")
    (metadata / "RECORD").write_text("".join(f"{name}/__init__.py,,\n" for name in names))
    (folder / "a_plugin.py").touch()
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=":")
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)
    return names


def test_what_was_imported_before_pytest_is_no_warning(shipped, pytester):
    pytester.makepyfile(test_shop="def test_passes(): assert 1 + 1 == 2")
    pytester.makeini("[pytest]\nasyncio_default_fixture_loop_scope = function")
    program = IMPORTED_BEFORE.format(packages=", ".join(shipped))
    options = ("-W", "error", "-X", "dev", "-bb", "-c")
    result = pytester.run(sys.executable, *options, program, "-p", PLUGIN)
    result.assert_outcomes(passed=1)
    assert result.ret == 0
    assert "warning" not in result.stdout.str()


def test_a_plugin_by_name_is_the_one_that_is_loaded_anyway(suite):
    result = suite("def test_passes(): ...", "-p", PLUGIN, "--strict-markers", "-W", "error")
    result.assert_outcomes(passed=1)


OWN_FIXTURE = """
    import pytest
    class Cart: ...
    OPEN = []
    @pytest.fixture
    def leakwatch({asked}):
        return "my own"
    def test_leaks(leakwatch):
        OPEN.append(Cart())
        assert leakwatch == "my own"
"""


@pytest.mark.parametrize(("asked", "judged"), [("", 0), ("leakwatch", 1)])
def test_a_fixture_of_the_project_under_our_name_asks_for_nothing(suite, asked, judged):
    result = suite(OWN_FIXTURE.format(asked=asked))
    assert result.ret == judged, "one that builds on ours still asks for it"
