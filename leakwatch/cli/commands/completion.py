"""`leakwatch completion`: a script that completes commands, options and choices in a shell.

The script is made from the parser itself, so it knows the commands of plugins and nothing that
does not exist. It runs no Python: completing costs no import.
"""

import argparse
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from shlex import quote

from leakwatch.cli.output import answer
from leakwatch.cli.parsing import parser
from leakwatch.cli.plugin_loading import subcommands
from leakwatch.command import Subcommand
from leakwatch.session import plugins, presenter

EPILOG = """\
examples:
  eval "$(leakwatch completion bash)"            in ~/.bashrc
  leakwatch completion zsh > ~/.zfunc/_leakwatch   a folder of $fpath
  leakwatch completion fish > ~/.config/fish/completions/leakwatch.fish

exit codes: 0 printed, 2 there is no script for that shell.
"""


@dataclass(frozen=True, slots=True)
class Words:
    """What may stand on a command line.

    Attributes:
        help: what the command is for.
        options: each with its help.
        choices: the values of options that take one of a few.
    """

    help: str
    options: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]]


def words_of(whole: argparse.ArgumentParser) -> dict[str, Words]:
    """The words of each command, and under an empty name those that stand before it."""
    found = {"": words(whole, "")}
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            helps = {it.dest: it.help or "" for it in action._choices_actions}
            for name, place in action.choices.items():
                found[name] = words(place, helps.get(name, ""))
    return found


def words(place: argparse.ArgumentParser, text: str) -> Words:
    """The options of one parser."""
    options: dict[str, str] = {}
    choices: dict[str, tuple[str, ...]] = {}
    for action in place._actions:
        for option in action.option_strings:
            # As short as a menu wants it.
            help_text = (action.help or "").split(";")[0]
            options[option] = help_text.replace("%%", "%").replace("`", "")
            values = tuple(map(str, action.choices or ()))
            if option == "--format" and not values:
                values = tuple(presenter().names())
            if option == "--disable-plugin":
                values = ("all", *plugins().versions())
            if values:
                choices[option] = values
        if offered := getattr(action, "completer", ()):
            choices[""] = tuple(offered)
        if not action.option_strings and action.choices and not isinstance(action.choices, dict):
            choices[""] = tuple(map(str, action.choices))
    return Words(text, options, choices)


def bash(found: Mapping[str, Words]) -> Iterator[str]:
    """The script for bash."""
    yield "_leakwatch() {"
    yield '    local word="${COMP_WORDS[COMP_CWORD]}" last="${COMP_WORDS[COMP_CWORD-1]}"'
    yield "    local command=\"\" it IFS=$'\\n'"
    # Bash takes `--format=j` for three words.
    yield '    [[ "$word" == = ]] && word=""'
    yield '    [[ "$last" == = ]] && last="${COMP_WORDS[COMP_CWORD-2]}"'
    yield '    for it in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do'
    yield f'        case "$it" in {pattern(found)}) command="$it"; break;; esac'
    yield "    done"
    yield '    case "$command $last" in'
    for place, values in valued_options(found):
        yield f"        {quote(place)}) {reply(values)}; return;;"
    yield "    esac"
    yield '    case "$command" in'
    for name, it in found.items():
        own = [*it.options, *it.choices.get("", ()), *([] if name else commands(found))]
        files = " -f" if name else ""
        yield f"        {quote(name)}) {reply(own, files)};;"
    yield "    esac"
    yield "}"
    yield "complete -o filenames -F _leakwatch leakwatch"


def reply(offered: Iterable[str], more: str = "") -> str:
    """The statement that offers words to bash."""
    return f'COMPREPLY=($(compgen{more} -W {quote(chr(10).join(offered))} -- "$word"))'


def valued_options(found: Mapping[str, Words]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each option with a few values, behind its command, and those values."""
    for name, it in found.items():
        for option, values in it.choices.items():
            if option:
                yield f"{name} {option}", values


def commands(found: Mapping[str, Words]) -> list[str]:
    """The names of the commands."""
    return [name for name in found if name]


def pattern(found: Mapping[str, Words]) -> str:
    """The commands as alternatives."""
    return "|".join(commands(found))


def zsh(found: Mapping[str, Words]) -> Iterator[str]:
    """The script for zsh, which may be a file of `$fpath` or be evaluated."""
    yield "#compdef leakwatch"
    yield "_leakwatch() {"
    yield "    local command it"
    yield '    for it in "${(@)words[2,CURRENT-1]}"; do'
    yield f'        case "$it" in ({pattern(found)}) command="$it"; break;; esac'
    yield "    done"
    yield '    case "$command ${words[CURRENT-1]}" in'
    for place, values in valued_options(found):
        yield f"        ({quote(place)}) compadd -- {joined(values)}; return;;"
    yield "    esac"
    yield "    local -a offered"
    yield '    case "$command" in'
    for name, it in found.items():
        entries = [described(option, text) for option, text in it.options.items()]
        entries += [described(value, "") for value in it.choices.get("", ())]
        if not name:
            entries += [described(each, found[each].help) for each in commands(found)]
        yield f"        ({quote(name)}) offered=({joined(entries)});;"
    yield "    esac"
    yield "    _describe leakwatch offered"
    yield '    [[ -n "$command" ]] && _files'
    yield "}"
    yield "if (( $+functions[compdef] )); then compdef _leakwatch leakwatch; fi"


def described(word: str, text: str) -> str:
    """A word with its help, as `_describe` wants it."""
    escaped = word.replace(":", "\\:")
    return f"{escaped}:{text}" if text else escaped


def joined(texts: "tuple[str, ...] | list[str]") -> str:
    """Strings for the shell, with spaces between."""
    return " ".join(map(quote, texts))


def fish(found: Mapping[str, Words]) -> Iterator[str]:
    """The script for fish."""
    seen = "__fish_seen_subcommand_from"
    yield f'set -l commands "{" ".join(commands(found))}"'
    for name in commands(found):
        condition = '"not __fish_seen_subcommand_from $commands"'
        yield f"complete -c leakwatch -n {condition} -f -a {name} -d {in_fish(found[name].help)}"
    for name, it in found.items():
        where = f'-n "{seen} {name}"' if name else f'-n "not {seen} $commands"'
        for option, text in it.options.items():
            kind = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}"
            values = it.choices.get(option, ())
            offered = f" -x -a {in_fish(' '.join(values))}" if values else ""
            yield f"complete -c leakwatch {where} {kind}{offered} -d {in_fish(text)}"
        for value in it.choices.get("", ()):
            yield f"complete -c leakwatch {where} -f -a {value}"


def in_fish(text: str) -> str:
    """A string for fish, whose quotes know two escapes only."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


SHELLS = {"bash": bash, "zsh": zsh, "fish": fish}


def add_arguments(place: argparse.ArgumentParser) -> None:
    """See `leakwatch.command.Subcommand`."""
    place.description = "Print a script that completes leakwatch's commands and options."
    place.epilog = EPILOG
    place.add_argument("shell", choices=list(SHELLS), help="the shell that is to complete")


def run_command(arguments: argparse.Namespace) -> int:
    """See `leakwatch.command.Subcommand`."""
    found = words_of(parser(subcommands(plugins())))
    return answer("".join(f"{line}\n" for line in SHELLS[arguments.shell](found)))


COMMAND = Subcommand("completion", "print a script for a shell", add_arguments, run_command)
