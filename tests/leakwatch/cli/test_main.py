"""What all commands share: help, version, errors, exit codes, configuration, plugins."""

import io
import re
import sys
from pathlib import Path

import pytest

from leakwatch import __version__
from leakwatch.cli import main

ROOT = Path(__file__).parents[3]
BROKEN_HOOKS = """
    from leakwatch import hookimpl, hookspecs

    def broken(hook, arguments):
        scope = {}
        exec(f"def {hook}({arguments}): raise RuntimeError('boom')", scope)
        return hookimpl(scope[hook])

    for name, spec in list(vars(hookspecs).items()):
        if name.startswith("leakwatch_"):
            globals()[name] = broken(name, ", ".join(spec.__code__.co_varnames))
"""


@pytest.mark.parametrize("command", ["run", "report", "why", "hunt", "plugins", "doctor"])
def test_every_command_has_help_with_an_example(cli, command):
    overview = cli("--help")
    assert f"    {command} " in overview.stdout
    result = cli(command, "--help")
    assert result.stdout.startswith(f"usage: leakwatch {command}")
    assert f"  leakwatch {command}" in result.stdout.partition("examples:")[2]
    assert (result.returncode, result.stderr) == (0, "")


def test_help_waits_for_nothing_that_only_a_command_needs(cli):
    """With all plugins of the distribution: each loads what it needs when it is asked."""
    done = cli.python(
        "-c",
        "import sys; from leakwatch.cli import main; main(['--help']); print(*sys.modules)",
        LEAKWATCH_DISABLE_PLUGINS="",
    )
    loaded = set(done.stdout.splitlines()[-1].split())
    needless = {"argcomplete", "asyncio", "jinja2", "mcp", "numpy", "pydantic", "starlette"}
    parts = ("diagnosis", "judging", "paths.names", "session", "snapshots")
    ours = {f"leakwatch.{part}" for part in parts}
    assert "leakwatch.plugin_manager" in loaded
    assert not loaded & (needless | ours)


def test_the_version_is_told(cli):
    assert cli("--version").stdout == f"leakwatch {__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--debug"], "the following arguments are required: COMMAND; see `leakwatch --help`"),
        (["rum"], "COMMAND: there is no 'rum'; did you mean 'run'?; see `leakwatch --help`"),
        (["help"], "COMMAND: there is no 'help'; expected one of attach, baseline, "),
        (["report", "--by", "taks", "x"], "--by: there is no 'taks'; did you mean 'task'?"),
        (["doctor", "extra"], "argument PID: invalid int value: 'extra'"),
        (["run", "--formt=json", "x.py"], "there is no option --formt; did you mean --format?"),
        (["run", "--xyzzy", "x.py"], "there is no option --xyzzy; see `leakwatch run --help`"),
        (
            ["run", "--config", "x.toml", "x.py"],
            "--config stands before the command: `leakwatch --config ... run ...`",
        ),
        (["--config", "none.toml", "doctor"], "none.toml: cannot read the configuration"),
        (["-p"], "expected one argument"),
    ],
)
def test_bad_usage_is_one_line_and_2(monkeypatch, arguments, message):
    said = io.StringIO()
    monkeypatch.setattr(sys, "__stderr__", said)
    assert main(arguments) == 2
    assert said.getvalue().startswith("leakwatch: error: ")
    assert message in said.getvalue()
    assert said.getvalue().count("\n") == 1


def test_an_error_is_all_that_bad_usage_prints(cli):
    result = cli("rum")
    assert (result.returncode, result.stdout, result.stderr.count("\n")) == (2, "", 1)


def test_main_returns_the_exit_code_instead_of_leaving(capsys):
    assert main(["--version"]) == 0
    assert main(["plugins", "--nonsense"]) == 2
    assert capsys.readouterr().out == f"leakwatch {__version__}\n"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("leakwatch.toml", "min_cout = 3", "unknown option 'min_cout'; did you mean 'min_count'?"),
        ("leakwatch.toml", "min_count = 'a'", "min_count: expected a whole number above 0"),
        (
            "leakwatch.toml",
            "min_count = ",
            "configuration: not TOML: Invalid value",
        ),
        ("leakwatch.toml", "[tool.leakwatch]\ntrim = true", "without [tool.leakwatch]"),
        ("pyproject.toml", "[tool.leakwatch]\nplugin = ['a']", "did you mean 'plugins'?"),
    ],
)
def test_a_wrong_configuration_names_file_and_key(cli, name, content, message):
    path = cli.write(name, content)
    result = cli("doctor")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"leakwatch: error: {path}: ")
    assert message in result.stderr


def test_a_plugin_adds_a_command(cli):
    cli.write(
        "greeting.py",
        """
        from leakwatch import hookimpl
        from leakwatch.command import Subcommand

        def add_arguments(parser):
            parser.add_argument("format")

        def run(arguments):
            print("hello", arguments.format, arguments.config.min_count)
            return 42

        @hookimpl
        def leakwatch_subcommands():
            return [
                Subcommand("greet", "say hello", add_arguments, run),
                Subcommand("run", "not ours", add_arguments, run),
            ]
        """,
    )
    result = cli("-p", "greeting", "greet", "you")
    assert (result.stdout, result.returncode) == ("hello you 5\n", 42)
    assert result.stderr == (
        "leakwatch: warning: plugin 'greeting' failed in leakwatch_subcommands: ValueError: "
        "there is a command 'run' already; see `leakwatch plugins`\n"
    )


@pytest.mark.parametrize("strict", [(), ("-W", "error")], ids=["plain", "warnings are errors"])
def test_a_plugin_that_raises_in_every_hook_is_named_once_and_stops_nothing(cli, leaky, strict):
    cli.write("broken.py", BROKEN_HOOKS)
    result = cli.anew("-p", "broken", "run", "--fail-on-leak", leaky, python=strict)
    assert result.stdout.startswith("arguments []\nleakwatch: 1 leak at the end of leaky.py")
    assert result.stderr.count("plugin 'broken'") == 1
    assert result.stderr.count("\n") == 1
    assert result.returncode == 1


def test_a_plugin_whose_import_fails_is_named_once_and_stops_nothing(cli, leaky):
    cli.write("absent.py", "import no_such_library")
    cli.write("leakwatch.toml", "plugins = ['absent']")
    result = cli("run", leaky, PYTHONPATH=f"{cli.folder}:{cli.pythonpath}")
    assert result.stdout.startswith("arguments []\nleakwatch: 1 leak at the end of leaky.py")
    assert result.stderr == (
        "leakwatch: warning: plugin 'absent' failed in import: ModuleNotFoundError: "
        "No module named 'no_such_library'; see `leakwatch plugins`\n"
    )
    assert result.returncode == 0


@pytest.mark.parametrize(
    "place", ["pyproject.toml", "leakwatch.toml", "LEAKWATCH_PLUGINS", "json.py"]
)
def test_no_module_of_the_current_folder_runs_for_what_a_file_there_says(cli, place):
    cli.write("evil.py", "print('evil')")
    cli.write("json.py", "print('evil')")
    tables = {"pyproject.toml": "[tool.leakwatch]\n", "leakwatch.toml": ""}
    if place in tables:
        cli.write(place, f"{tables[place]}plugins = ['evil']")
    environment = {place: "evil"} if place.startswith("LEAKWATCH") else {}
    result = cli.anew("report", "x.json", **environment)
    assert "evil" not in result.stdout
    assert result.returncode == 2


def test_a_plugin_that_the_command_line_names_may_lie_in_the_current_folder(cli):
    cli.write("mine.py", "print('mine')")
    cli.write("json.py", "print('shadows the library')")
    script = "import sys; from leakwatch.cli import main; sys.exit(main())"
    for result in (
        cli("-p", "mine", "doctor"),
        cli.python(
            "-c", script.replace("sys;", "sys; sys.path[0] = sys.prefix;"), "-p", "mine", "doctor"
        ),
    ):
        assert result.stdout.startswith("mine\n")
        assert "shadows" not in result.stdout
    assert cli.anew("-p", "mine", "doctor", python=["-P"]).stdout.count("mine\n") == 0


def test_a_program_runs_in_a_folder_that_is_gone(cli):
    cli.write("shop.py", "import sys; print(sys.argv[1:])")
    (cli.folder / "gone").mkdir()
    run = f"{sys.executable} -m leakwatch run"
    shell = f"cd gone; rmdir ../gone; {run} {cli.folder}/shop.py script && {run} -m shop module"
    result = cli.execute(["bash", "-c", shell], PYTHONPATH=f"{cli.folder}:{cli.pythonpath}")
    assert result.stdout.startswith("['script']\nleakwatch: no leaks at the end of ")
    assert "['module']\nleakwatch: no leaks at the end of python -m shop\n" in result.stdout
    assert result.returncode == 0


@pytest.mark.parametrize("command", ["run", "report", "why", "hunt", "plugins", "doctor", ""])
def test_the_reference_page_tells_every_flag(cli, command):
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    options = cli(*command.split(), "--help").stdout.partition("options:")[2]
    flags = re.findall(r"(?<![\w-])--[a-z][a-z-]+", options.partition("\n\n")[0])
    own = {flag for flag in flags if not flag.startswith(("--no-debug", "--help"))}
    assert {flag for flag in own if f"`{flag}" not in page} == set()
