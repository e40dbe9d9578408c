"""What arrives at Sentry: the SDK is real, and its transport ends here."""

import json
from dataclasses import replace

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

from leakwatch.errors import ConfigurationError
from leakwatch.model import Cause, Leak, LeakedType, Pattern, Reference, RetentionPath, Root
from leakwatch.report import Report
from leakwatch_sentry import export
from leakwatch_sentry.exporting import Exporter
from tests.heaps import PLUGINS, run_python

PATTERN = Pattern("LW102", "listener kept", "", "remove it in close()")


def leak(signature="a", **changes):
    references = (Reference("dict", "['anna@example.org']", suspect=True),)
    found = Leak(
        "shop.Cart",
        4,
        2.5,
        40,
        400,
        signature,
        RetentionPath(Root("module global", "shop.LISTENERS"), references, "shop.Cart"),
        PATTERN,
        cause=Cause("shop.LISTENERS", "[*]"),
        types=(LeakedType("shop.Cart", 4, 400), LeakedType("shop.Line", 9)),
        growth_per="second",
    )
    return replace(found, **changes)


class Kept(Transport):
    def __init__(self):
        super().__init__()
        self.events = []

    def capture_envelope(self, envelope):
        self.events.append(envelope.get_event())


@pytest.fixture
def sent():
    """Give reports to an exporter; the events that arrived."""
    transport, before = Kept(), sentry_sdk.get_client()

    def hear(*reports, most_causes=100, **options):
        sentry_sdk.init("https://key@localhost/1", transport=transport, **options)
        exporter = Exporter(most_causes)
        for report in reports:
            exporter.leakwatch_scope_closed(report)
        exporter.flush()
        return transport.events

    yield hear
    sentry_sdk.get_client().close(timeout=0)
    sentry_sdk.get_global_scope().set_client(before)
    sentry_sdk.get_global_scope().clear()


def test_a_cause_is_one_event_whose_fingerprint_is_the_signature(sent):
    again = Report("this process", "growing", known=(leak(count=9),))
    (event,) = sent(Report("work", leaks=(leak(),)), Report("work", leaks=(leak(),)), again)
    assert event["fingerprint"] == ["a"]
    assert event["level"] == "warning"
    assert event["message"] == "4 shop.Cart (2.5 per second) held by shop.LISTENERS[*]"
    assert event["tags"] == {
        "leakwatch.signature": "a",
        "leakwatch.type": "shop.Cart",
        "leakwatch.pattern": "LW102",
    }
    assert event["contexts"]["leak"] == {
        "type": "leak",
        "cause": "shop.LISTENERS[*]",
        "objects": 4,
        "types": {"shop.Cart": 4, "shop.Line": 9},
        "retained_bytes": 400,
        "signature": "a",
        "growth": "2.5 per second",
        "mistake": "listener kept",
        "fix": "remove it in close()",
    }


def test_no_value_of_the_program_is_sent(sent):
    secret = "s3cret"
    sentry_sdk.set_user({"email": "anna@example.org"})
    sentry_sdk.add_breadcrumb(message=f"opened {secret}")
    (event,) = sent(Report("GET /cart/anna@example.org", leaks=(leak(),)), attach_stacktrace=True)
    text = json.dumps(event, default=str)
    assert "anna" not in text
    assert secret not in text
    assert "stacktrace" not in text


def test_what_the_whole_process_is_tagged_with_is_sent(sent):
    sentry_sdk.get_global_scope().set_tag("service", "shop")
    (event,) = sent(Report("work", leaks=(leak(),)), release="shop@2")
    assert (event["tags"]["service"], event["release"]) == ("shop", "shop@2")


def test_that_there_are_more_causes_than_have_events_is_one_event(sent):
    reports = [Report("work", leaks=(leak(str(number)),)) for number in range(9)]
    events = sent(*reports, most_causes=3)
    assert [it["fingerprint"] for it in events] == [
        ["0"],
        ["1"],
        ["2"],
        ["leakwatch", "more causes"],
    ]


def test_a_wrong_number_of_causes_is_refused():
    with pytest.raises(ConfigurationError, match="most_causes: expected a whole number"):
        export(most_causes=0)


MONITORED = """
import json, logging, os, threading, time
import sentry_sdk
from sentry_sdk.transport import Transport
import leakwatch, leakwatch_sentry
leakwatch_sentry.export()
EVENTS = []
class Kept(Transport):
    def capture_envelope(self, envelope): EVENTS.append(envelope.get_event())
sentry_sdk.init("https://key@localhost/1", transport=Kept())
class Cart: pass
CARTS = []
def work():
    while True: CARTS.append(Cart()); time.sleep(0.001)
threading.Thread(target=work, daemon=True).start()
monitor = leakwatch.monitor(every=0.05, budget=1.0)
end = time.monotonic() + 40
while time.monotonic() < end and max(monitor.status["causes"].values(), default=0) < 2:
    time.sleep(0.05)
monitor.stop(); leakwatch_sentry.flush()
print(json.dumps([[it["transaction"], it["fingerprint"]] for it in EVENTS])); os._exit(0)
"""


def test_a_cause_that_a_monitor_finds_again_and_again_is_one_event(monkeypatch):
    # The log has it as well: a warning, of which the SDK makes no event of its own.
    monkeypatch.setenv(PLUGINS, "sentry,logging")
    ((cause, (signature,)),) = json.loads(run_python("-c", MONITORED))
    assert (cause, len(signature)) == ("__main__.CARTS[*]", 12)
