"""Where options may be set, which place wins, and what is said of a wrong one."""

import json
from pathlib import Path

import pytest

from leakwatch.config import OPTIONS, Config, load, unknown_variables
from leakwatch.errors import ConfigurationError


@pytest.fixture
def project(tmp_path):
    """A folder with a configuration file of which nothing above it is seen."""
    (tmp_path / "pyproject.toml").write_text("[tool.leakwatch]\nmin_count = 3\nformat = 'json'\n")
    return tmp_path


def configured(folder, flags=None, **environ):
    return load(flags, folder=str(folder), environ=environ)


def test_without_any_place_the_defaults_hold(tmp_path):
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n")
    assert configured(tmp_path) == Config()


def test_a_flag_wins_over_the_environment_and_that_over_the_file(project):
    def source(config):
        return config.min_count, config.sources["min_count"]

    from_file = configured(project)
    from_environment = configured(project, LEAKWATCH_MIN_COUNT="4")
    from_flag = configured(project, {"min_count": "5"}, LEAKWATCH_MIN_COUNT="4")
    assert source(from_file) == (3, str(project / "pyproject.toml"))
    assert source(from_environment) == (4, "environment LEAKWATCH_MIN_COUNT")
    assert source(from_flag) == (5, "flag --min-count")
    assert from_flag.format == "json"


def test_plugins_of_all_places_add_up_and_say_so(project):
    (project / "pyproject.toml").write_text("[tool.leakwatch]\nplugins = ['a']\n")
    config = configured(project, {"plugins": ["d"]}, LEAKWATCH_PLUGINS="b, c,")
    assert config.plugins == ("a", "b", "c", "d")
    assert config.sources["plugins"] == (
        f"{project / 'pyproject.toml'} and environment LEAKWATCH_PLUGINS and flag --plugin"
    )


def test_types_of_the_nearest_place_replace_the_others(project):
    config = configured(project, {"types": ["b.*,c.*", "d.*"]}, LEAKWATCH_TYPES="a.*")
    assert config.types == ("b.*", "c.*", "d.*")


def test_the_file_of_the_nearest_project_is_taken(project):
    inner = project / "src" / "deep"
    inner.mkdir(parents=True)
    assert configured(inner).min_count == 3
    (project / "src" / "leakwatch.toml").write_text("min_count = 9")
    assert configured(inner).min_count == 9
    (inner / "pyproject.toml").write_text("[project]\nname = 'other'\n")
    assert configured(inner).min_count == 5


def test_our_own_file_wins_over_pyproject_beside_it(project):
    (project / "leakwatch.toml").write_text("min_count = 8")
    config = configured(project)
    assert (config.min_count, config.format) == (8, "text")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("min_cuont = 3", r"unknown option 'min_cuont'; did you mean 'min_count'\?"),
        ("min-count = 3", r"unknown option 'min-count'; did you mean 'min_count'\?"),
        ("colour = 'red'", "unknown option 'colour'; expected one of baseline, debug, "),
        ("min_count = 0", "min_count: expected a whole number above 0, found 0"),
        ("min_count = true", "min_count: expected a whole number above 0, found True"),
        ("min_count = 1.5", "min_count: expected a whole number above 0"),
        ("max_seconds = -1", "max_seconds: expected a number above 0"),
        ("max_seconds = inf", "max_seconds: expected a number above 0"),
        ("max_seconds = nan", "max_seconds: expected a number above 0"),
        ("types = 'a.*'", "types: expected a list of strings, found 'a.*'"),
        ("types = ['a', 1]", "types: expected a list of strings"),
        (r'disable_plugins = ["\u0000"]', "disable_plugins: expected a list of strings"),
        (r'baseline = "a\u0000"', "baseline: expected the name of a file"),
        ("fail_on_leak = 1", "fail_on_leak: expected true or false, found 1"),
        ("format = ''", "format: expected a name, found ''"),
        ("format", "cannot read the configuration: not TOML: "),
    ],
)
def test_a_wrong_line_in_a_file_names_file_and_key(tmp_path, line, message):
    path = tmp_path / "leakwatch.toml"
    path.write_text(line)
    with pytest.raises(ConfigurationError, match=message) as caught:
        configured(tmp_path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("content", ["tool = 3", "[tool]\nleakwatch = 3"])
def test_a_table_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "pyproject.toml").write_text(content)
    with pytest.raises(ConfigurationError, match=r"expected a table \[tool.leakwatch\]"):
        configured(tmp_path)


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("", False)]
)
def test_words_for_true_and_false_in_the_environment(project, text, value):
    assert configured(project, LEAKWATCH_FAIL_ON_LEAK=text).fail_on_leak is value


def test_a_wrong_value_in_the_environment_names_the_variable(project):
    with pytest.raises(ConfigurationError, match="LEAKWATCH_DEBUG: expected true or false, found"):
        configured(project, LEAKWATCH_DEBUG="perhaps")


def test_a_wrong_flag_is_named(project):
    with pytest.raises(ConfigurationError, match="--max-seconds: expected a number above 0"):
        configured(project, {"max_seconds": "soon"})


def test_a_missing_file_that_was_asked_for_is_an_error(tmp_path):
    with pytest.raises(ConfigurationError, match=r"none\.toml: cannot read the configuration"):
        load(file=str(tmp_path / "none.toml"))


def test_unknown_variables_are_told_and_those_of_others_are_not():
    strange = unknown_variables({"LEAKWATCH_MIN_COUTN": "", "LEAKWATCH_PURE": "1", "PATH": ""})
    assert strange == ["LEAKWATCH_MIN_COUTN is no option; did you mean 'LEAKWATCH_MIN_COUNT'?"]


def test_every_option_is_a_field_with_a_fitting_default():
    for row in OPTIONS:
        raw = list(row.default) if isinstance(row.default, tuple) else row.default
        assert row.kind.check(raw) == row.default == getattr(Config(), row.name)


def test_the_reference_page_has_a_row_for_each_option():
    page = Path(__file__).parents[2] / "docs" / "reference" / "configuration.md"
    rows = [line for line in page.read_text().splitlines() if line.startswith("| `")]
    assert rows == [documented(row) for row in OPTIONS]


def documented(row):
    flags = ", ".join(f"`{flag}`" for flag in row.flags)
    default = json.dumps(row.default)
    return f"| `{row.name}` | {row.kind.expected} | `{default}` | {flags} | {row.help} |"
