"""The settings of one run: what the flags and the ini keys say, checked."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

import pytest

from pytest_leakwatch.options import TABLE, VERBOSITY, WRITE, WRITE_USUAL

Mode = Literal["off", "report", "error"]
MODES: Mapping[str, Mode] = MappingProxyType(
    {
        "off": "off",
        "report": "report",
        "error": "error",
        # What people write into an ini file for an option that is on or off.
        "false": "off",
        "true": "error",
    }
)
BASELINE_FILE = "leakwatch-baseline.toml"
"""The same as `leakwatch.integration.BASELINE_FILE`, which is not imported while we are off."""
SETTINGS: "pytest.StashKey[Settings]" = pytest.StashKey()
"""Where the settings of a run are kept."""
RUNS = "WARMUP:RUNS such as '3:10', with two runs or more"


class Settings(NamedTuple):
    """The options of one run.

    Attributes:
        mode: `off`, `report` or `error`.
        track: patterns of classes; empty for the default choice.
        ignore: patterns of classes that are never judged.
        baseline: file with the leaks that are accepted; empty for none.
        write_baseline: whether to accept what is found, and to fail nothing.
        reports: files to write at the end.
        grace: seconds to wait at the most.
        repeat: runs to warm up and runs to count of each test; (0, 0) for once.
        confirm: whether suspects are run again at the end.
        github: whether to print workflow commands for annotations.
    """

    mode: Mode
    track: tuple[str, ...]
    ignore: tuple[str, ...]
    baseline: str
    write_baseline: bool
    reports: tuple[str, ...]
    grace: float
    repeat: tuple[int, int] = (0, 0)
    confirm: bool = False
    github: bool = False


def settings_of(config: pytest.Config) -> Settings:
    """The settings of a run; a flag wins over the ini key.

    Raises:
        pytest.UsageError: a value is not understood.
    """
    write = bool(config.getoption(WRITE)) or config.getoption("leakwatch_baseline") == WRITE_USUAL
    mode = _mode(str(_value(config, "leakwatch")))
    return Settings(
        mode="report" if write else mode,
        track=tuple(_value(config, "leakwatch_track")),
        ignore=tuple(_value(config, "leakwatch_ignore")),
        baseline=_baseline(config, required=write),
        write_baseline=write,
        reports=_files(_value(config, "leakwatch_report")),
        grace=_grace(_value(config, "leakwatch_grace")),
        repeat=_repeat(_value(config, "leakwatch_repeat")),
        confirm=_confirm(config, default=write or mode == "error"),
        github=bool(_value(config, "leakwatch_github")),
    )


def idle_options(config: pytest.Config) -> str | None:
    """What is wrong with options of ours that were typed where nothing is judged; or None.

    Those of an ini file, `addopts` included, may be meant for runs with `--leakwatch`.
    """
    if config.stash[SETTINGS].mode != "off" or config.getoption("leakwatch") is not None:
        return None
    words = [word.partition("=")[0] for word in config.invocation_params.args]
    flags = [it.flag_name for it in TABLE if it.flag_name in words]
    if not flags:
        return None
    verb = "does" if len(flags) == 1 else "do"
    return (
        f"{', '.join(flags)} {verb} nothing here: no test is judged; add --leakwatch, or mark a "
        "test `leakwatch`"
    )


def _value(config: pytest.Config, name: str) -> Any:
    given = config.getoption(name)
    return ini_value(config, name) if given is None else given


def ini_value(config: pytest.Config, name: str) -> Any:
    """An ini key; in `[tool.pytest]` also `true` for a mode, a number and a single pattern.

    pytest 9 takes from that table only what is exactly of the declared type.
    """
    try:
        return config.getini(name)
    except (TypeError, pytest.UsageError):
        value = getattr(getattr(config, "_inicfg", {}).get(name), "value", None)
        kind = next((option.kind for option in TABLE if option.name == name), "string")
        if kind == "linelist" and isinstance(value, str):
            return [value]
        if kind == "string" and isinstance(value, bool | int):
            return str(value)
        raise


def _baseline(config: pytest.Config, *, required: bool) -> str:
    """The file that is named, from the root directory on; without a name, the usual one."""
    named = _value(config, "leakwatch_baseline")
    named = None if named == WRITE_USUAL else named
    if named is not None and not named and required:
        raise pytest.UsageError(f"{WRITE}: expected a baseline to write, got an empty name")
    usual = config.rootpath / BASELINE_FILE
    if named is None:
        return str(usual) if required or usual.exists() else ""
    return str(config.rootpath / named) if named else ""


def _files(named: str | list[str]) -> tuple[str, ...]:
    """From the flags, or from the lines of the ini key."""
    names = named.splitlines() if isinstance(named, str) else named
    return tuple(name.strip() for name in names if name.strip())


def _mode(word: str) -> Mode:
    mode = MODES.get(word.lower())
    if mode is None:
        raise refused("leakwatch", "off, report or error", word)
    return mode


def _grace(value: float | str) -> float:
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds < float("inf"):
        raise refused("leakwatch_grace", "seconds, 0 or more", value)
    return seconds


def _confirm(config: pytest.Config, *, default: bool) -> bool:
    value = _value(config, "leakwatch_confirm")
    # pytest before 8 has an empty list for an ini key without a default.
    if isinstance(value, bool):
        return value
    # A rerun that fails would stop in the debugger.
    return default and not config.getoption("usepdb", default=False)


def _repeat(value: str) -> tuple[int, int]:
    repeat = runs_of(value) if value else (0, 0)
    if repeat is None:
        raise refused("leakwatch_repeat", RUNS, value)
    return repeat


def refused(place: str, expected: str, value: object) -> pytest.UsageError:
    """The error for a value that is not understood."""
    from leakwatch.integration import given

    return pytest.UsageError(f"{place}: expected {expected}, got {given(value)}")


def runs_of(value: object) -> tuple[int, int] | None:
    """What `WARMUP:RUNS` says: runs to warm up, and runs to count; None if it says nothing."""
    warmup, colon, runs = value.partition(":") if isinstance(value, str) else ("", "", "")
    if not (colon and warmup.isdecimal() and runs.isdecimal() and int(runs) >= 2):
        return None
    return int(warmup), int(runs)


def verbosity_of(config: pytest.Config) -> int:
    """Our own level of verbosity; without one, that of the run, but for a single `-q`.

    That leaves out what passed, and there every cause is told once.
    """
    level = str(ini_value(config, f"verbosity_{VERBOSITY}"))
    # `Config.get_verbosity` does the same, from pytest 8 on.
    if level != "auto":
        return int(level)
    # Without a terminal there is no such option.
    verbose = int(config.getoption("verbose", 0))
    return 0 if verbose == -1 else verbose
