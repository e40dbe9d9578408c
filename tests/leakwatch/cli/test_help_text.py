"""Help fits into 60 columns: prose is filled, columns are folded, commands are left as they are."""

import pytest

from leakwatch.cli.commands import builtin
from leakwatch.cli.help_text import fitted
from leakwatch.cli.parsing import parser
from leakwatch.cli.plugin_loading import subcommands
from leakwatch.plugin_manager import COMMANDS, Plugins


def told(text, width):
    return "\n".join(fitted(text, width))


def test_prose_that_is_too_wide_is_filled_anew_and_what_fits_stays():
    text = "A baseline holds the leaks\nthat a project has.\n\nShort\nlines."
    assert told(text, 60) == text
    assert told(text, 20) == "A baseline holds the\nleaks that a project\nhas.\n\nShort\nlines."


def test_what_stands_behind_a_word_is_folded_behind_it_or_goes_below():
    text = "growing  what becomes more while the process goes on\n         and what holds it"
    assert told(text, 40) == (
        "growing  what becomes more while the\n         process goes on and what holds\n         it"
    )
    assert told("  leakwatch run -m shop      a module", 30) == (
        "  leakwatch run -m shop\n      a module"
    )


def test_a_command_to_copy_stays_in_one_piece():
    line = "  leakwatch attach 4711 snapshot --children -o heap.lwheap"
    assert told(f"examples:\n{line}", 30) == f"examples:\n{line}"


@pytest.mark.parametrize("columns", [60, 80])
def test_every_help_fits_but_for_commands_to_copy(monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns + 2))
    hooks = Plugins()
    hooks.register(builtin, COMMANDS)
    for command, own in subcommands(hooks):
        whole = parser([(command, own)])
        place = next(it.choices for it in whole._actions if it.choices)[command.name]
        _, _, help_text = place.format_help().partition("\n\n")  # argparse's usage is its own
        wide = [line for line in help_text.splitlines() if len(line) > columns]
        assert all(line.startswith("  leakwatch ") for line in wide), (command.name, wide)
