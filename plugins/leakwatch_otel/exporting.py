"""The instruments and records, and the hooks that bring them up to date.

An instrument is asked by the SDK, whenever it collects; what it answers is kept here.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from time import time_ns

from opentelemetry._logs import Logger, LoggerProvider, LogRecord, SeverityNumber, get_logger
from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider, Observation, get_meter

from leakwatch import Report, hookimpl
from leakwatch.extending import Find, LookTaken, Tally, is_news, outcome, summary
from leakwatch.integration import Outbox, take_part

NAME = "leakwatch"
LEAK = "leakwatch.leak"
"""The name of the event that a record is."""


class Counts:
    """What was found and done so far."""

    def __init__(self, most_causes: int) -> None:
        self.looks, self.look_seconds, self.units, self.objects = 0, 0.0, 0, 0
        self.reports: Counter[tuple[str, str]] = Counter()
        self.tally = Tally(most_causes)

    def add_look(self, look: LookTaken) -> None:
        """Count a look."""
        self.looks += 1
        self.look_seconds += look.seconds
        self.units += look.units
        self.objects = look.objects

    def add_report(self, report: Report) -> list[Find]:
        """Count a judgement and its causes."""
        self.reports[report.kind, outcome(report)] += 1
        return self.tally.add(report)

    def outcomes(self) -> Iterator[Observation]:
        """The judgements by what was asked and how it ended."""
        for (kind, end), number in self.reports.copy().items():
            yield Observation(number, {"leakwatch.kind": kind, "leakwatch.outcome": end})

    def found(self) -> Iterator[Observation]:
        """How often each cause was found."""
        for find in self.tally.last():
            yield Observation(find.times, attributes(find))

    def objects_of_causes(self) -> Iterator[Observation]:
        """Objects of the lead type."""
        for find in self._apart():
            yield Observation(find.leak.count, attributes(find))

    def bytes_of_causes(self) -> Iterator[Observation]:
        """What would be freed."""
        for find in self._apart():
            yield Observation(find.leak.retained_bytes, attributes(find))

    def growth_of_causes(self) -> Iterator[Observation]:
        """Objects per second, unit of work or run."""
        for find in self._apart():
            if find.leak.growth is not None:
                per = {"leakwatch.per": find.leak.growth_per}
                yield Observation(find.leak.growth, attributes(find) | per)

    def _apart(self) -> Iterator[Find]:
        return (find for find in self.tally.last() if not find.is_other)


def attributes(find: Find) -> dict[str, str]:
    """What a cause is told by."""
    return {"leakwatch.signature": find.signature, "leakwatch.type": find.type_name}


Observe = Callable[[CallbackOptions], Iterable[Observation]]


def asked(observe: Callable[[], Iterable[Observation]]) -> list[Observe]:
    """The callbacks of an instrument."""
    return [lambda _: observe()]


def one(value: Callable[[], float]) -> list[Observe]:
    """The callbacks of an instrument that has no attributes."""
    return [lambda _: [Observation(value())]]


def instruments(meter: Meter, counts: Counts) -> None:
    """Make the instruments."""
    counter, gauge = meter.create_observable_counter, meter.create_observable_gauge
    counter("leakwatch.looks", one(lambda: counts.looks), "{look}", "Looks of monitors")
    counter(
        "leakwatch.look.time",
        one(lambda: counts.look_seconds),
        "s",
        "Computing time that looks took",
    )
    counter("leakwatch.units", one(lambda: counts.units), "{unit}", "Units of work of monitors")
    gauge("leakwatch.objects", one(lambda: counts.objects), "{object}", "Objects at the last look")
    counter("leakwatch.reports", asked(counts.outcomes), "{report}", "Judgements")
    counter("leakwatch.cause.found", asked(counts.found), "{time}", "How often it was found")
    gauge(
        "leakwatch.cause.objects",
        asked(counts.objects_of_causes),
        "{object}",
        "Objects of the lead type when the cause was found last",
    )
    gauge(
        "leakwatch.cause.retained",
        asked(counts.bytes_of_causes),
        "By",
        "What would be freed if the leak were gone",
    )
    gauge(
        "leakwatch.cause.growth",
        asked(counts.growth_of_causes),
        "{object}",
        "Objects of the lead type per second, unit of work or run",
    )


def record(find: Find) -> LogRecord:
    """A cause as an event; it has no values of the program."""
    leak = find.leak
    facts: dict[str, str | int | float] = {
        **attributes(find),
        "leakwatch.cause": find.cause,
        "leakwatch.objects": leak.count,
        "leakwatch.retained": leak.retained_bytes,
    }
    if leak.pattern is not None:
        facts |= {"leakwatch.pattern": leak.pattern.code, "leakwatch.fix": leak.pattern.fix}
    return LogRecord(
        timestamp=time_ns(),
        severity_text="WARN",
        severity_number=SeverityNumber.WARN,
        body=summary(leak),
        attributes=facts,
        event_name=LEAK,
    )


class Exporter:
    """The hooks; what they hear is counted on a thread of its own, for the library takes locks.

    Args:
        meter: has the instruments.
        logger: gets the records; None for none.
        most_causes: how many causes are counted one by one.
    """

    def __init__(self, meter: Meter, logger: Logger | None, most_causes: int) -> None:
        self._logger, self._counts = logger, Counts(most_causes)
        self._outbox = Outbox("otel", self._count)
        instruments(meter, self._counts)

    @hookimpl
    def leakwatch_looked(self, look: LookTaken) -> None:
        """See `leakwatch.hookspecs`."""
        self._outbox.put(look)

    @hookimpl
    def leakwatch_scope_closed(self, report: Report) -> None:
        """See `leakwatch.hookspecs`."""
        if is_news(report):
            self._outbox.put(report)

    def flush(self) -> None:
        """See `leakwatch_otel.flush`."""
        self._outbox.flush()

    def _count(self, heard: LookTaken | Report) -> None:
        if not isinstance(heard, Report):
            self._counts.add_look(heard)
            return
        for find in self._counts.add_report(heard):
            if find.is_new and self._logger is not None:
                self._logger.emit(record(find))


_exporters: list[Exporter] = []


def start(
    meters: MeterProvider | None, loggers: LoggerProvider | None, most_causes: int, *, logs: bool
) -> None:
    """See `leakwatch_otel.export`."""
    Tally(most_causes)  # refuses a wrong number, in a second call too
    if not _exporters:
        logger = get_logger(NAME, logger_provider=loggers) if logs else None
        _exporters.append(Exporter(get_meter(NAME, meter_provider=meters), logger, most_causes))
    take_part(_exporters[0], "otel")


def flush() -> None:
    """See `leakwatch_otel.flush`."""
    for exporter in _exporters:
        exporter.flush()
