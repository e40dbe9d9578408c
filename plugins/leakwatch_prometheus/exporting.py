"""The metrics, and the hooks that bring them up to date."""

from functools import partial
from time import time

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge

from leakwatch import Report, hookimpl
from leakwatch.extending import Find, LookTaken, Tally, is_news, outcome
from leakwatch.integration import Outbox, take_part

CAUSE = ("signature", "type")


class LookMetrics:
    """What monitors did."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._looks = Counter("leakwatch_looks", "Looks of monitors", registry=registry)
        self._seconds = Counter(
            "leakwatch_look_seconds", "Computing time that looks took", registry=registry
        )
        self._units = Counter(
            "leakwatch_units", "Units of work that monitors were told of", registry=registry
        )
        self._objects = Gauge(
            "leakwatch_objects",
            "Objects that the collector knew at the last look",
            registry=registry,
            multiprocess_mode="livesum",
        )

    def add(self, look: LookTaken) -> None:
        """Count a look."""
        self._looks.inc()
        self._seconds.inc(look.seconds)
        self._units.inc(look.units)
        self._objects.set(look.objects)


class CauseMetrics:
    """What was found, by cause.

    What a process has now is a `live` gauge: where many processes write, that of one that ended
    does not count any more.
    """

    def __init__(self, registry: CollectorRegistry) -> None:
        gauge = partial(Gauge, registry=registry)
        self._found = Counter(
            "leakwatch_cause_found", "How often a cause was found", CAUSE, registry=registry
        )
        self._last = gauge(
            "leakwatch_cause_last_found_timestamp_seconds",
            "When the cause was found last",
            CAUSE,
            multiprocess_mode="max",
        )
        self._info = gauge(
            "leakwatch_cause_info",
            "What a cause is: the reference to cut, and the kind of mistake; always 1",
            (*CAUSE, "cause", "pattern"),
            multiprocess_mode="max",
        )
        self._objects = gauge(
            "leakwatch_cause_objects",
            "Objects of the lead type when the cause was found last",
            CAUSE,
            multiprocess_mode="livesum",
        )
        self._bytes = gauge(
            "leakwatch_cause_retained_bytes",
            "What would be freed if the leak were gone, when the cause was found last",
            CAUSE,
            multiprocess_mode="livesum",
        )
        self._growth = gauge(
            "leakwatch_cause_growth",
            "Objects of the lead type per second, unit of work or run",
            (*CAUSE, "per"),
            multiprocess_mode="livemax",
        )

    def add(self, find: Find) -> None:
        """Count a find."""
        cause = find.signature, find.type_name
        self._found.labels(*cause).inc()
        self._last.labels(*cause).set(time())
        if not find.is_other:
            self._tell(find, cause)

    def _tell(self, find: Find, cause: tuple[str, str]) -> None:
        leak = find.leak
        if find.is_new:
            pattern = leak.pattern.code if leak.pattern else ""
            self._info.labels(*cause, find.cause, pattern).set(1)
        self._objects.labels(*cause).set(leak.count)
        self._bytes.labels(*cause).set(leak.retained_bytes)
        if leak.growth is not None:
            self._growth.labels(*cause, leak.growth_per).set(leak.growth)


class Metrics:
    """The metrics of one registry.

    Args:
        registry: where they belong.
        most_causes: how many causes have series of their own.

    Raises:
        ConfigurationError: `most_causes` is no number above 0.
        ValueError: the registry has metrics of these names already.
    """

    def __init__(self, registry: CollectorRegistry, most_causes: int) -> None:
        self._tally = Tally(most_causes)
        self.looks = LookMetrics(registry)
        self._causes = CauseMetrics(registry)
        self._reports = Counter(
            "leakwatch_reports",
            "Judgements, by what was asked and how it ended",
            ("kind", "outcome"),
            registry=registry,
        )

    def add(self, report: Report) -> None:
        """Count a judgement and its causes."""
        self._reports.labels(report.kind, outcome(report)).inc()
        for find in self._tally.add(report):
            self._causes.add(find)


class Exporter:
    """The hooks; what they hear is counted on a thread of its own, for the library takes locks.

    Args:
        metrics: what to bring up to date.
    """

    def __init__(self, metrics: Metrics) -> None:
        self.metrics = metrics
        self._outbox = Outbox("prometheus", self._count)

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
        """See `leakwatch_prometheus.flush`."""
        self._outbox.flush()

    def _count(self, heard: LookTaken | Report) -> None:
        if isinstance(heard, Report):
            self.metrics.add(heard)
        else:
            self.metrics.looks.add(heard)


_exporters: dict[CollectorRegistry, Exporter] = {}


def start(registry: CollectorRegistry | None, most_causes: int) -> None:
    """See `leakwatch_prometheus.export`."""
    Tally(most_causes)  # refuses a wrong number, in a second call too
    wanted = REGISTRY if registry is None else registry
    if wanted not in _exporters:
        _exporters[wanted] = Exporter(Metrics(wanted, most_causes))
    take_part(_exporters[wanted], "prometheus")


def flush() -> None:
    """See `leakwatch_prometheus.flush`."""
    for exporter in _exporters.values():
        exporter.flush()
