"""Where nobody asks for leakwatch nothing happens, and nothing is loaded."""

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
