"""What the OpenTelemetry SDK reads from the instruments, and the records that it gets."""

import json
from dataclasses import replace

import pytest
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from leakwatch.errors import ConfigurationError
from leakwatch.model import Cause, Leak, LookTaken, Pattern, RetentionPath, Root
from leakwatch.report import Report
from leakwatch_otel import export
from leakwatch_otel.exporting import Exporter
from tests.heaps import PLUGINS, run_python

PATTERN = Pattern("LW102", "listener kept", "", "remove it in close()")


def leak(signature="a", **changes):
    path = RetentionPath(Root("module global", "shop"), (), "shop.Cart")
    cause = Cause("shop.LISTENERS", "[*]")
    found = Leak("shop.Cart", 4, None, 40, 400, signature, path, cause=cause, pattern=PATTERN)
    return replace(found, **changes)


class Sdk:
    """The SDK, with what it has read in memory."""

    def __init__(self, most_causes=100):
        self.reader, self.records = InMemoryMetricReader(), InMemoryLogRecordExporter()
        loggers = LoggerProvider()
        loggers.add_log_record_processor(SimpleLogRecordProcessor(self.records))
        meter = MeterProvider([self.reader]).get_meter("leakwatch")
        self.exporter = Exporter(meter, loggers.get_logger("leakwatch"), most_causes)

    def hear(self, *reports):
        for report in reports:
            self.exporter.leakwatch_scope_closed(report)
        self.exporter.flush()

    def points(self):
        """The values by name and values of attributes."""
        (resource,) = self.reader.get_metrics_data().resource_metrics
        return {
            (metric.name, *(point.attributes[name] for name in sorted(point.attributes))): (
                point.value
            )
            for metric in resource.scope_metrics[0].metrics
            for point in metric.data.data_points
        }


def test_a_cause_has_its_figures():
    sdk = Sdk()
    first, again = leak(growth=2.5, growth_per="second"), leak(count=9)
    sdk.hear(Report("work", leaks=(first,)), Report("this process", "growing", known=(again,)))
    points = sdk.points()
    assert points["leakwatch.cause.found", "a", "shop.Cart"] == 2
    assert points["leakwatch.cause.objects", "a", "shop.Cart"] == 9
    assert points["leakwatch.cause.retained", "a", "shop.Cart"] == 400
    assert points["leakwatch.reports", "scope", "leaks"] == 1
    assert points["leakwatch.reports", "growing", "clean"] == 1


def test_growth_says_per_what_it_is():
    sdk = Sdk()
    sdk.hear(Report("work", leaks=(leak(growth=2.5, growth_per="unit"),)))
    assert sdk.points()["leakwatch.cause.growth", "unit", "a", "shop.Cart"] == 2.5


def test_looks_are_counted():
    sdk = Sdk()
    for objects in (1000, 1200):
        sdk.exporter.leakwatch_looked(LookTaken(60.0, 0.25, objects, 5))
    sdk.hear()
    names = ("looks", "look.time", "units", "objects")
    points = sdk.points()
    assert [points[f"leakwatch.{name}",] for name in names] == [2, 0.5, 10, 1200]


def test_a_cause_is_one_record_without_values():
    sdk = Sdk()
    sdk.hear(Report("work", leaks=(leak(),)), Report("work", leaks=(leak(), leak("b"))))
    one, two = (it.log_record for it in sdk.records.get_finished_logs())
    assert (one.event_name, one.severity_text) == ("leakwatch.leak", "WARN")
    assert one.body == "4 shop.Cart held by shop.LISTENERS[*]"
    assert one.attributes == {
        "leakwatch.signature": "a",
        "leakwatch.type": "shop.Cart",
        "leakwatch.cause": "shop.LISTENERS[*]",
        "leakwatch.objects": 4,
        "leakwatch.retained": 400,
        "leakwatch.pattern": "LW102",
        "leakwatch.fix": "remove it in close()",
    }
    assert two.attributes["leakwatch.signature"] == "b"


def test_there_are_no_more_attributes_than_asked_for():
    sdk = Sdk(most_causes=3)
    sdk.hear(*(Report("work", leaks=(leak(str(number)),)) for number in range(50)))
    found = {key: n for key, n in sdk.points().items() if key[0] == "leakwatch.cause.found"}
    assert len(found) == 4
    assert found["leakwatch.cause.found", "other", "other"] == 47
    assert len(sdk.records.get_finished_logs()) == 3


def test_a_wrong_number_of_causes_is_refused():
    with pytest.raises(ConfigurationError, match="most_causes: expected a whole number"):
        export(most_causes=0)


MONITORED = """
import json, os, threading, time
from opentelemetry import metrics, _logs
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
import leakwatch, leakwatch_otel
leakwatch_otel.export()
records, reader = InMemoryLogRecordExporter(), InMemoryMetricReader()
loggers = LoggerProvider()
loggers.add_log_record_processor(SimpleLogRecordProcessor(records))
_logs.set_logger_provider(loggers)
metrics.set_meter_provider(MeterProvider([reader]))
class Cart: pass
CARTS = []
def work():
    while True: CARTS.append(Cart()); time.sleep(0.001)
threading.Thread(target=work, daemon=True).start()
monitor = leakwatch.monitor(every=0.1, budget=1.0)
end = time.monotonic() + 40
while not monitor.reports and time.monotonic() < end: time.sleep(0.05)
monitor.stop(); leakwatch_otel.flush()
(resource,) = reader.get_metrics_data().resource_metrics
names = [metric.name for scope in resource.scope_metrics for metric in scope.metrics]
bodies = [it.log_record.body.split(" held by ")[1] for it in records.get_finished_logs()]
print(json.dumps([names, bodies])); os._exit(0)
"""


def test_what_a_monitor_finds_goes_to_the_providers_of_the_program_set_later(monkeypatch):
    monkeypatch.setenv(PLUGINS, "otel")
    names, bodies = json.loads(run_python("-c", MONITORED))
    assert {"leakwatch.looks", "leakwatch.cause.objects", "leakwatch.cause.growth"} <= set(names)
    assert bodies == ["__main__.CARTS[*]"]
