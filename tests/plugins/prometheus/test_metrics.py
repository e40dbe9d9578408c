"""What is exported, as Prometheus reads it: by HTTP, and parsed by prometheus_client's parser."""

from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from leakwatch.errors import ConfigurationError
from leakwatch.model import Cause, Leak, LookTaken, Pattern, RetentionPath, Root
from leakwatch.report import Report
from leakwatch_prometheus import export
from leakwatch_prometheus.exporting import Metrics
from tests.heaps import PLUGINS, run_python

LISTENERS = Cause("shop.LISTENERS", "[*]")


def leak(signature="a", **changes):
    path = RetentionPath(Root("module global", "shop"), (), "shop.Cart")
    found = Leak("shop.Cart", 4, None, 40, 400, signature, path, cause=LISTENERS)
    return replace(found, **changes)


def samples(text):
    """The values by name and the values of the labels, those in the order of their names."""
    families = text_string_to_metric_families(text)
    found = [it for family in families for it in family.samples if "_created" not in it.name]
    return {(it.name, *(it.labels[name] for name in sorted(it.labels))): it.value for it in found}


def exported(*reports, most_causes=100):
    registry = CollectorRegistry()
    metrics = Metrics(registry, most_causes)
    for report in reports:
        metrics.add(report)
    return samples(generate_latest(registry).decode())


def test_a_cause_has_its_figures_and_what_it_is():
    pattern = Pattern("LW102", "listener kept", "", "")
    one, two = leak(growth=2.5, growth_per="second", pattern=pattern), leak(count=9)
    found = exported(Report("work", leaks=(one,)), Report("work", known=(two,)))
    cause = ("a", "shop.Cart")
    assert found[("leakwatch_cause_found_total", *cause)] == 2
    assert found[("leakwatch_cause_objects", *cause)] == 9
    assert found[("leakwatch_cause_retained_bytes", *cause)] == 400
    assert found[("leakwatch_cause_growth", "second", *cause)] == 2.5
    assert found[("leakwatch_cause_info", "shop.LISTENERS[*]", "LW102", *cause)] == 1
    assert found[("leakwatch_cause_last_found_timestamp_seconds", *cause)] > 1e9


def test_judgements_are_counted_by_how_they_ended():
    reports = (
        Report("work"),
        Report("work", leaks=(leak(),)),
        Report("this process", "growing", not_judged="no memory to fork"),
    )
    found = exported(*reports)
    assert {it[1:]: n for it, n in found.items() if it[0] == "leakwatch_reports_total"} == {
        ("scope", "clean"): 1,
        ("scope", "leaks"): 1,
        ("growing", "not judged"): 1,
    }


def test_there_are_no_more_series_than_asked_for_and_the_rest_is_counted_as_other():
    reports = [Report("work", leaks=(leak(str(number)),)) for number in range(50)]
    found = exported(*reports, most_causes=3)
    counted = {it: n for it, n in found.items() if it[0] == "leakwatch_cause_found_total"}
    assert len(counted) == 4
    assert counted["leakwatch_cause_found_total", "other", "other"] == 47
    assert sum(it[0] == "leakwatch_cause_objects" for it in found) == 3


def test_looks_are_counted_with_what_they_took():
    registry = CollectorRegistry()
    metrics = Metrics(registry, 100)
    metrics.looks.add(LookTaken(60.0, 0.25, 1000, 7))
    metrics.looks.add(LookTaken(60.0, 0.25, 1200, 3))
    found = samples(generate_latest(registry).decode())
    names = ("looks_total", "look_seconds_total", "units_total", "objects")
    assert [found[f"leakwatch_{name}",] for name in names] == [2, 0.5, 10, 1200]


@pytest.mark.parametrize("number", [0, -1, 2.5, True, "many"])
def test_a_wrong_number_of_causes_is_refused(number):
    with pytest.raises(ConfigurationError, match="most_causes: expected a whole number, 1 or more"):
        export(CollectorRegistry(), most_causes=number)


LEAKING = """
import os, sys, threading, time, urllib.request
import leakwatch, leakwatch_prometheus
class Cart: pass
CARTS = []
def work():
    while True:
        CARTS.append(Cart()); time.sleep(0.001)
def leak():
    monitor = leakwatch.monitor(every=0.1, budget=1.0)
    threading.Thread(target=work, daemon=True).start()
    end = time.monotonic() + 40
    while not monitor.reports and time.monotonic() < end: time.sleep(0.05)
    monitor.stop()
"""
SCRAPED = """
import prometheus_client
leakwatch_prometheus.export()
leakwatch_prometheus.export()
server, thread = prometheus_client.start_http_server(0, addr="127.0.0.1")
leak()
leakwatch_prometheus.flush()
url = f"http://127.0.0.1:{server.server_port}/metrics"
print(urllib.request.urlopen(url).read().decode()); os._exit(0)
"""


def of(found, name):
    return {it: n for it, n in found.items() if it[0] == name}


def test_a_monitors_find_is_scraped_over_http(monkeypatch):
    monkeypatch.setenv(PLUGINS, "prometheus")
    found = samples(run_python("-c", LEAKING + SCRAPED))
    ((_, signature, name), times), *others = of(found, "leakwatch_cause_found_total").items()
    assert (len(signature), name, times >= 1, others) == (12, "__main__.Cart", True, [])
    assert ("leakwatch_cause_info", "__main__.CARTS[*]", "LW101", signature, name) in found
    assert found[("leakwatch_looks_total",)] >= 6
    assert found[("leakwatch_objects",)] > 1000


MANY = """
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
leakwatch_prometheus.export()
children = []
for _ in range(2):
    child = os.fork()
    if not child:
        leak(); leakwatch_prometheus.flush(); os._exit(0)
    children.append(child)
for child in children: os.waitpid(child, 0)
registry = CollectorRegistry()
MultiProcessCollector(registry)
print(generate_latest(registry).decode(), "#", sep="")
for child in children: mark_process_dead(child)
print(generate_latest(registry).decode()); os._exit(0)
"""


def test_many_processes_are_scraped_as_one_and_what_a_dead_one_had_is_gone(monkeypatch, tmp_path):
    monkeypatch.setenv(PLUGINS, "prometheus")
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    living, dead = map(samples, run_python("-c", LEAKING + MANY).split("\n#\n"))
    (found,) = of(living, "leakwatch_cause_found_total").values()
    assert found >= 2
    (objects,) = of(living, "leakwatch_cause_objects").values()
    assert objects > 100
    assert len(of(living, "leakwatch_cause_info")) == 1
    assert of(dead, "leakwatch_cause_found_total") == of(living, "leakwatch_cause_found_total")
    assert not of(dead, "leakwatch_cause_objects")


def test_what_is_not_configured_imports_nothing_and_has_no_hook(monkeypatch):
    monkeypatch.setenv(PLUGINS, "prometheus")
    script = """
import sys, leakwatch
with leakwatch.scope("work"): pass
from leakwatch.session import plugins
print(dict(plugins().describe())["prometheus"], "prometheus_client" in sys.modules)
import leakwatch_prometheus
leakwatch_prometheus.export()
print(dict(plugins().describe())["prometheus (configured)"])
print(list(plugins().versions()))
"""
    assert run_python("-c", script).splitlines() == [
        "[] False",
        "['leakwatch_looked', 'leakwatch_scope_closed']",
        "['prometheus']",
    ]


def test_each_registry_that_was_asked_for_has_the_metrics(monkeypatch):
    monkeypatch.setenv(PLUGINS, "prometheus")
    script = """
import leakwatch, leakwatch_prometheus
from prometheus_client import CollectorRegistry
registries = [CollectorRegistry(), CollectorRegistry()]
for registry in registries: leakwatch_prometheus.export(registry)
class Cart: pass
CARTS = []
with leakwatch.scope("work"): CARTS.append(leakwatch.track(Cart()))
leakwatch_prometheus.flush()
asked = "leakwatch_reports_total", {"kind": "scope", "outcome": "leaks"}
print([registry.get_sample_value(*asked) for registry in registries])
"""
    assert run_python("-c", script) == "[1.0, 1.0]\n"


def test_what_the_environment_leaves_out_stays_out():
    script = """
import leakwatch, leakwatch_prometheus
from leakwatch.session import plugins
leakwatch_prometheus.export()
print([name for name in plugins().names() if "prometheus" in name])
"""
    assert run_python("-c", script) == "[]\n"
