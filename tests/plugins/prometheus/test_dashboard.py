"""The dashboard and the alert rules of `examples/service` ask for what the plugin exports."""

import json
import re
import shutil
import subprocess

import pytest
import yaml
from prometheus_client import CollectorRegistry

from leakwatch_prometheus.exporting import Metrics
from tests.printed import ROOT

SERVICE = ROOT / "examples" / "service"
BOARD = json.loads((SERVICE / "dashboard.json").read_text(encoding="utf-8"))
RULES = SERVICE / "alerts.yml"
ALERTS = [
    rule
    for group in yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
TARGETS = [target for panel in BOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [it["expr"] for it in [*TARGETS, *ALERTS]]
OF_THE_SCRAPE = {"job", "instance"}


@pytest.fixture(scope="module")
def exported():
    """The labels of each metric by its name."""
    registry = CollectorRegistry()
    Metrics(registry, 100)
    return {
        it._name + "_total" * (it._type == "counter"): {*it._labelnames, *OF_THE_SCRAPE}
        for it in registry._collector_to_names
    }


def metrics_in(expression):
    return re.findall(r"leakwatch_\w+", expression)


def labels_in(expression):
    """Those that are grouped by or matched."""
    grouped = re.findall(r"by \(([^)]*)\)", expression)
    matched = re.findall(r"(\w+)(?:=~|!=|!~|=)\"", expression)
    return {*matched, *(name.strip() for names in grouped for name in names.split(","))}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_metrics_and_labels_that_there_are(expression, exported):
    metrics = metrics_in(expression)
    assert metrics
    for metric in metrics:
        assert labels_in(expression) <= exported[metric], metric


@pytest.mark.parametrize("target", TARGETS, ids=lambda it: it["expr"])
def test_a_legend_names_labels_that_the_expression_keeps(target):
    named = set(re.findall(r"{{(\w+)}}", target["legendFormat"]))
    assert named <= labels_in(target["expr"]) | OF_THE_SCRAPE


@pytest.mark.parametrize("alert", ALERTS, ids=lambda it: it["alert"])
def test_an_alert_says_what_it_means_with_labels_that_it_keeps(alert):
    kept = labels_in(alert["expr"]) | OF_THE_SCRAPE
    text = alert["annotations"]["summary"] + alert["annotations"]["description"]
    assert set(re.findall(r"\$labels\.(\w+)", text)) <= kept
    assert alert["labels"]["severity"] in {"page", "ticket"}


def test_every_metric_is_on_the_dashboard_or_in_an_alert(exported):
    asked = {name for expression in EXPRESSIONS for name in metrics_in(expression)}
    assert asked <= exported.keys()
    assert exported.keys() - asked == set()


def test_the_panels_lie_side_by_side_and_have_numbers_of_their_own():
    cells = [
        (x, y)
        for place in (panel["gridPos"] for panel in BOARD["panels"])
        for x in range(place["x"], place["x"] + place["w"])
        for y in range(place["y"], place["y"] + place["h"])
    ]
    assert len(cells) == len(set(cells))
    assert max(x for x, _ in cells) < 24
    numbers = [panel["id"] for panel in BOARD["panels"]]
    assert len(numbers) == len(set(numbers))


def test_variables_that_are_used_are_defined():
    text = json.dumps(BOARD)
    used = set(re.findall(r"\$\{?(\w+)\}?", text)) - {"__rate_interval", "__all"}
    assert used == {it["name"] for it in BOARD["templating"]["list"]}


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool: apt install prometheus")
def test_prometheus_accepts_the_rules():
    done = subprocess.run(
        ["promtool", "check", "rules", str(RULES)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


CAUSE = {"signature": "3ce28c31cc21", "type": "shop.Cart"}
WHERE = {"job": "shop", "instance": "a"}
SITUATIONS = [
    ("LeakFound", "cause_last_found_timestamp_seconds", CAUSE, "0+0x200", {"job": "shop", **CAUSE}),
    ("LeakRetainsMuch", "cause_retained_bytes", CAUSE, "300000000+0x200", {**WHERE, **CAUSE}),
    (
        "TooManyCauses",
        "cause_found_total",
        {"signature": "other", "type": "other"},
        "0+1x200",
        WHERE,
    ),
    ("NobodyLooks", "looks_total", {}, "9+0x200", WHERE),
    (
        "GrowthNotJudged",
        "reports_total",
        {"kind": "growing", "outcome": "not judged"},
        "0+1x200",
        WHERE,
    ),
]
"""Each alert, the metric and its labels that call for it, its values minute by minute, and the
labels that the alert has."""


def fires(folder, metric, labels, values, expected):
    """What promtool says of the rules at one series, with the alerts to expect after 50 minutes."""
    named = ",".join(f'{name}="{value}"' for name, value in {**WHERE, **labels}.items())
    series = {"series": f"leakwatch_{metric}{{{named}}}", "values": values}
    tests = [
        {"eval_time": "50m", "alertname": rule["alert"], "exp_alerts": expected.get(rule["alert"])}
        for rule in ALERTS
    ]
    tested = {"interval": "1m", "input_series": [series], "alert_rule_test": tests}
    case = {"rule_files": [str(RULES)], "evaluation_interval": "1m", "tests": [tested]}
    (folder / "case.yml").write_text(yaml.safe_dump(case), encoding="utf-8")
    return subprocess.run(
        ["promtool", "test", "rules", "case.yml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool: apt install prometheus")
@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda it: it[0])
def test_an_alert_fires_when_it_should_and_no_other_does(situation, tmp_path):
    name, metric, labels, values, kept = situation
    (rule,) = (it for it in ALERTS if it["alert"] == name)
    values_of = {f"$labels.{label}": value for label, value in kept.items()}
    values_of["$value | humanize1024"] = "286.1Mi"
    texts = {
        key: re.sub("{{ (.*?) }}", lambda found: values_of[found[1]], text)
        for key, text in rule["annotations"].items()
    }
    alert = {"exp_labels": {**kept, **rule["labels"]}, "exp_annotations": texts}
    done = fires(tmp_path, metric, labels, values, {name: [alert]})
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.skipif(not shutil.which("promtool"), reason="no promtool: apt install prometheus")
@pytest.mark.parametrize(
    ("metric", "labels", "values"),
    [
        ("looks_total", {}, "0+1x200"),
        ("cause_retained_bytes", CAUSE, "1000+0x200"),
        ("reports_total", {"kind": "growing", "outcome": "clean"}, "0+1x200"),
    ],
)
def test_a_service_in_which_all_is_well_calls_nobody(metric, labels, values, tmp_path):
    done = fires(tmp_path, metric, labels, values, {})
    assert done.returncode == 0, done.stdout + done.stderr
