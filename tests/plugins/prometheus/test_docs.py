"""The page names every metric, with its labels, and no other."""

import re

from prometheus_client import CollectorRegistry

from leakwatch_prometheus.exporting import Metrics
from tests.printed import ROOT

PAGE = (ROOT / "docs" / "how-to" / "metrics.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `(leakwatch_\w+)` \| (\w+) \| (.*?) \|", re.MULTILINE)


def test_the_page_has_every_metric_with_its_type_and_labels():
    registry = CollectorRegistry()
    Metrics(registry, 100)
    exported = {
        (it._name + "_total" * (it._type == "counter"), it._type, it._labelnames)
        for it in registry._collector_to_names
    }
    described = {
        (name, kind, tuple(re.findall(r"`(\w+)`", labels)))
        for name, kind, labels in ROW.findall(PAGE)
    }
    assert described == exported
