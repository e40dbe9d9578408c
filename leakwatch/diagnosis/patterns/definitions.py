"""Loggers, handlers and classes that are made again and again."""

from leakwatch.diagnosis.patterns.mistake import Mistake
from leakwatch.model import HolderKind, Pattern, RetentionPath


def is_logger(path: RetentionPath) -> bool:
    """The survivor is a logger itself, of whatever class: the registry has nothing else."""
    return path.target_type == "logging.Logger" or (
        path.root.facts.of_logging and not path.references
    )


LOGGER = Mistake(
    Pattern(
        "LW121",
        "logger for each object",
        "`logging` keeps every logger by its name until the process ends.",
        "use one logger a module, and put what differs into the message or into a "
        "`logging.LoggerAdapter`",
    ),
    is_logger,
    before="""\
import itertools
import logging

NUMBERS = itertools.count()


class Job:
    def __init__(self):
        self.log = logging.getLogger(f"jobs.{next(NUMBERS)}")


def work():
    Job()
""",
    after="""\
import itertools
import logging

NUMBERS = itertools.count()


class Job:
    def __init__(self):
        self.log = logging.LoggerAdapter(logging.getLogger("jobs"), {"job": next(NUMBERS)})


def work():
    Job()
""",
)


def is_handler(path: RetentionPath) -> bool:
    """A logger keeps the survivor as a handler, or by one."""
    from_a_logger = path.root.facts.of_logging
    return any(
        it.name.startswith(".handlers") and (from_a_logger or it.holder_type in HAVE_HANDLERS)
        for it in path.references
    )


HAVE_HANDLERS = frozenset(
    {"logging.Logger", "logging.RootLogger", "logging.handlers.QueueListener"}
)
"""Types whose `handlers` are log handlers."""

HANDLER = Mistake(
    Pattern(
        "LW111",
        "log handler added and never removed",
        "Loggers live as long as the process, and each keeps its handlers.",
        "configure handlers once, or call `logger.removeHandler(handler)` at the end",
    ),
    is_handler,
    before="""\
import logging

LOG = logging.getLogger("jobs")


class Job:
    def __init__(self):
        LOG.addHandler(logging.StreamHandler())


def work():
    Job()
""",
    after="""\
import logging

LOG = logging.getLogger("jobs")
LOG.addHandler(logging.StreamHandler())


class Job:
    pass


def work():
    Job()
""",
)


def is_class_made_at_run_time(path: RetentionPath) -> bool:
    """The survivor is a class, or an attribute of a class that was made by a function."""
    return path.target_kind == HolderKind.CLASS or any(
        reference.holder_kind == HolderKind.CLASS and "<locals>" in reference.holder_type
        for reference in path.suspects
    )


CLASS = Mistake(
    Pattern(
        "LW120",
        "class made at run time",
        "A class refers to itself, to its methods and to their globals; whoever makes a class "
        "for each call and keeps it keeps all of that.",
        "make the class once, at the top of the module, or cache it by what it is made from",
    ),
    is_class_made_at_run_time,
    before="""\
MODELS = []


def model_of(fields):
    class Model:
        names = fields

    return Model


def work():
    MODELS.append(model_of(["id", "name"]))
""",
    after="""\
MODELS = {}


def model_of(fields):
    class Model:
        names = fields

    return Model


def work():
    fields = ("id", "name")
    if fields not in MODELS:
        MODELS[fields] = model_of(fields)
""",
)
