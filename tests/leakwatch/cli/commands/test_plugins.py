"""`leakwatch plugins` lists what is loaded, what is not, and why."""

import pytest

GOOD = """
    from leakwatch import hookimpl

    @hookimpl
    def leakwatch_known_leaks():
        return []
"""


@pytest.fixture
def announced(cli):
    """An installed distribution that announces plugins, in a folder of its own."""
    cli.write("installed/good.py", GOOD)
    cli.write("installed/needy.py", "import no_such_library")
    cli.write(
        "installed/shelf-1.dist-info/entry_points.txt",
        "[leakwatch]\nfine = good\nneedy = needy\nunwanted = good\n",
    )
    cli.write("installed/shelf-1.dist-info/METADATA", "Name: shelf\nVersion: 1\n")
    return str(cli.folder / "installed")


def test_the_built_in_parts_are_plugins_like_others(cli):
    lines = cli("plugins").stdout.splitlines()
    assert lines[0] == "loaded"
    assert any(line.split()[0] == "builtin" and "root_providers" in line for line in lines)
    assert any(line.split() == ["commands", "subcommands"] for line in lines)


def test_a_plugin_is_listed_with_its_hooks(cli):
    cli.write("mine.py", GOOD)
    result = cli("-p", "mine", "plugins")
    assert ["mine", "known_leaks"] in [line.split() for line in result.stdout.splitlines()]
    assert result.returncode == 0


def test_a_plugin_of_ours_for_a_library_says_by_its_hooks_what_it_knows_of_it(cli):
    lines = cli("-p", "leakwatch_numpy", "plugins").stdout.splitlines()
    hooks = "hidden_references, reference_names, sizeof, unheld_containers"
    assert ["leakwatch_numpy", hooks] in [line.split(maxsplit=1) for line in lines]


def test_what_is_not_loaded_is_listed_with_the_reason(cli, announced):
    result = cli(
        "--disable-plugin",
        "unwanted",
        "plugins",
        LEAKWATCH_DISABLE_PLUGINS="memory,logging,objgraph",
        PYTHONPATH=f"{announced}:{cli.pythonpath}",
    )
    loaded, _, missing = result.stdout.partition("not loaded\n")
    assert "fine" in loaded
    rows = [line.split(maxsplit=1) for line in missing.splitlines()]
    assert ["unwanted", "disabled"] in rows
    reason = "failed in import: ModuleNotFoundError: No module named 'no_such_library'"
    assert ["needy", reason] in rows
    assert result.stderr.count("'needy'") == 1


def test_a_hook_that_does_not_exist_is_said_at_registration(cli):
    cli.write(
        "typo.py",
        "from leakwatch import hookimpl\n@hookimpl\ndef leakwatch_known_leeks(): return []",
    )
    result = cli("-p", "typo", "plugins")
    assert "typo" in result.stdout.partition("not loaded\n")[2]
    assert "plugin 'typo' failed in registration" in result.stderr


def test_a_fault_in_use_is_listed(cli):
    cli.write(
        "later.py",
        "from leakwatch import hookimpl\n@hookimpl\ndef leakwatch_renderers(): return 1 / 0",
    )
    result = cli("-p", "later", "plugins")
    failed = result.stdout.partition("failed while in use\n")[2]
    assert failed.startswith("  plugin 'later' failed in leakwatch_renderers: ZeroDivisionError")


BROKEN = """
    import sys
    from leakwatch import hookimpl
    from leakwatch.command import Subcommand
    from leakwatch.errors import ConfigurationError
    from leakwatch.extending import Renderer

    def nothing(parser): pass
    def help_option(parser): parser.add_argument("-h", type=int)
    def stray(parser): parser.add_argument("--rate", help="100% of it")
    def leave(parser): sys.exit(4)
    def fail(arguments): raise KeyError("in the work")
    def usage(arguments): raise ConfigurationError("no such table")

    @hookimpl
    def leakwatch_subcommands():
        return [
            Subcommand("fails", "it fails", nothing, fail),
            Subcommand("usage", "it complains", nothing, usage),
            Subcommand("answers", "it answers text", nothing, lambda arguments: "done"),
            Subcommand("four", "it says so", nothing, lambda arguments: 4),
            Subcommand("odd-option", "an option of ours", help_option, fail),
            Subcommand("odd-sign", "a stray sign", stray, fail),
            Subcommand("odd-end", "it leaves early", leave, fail),
            Subcommand("run", "the name is taken", nothing, fail),
        ]

    @hookimpl
    def leakwatch_renderers():
        return [Renderer("broken", (".broken",), fail)]
"""


@pytest.fixture
def broken(cli):
    cli.write("broken.py", BROKEN)
    return lambda *arguments: cli("-p", "broken", *arguments)


def test_a_broken_command_breaks_no_other_and_no_help(broken):
    result = broken("--help")
    assert result.returncode == 0
    assert "fails" in result.stdout
    assert "odd-" not in result.stdout
    assert result.stderr.count("'broken'") == 1


def test_a_command_that_fails_is_told_with_its_plugin(broken):
    for command, error in (("fails", "KeyError: 'in the work'"), ("answers", "TypeError: 'str'")):
        result = broken(command)
        assert result.returncode == 3
        said = f"plugin 'broken' failed in command '{command}': {error}"
        assert said in result.stderr
        assert "leakwatch itself" not in result.stderr
    assert broken("usage").returncode == 2
    assert broken("four").returncode == 4


def test_a_renderer_that_fails_loses_no_report(cli, broken):
    cli.write("app.py", "KEPT = []\nclass Cart: pass\nKEPT.append(Cart())\n")
    result = broken("run", "--types", "*", "--min-count", "1", "-o", "leaks.broken", "app.py")
    assert result.returncode == 3
    assert "plugin 'broken' failed in leakwatch_renderers: KeyError" in result.stderr
    assert "__main__.Cart" in result.stderr
