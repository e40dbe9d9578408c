"""Where nobody asks for leakwatch nothing happens, and nothing is loaded."""

import sys
from functools import partial
from importlib.metadata import distribution

import pytest

from tests.plugins.pytest.conftest import PLUGIN, leaked

MODULE = "pytest_leakwatch.plugin"

LEAKY = """
    import sys
    class Cart: ...
    OPEN = []
    def test_leaks():
        OPEN.append(Cart())
        assert not [name for name in sys.modules if name.partition(".")[0] == "leakwatch"]
"""


@pytest.fixture
def suite(suite):
    """In a new process: a forked one has leakwatch loaded before anybody asks for it."""
    return partial(suite, anew=True)


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


@pytest.mark.parametrize("way", ["-p", "PYTEST_PLUGINS", "conftest"])
def test_by_the_name_of_its_module_it_comes_once_beside_the_entry_point(
    suite, pytester, monkeypatch, way
):
    arguments = ("-p", MODULE) if way == "-p" else ()
    if way == "PYTEST_PLUGINS":
        monkeypatch.setenv(way, MODULE)
    if way == "conftest":
        pytester.makeconftest(f"pytest_plugins = [{MODULE!r}]")
    result = suite(LEAKY.replace("assert not", "assert"), "--leakwatch", *arguments)
    assert result.ret == 1
    assert leaked(result) == ["test_leaks"]
    result.stderr.no_fnmatch_line("*already registered*")


OWN_MARKER = """
    import pytest
    @pytest.mark.leakwatch("of the tanks", since=2019)
    @pytest.mark.leakwatch_allow(3)
    def test_passes(): ...
"""


@pytest.mark.parametrize("arguments", [(), ("--leakwatch",)])
def test_markers_that_the_project_declares_under_our_names_are_its_own(suite, pytester, arguments):
    pytester.makeini("[pytest]\nmarkers =\n  leakwatch(place): tanks\n  leakwatch_allow: few")
    suite(OWN_MARKER, *arguments).assert_outcomes(passed=1)


def test_a_marker_that_nobody_declared_and_that_is_not_ours_says_where_to_declare_it(suite):
    result = suite(OWN_MARKER)
    assert result.ret == 4
    result.stderr.fnmatch_lines(["*got leakwatch(..., since=); a marker of the project's own is *"])


def test_the_help_has_our_options_together_and_each_text_once(suite):
    lines = suite("", "--help").outlines
    ours = [index for index, line in enumerate(lines) if line.startswith("  --leakwatch")]
    assert lines[ours[0] - 1] == "objects that outlive their test:"
    assert ours[-1] - ours[0] < 40
    keys = [line for line in lines if line.startswith("  leakwatch")]
    assert len(keys) == 9
    assert sum("judge every test" in line for line in lines) == 1


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
