"""`leakwatch` without a command, on a terminal: what is there to be looked at, and how it is."""

from dataclasses import dataclass

from leakwatch.cli.messages import CLEAN, INTERRUPTED, USAGE


@dataclass(frozen=True, slots=True)
class Start:
    """Something that a person may have.

    Attributes:
        what: in words.
        example: what is asked for, such as the name of a script.
        command: what to type, with the answer in the place of `{}`.
        more: what else is worth knowing.
    """

    what: str
    example: str
    command: str
    more: str


STARTS = (
    Start(
        "a service that you can start, or a script",
        "a script, or -m and a module: `app.py --port 8000`, `-m shop.server`",
        "leakwatch run -o leaks.html {}",
        "Let it work for a while and end it, by Ctrl-C if need be. The report is a page.",
    ),
    Start(
        "a service that runs already",
        "the number of its process: `4711`",
        "leakwatch attach {} growing",
        "It needs a door: LEAKWATCH_DOOR=1 in its environment, and `import leakwatch`.",
    ),
    Start(
        "a test suite for pytest",
        "the tests, such as `tests`",
        "python -m pytest --leakwatch {}",
        "A test whose objects outlive it fails; --leakwatch=report only tells.",
    ),
    Start(
        "a function that can be called again and again",
        "the file and the function: `shop/api.py:checkout`",
        "leakwatch hunt {}",
        "It takes no arguments. What grows with each call is told, with what holds it.",
    ),
    Start(
        "a report that was saved",
        "its file: `leaks.json`",
        "leakwatch report {}",
        "With -o leaks.html it becomes a page.",
    ),
)


def command_for_a_start() -> int:
    """Ask what there is, and print the command to type; gives the exit code."""
    print("What do you have?\n")
    for number, start in enumerate(STARTS, 1):
        print(f"  {number}  {start.what}")
    print()
    try:
        found = chosen(input(f"1 to {len(STARTS)}: "))
        if found is None:
            print("leakwatch --help tells all commands.")
            return USAGE
        start = found
        answer = input(f"{start.example}\n> ").strip()
    except EOFError:
        print()
        return USAGE
    except KeyboardInterrupt:
        print()
        return INTERRUPTED
    print(f"\n  {start.command.format(answer).strip()}\n\n{start.more}")
    return CLEAN


def chosen(answer: str) -> Start | None:
    """What the answer means, or None."""
    number = int(answer) if answer.strip().isdecimal() else 0
    return STARTS[number - 1] if 0 < number <= len(STARTS) else None
