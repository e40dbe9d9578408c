"""Loggers, handlers and classes that are made again and again."""

from leakwatch.diagnosis.patterns.rules import (
    Mistake,
    is_class_made_at_run_time,
    is_handler,
    is_logger,
)
from leakwatch.model import Pattern
from leakwatch.model.root_kinds import LOGGING_REGISTRY, HolderKind

LOGGER = Mistake(
    Pattern(
        "LW121",
        "logger for each object",
        "`logging` keeps every logger by its name until the process ends.",
        "use one logger a module, and put what differs into the message or into a "
        "`logging.LoggerAdapter`",
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
    ),
    is_logger,
    signs=("logging.Logger", LOGGING_REGISTRY.name),
)

HANDLER = Mistake(
    Pattern(
        "LW111",
        "log handler added and never removed",
        "Loggers live as long as the process, and each keeps its handlers.",
        "configure handlers once, or call `logger.removeHandler(handler)` at the end",
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
    ),
    is_handler,
    signs=(".handlers",),
)

CLASS = Mistake(
    Pattern(
        "LW120",
        "class made at run time",
        "A class refers to itself, to its methods and to their globals; whoever makes a class "
        "for each call and keeps it keeps all of that.",
        "make the class once, at the top of the module, or cache it by what it is made from",
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
    ),
    is_class_made_at_run_time,
    signs=(HolderKind.CLASS,),
)
