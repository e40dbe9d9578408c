"""Secrets are masked by their shape, and the keys that programs really have stay readable."""

import asyncio
import builtins
import encodings.aliases
import errno
import html.entities
import http
import locale
import mimetypes
import os
import signal
import socket
import sys
import zoneinfo

import pytest

import leakwatch
from leakwatch.heap import keys
from leakwatch.heap.keys import attribute_text, key_text, looks_secret, masked
from tests.leakwatch.heap.secret_shapes import HELD_OUT, TUNED

SECRETS = """\
ASIAY34FZKBOKMUTVV7A
4111-1111-1111-1111
3782 822463 10005
card 5555 5555 5555 4444 of Jane
-----BEGIN CERTIFICATE-----
DE89370400440532013000
GB82 WEST 1234 5698 7654 32
sk-live-4242424242424242abcdef
user:ghp_16C7e42F292c6912E771
session:0123456789abcdef0123
+1 (555) 010-9999""".splitlines()
MISSED = 7
"""Of the shapes that no rule was made with."""
WRITTEN = r"""checkout
GET /cart/{id}
POST /api/v2/orders/{order_id}/items
2030-12-31
2030-12-31T23:59:59.123456+00:00
1.2.3rc1
report.tar.gz
application/vnd.openxmlformats-officedocument.wordprocessingml.document
on_connection_lost_callbacks
12.3 KiB
shop.models:Cart.checkout
user:42
10.0.0.1:8080
fe80::1%eth0
cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64
Strict-Transport-Security
cart#3
%Y-%m-%d %H:%M:%S
*.py
test_http2_tls13_x509_chain[chromium-linux]
dict[str, list[int]]
1234 5678 9012 3456
http://localhost:8000/cart?page=2
/usr/lib/python3.11/site-packages/django/db/models/base.py
C:\Windows\System32
TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
ECDHE-RSA-AES128-GCM-SHA256
SELECT * FROM carts WHERE id = ?
k8s.io/app-name
org.apache.kafka.common.serialization.StringDeserializer
SomeModel2024V2Serializer
order_items_2024_01
Europe/Berlin
text/html; charset=utf-8
$1,234.56
x = y ? 1 : 2
What's new in 3.12?
RFC 7231
GITHUB_RUN_NUMBER
DBUS_SESSION_BUS_ADDRESS
DJANGO_SETTINGS_MODULE
django.db.backends.schema
sqlalchemy.engine.Engine
urllib3.connectionpool
concurrent.futures""".splitlines()
ORDINARY = {
    "charsets": [*encodings.aliases.aliases, *encodings.aliases.aliases.values()],
    "types of files": [*mimetypes.types_map, *mimetypes.types_map.values()],
    "status": [said for it in http.HTTPStatus for said in (it.name, it.phrase)],
    "entities": list(html.entities.html5),
    "locales": [*locale.locale_alias, *locale.locale_alias.values()],
    "time zones": sorted(zoneinfo.available_timezones()),
    "modules": sorted(sys.stdlib_module_names),
    "errors": list(errno.errorcode.values()),
    "signals": [it.name for it in signal.Signals],
    "names": [*dir(builtins), *dir(asyncio), *dir(os), *dir(socket)],
    "written": WRITTEN,
}
WORDS = ("token", "secret", "password")
"""A key with one of these is masked whatever its shape."""


@pytest.mark.parametrize("text", [*TUNED, *SECRETS])
def test_what_has_the_shape_of_a_secret_is_masked(text):
    assert looks_secret(text)
    assert text not in key_text(text)
    assert text not in masked(text)


def test_most_shapes_that_no_rule_was_made_with_are_masked_too():
    missed = [text for text in HELD_OUT if text in (masked(text), key_text(text)[1:-1])]
    assert len(HELD_OUT) == 40
    assert len(missed) == MISSED, missed


@pytest.mark.parametrize("kind", list(ORDINARY))
def test_what_programs_use_for_keys_stays_readable(kind):
    ordinary = [key for key in ORDINARY[kind] if not any(word in key.lower() for word in WORDS)]
    assert [key for key in ordinary if looks_secret(key)] == []
    assert [key for key in ordinary if masked(key) != key and "?page=2" not in key] == []


@pytest.mark.parametrize("key", [b"AKIAIOSFODNN7EXAMPLE", frozenset(["hunter2!"])])
def test_of_a_key_that_is_no_text_only_the_type_is_told(key):
    assert key_text(key) in {"b'…'", "<frozenset>"}


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        (("user", "alice@example.com"), "('user', '<17 characters>')"),
        (("password", "hunter2", 7), "('<8 characters>', '<7 characters>', 7)"),
        (("GET", ("api_key", "x")), "('GET', ('<7 characters>', '<1 characters>'))"),
    ],
)
def test_the_parts_of_a_key_are_masked_one_by_one(key, shown):
    assert key_text(key) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "kept for alice@example.com, the token expired",
            "kept for <17 characters>, the token expired",
        ),
        ("password = hunter2 was kept", "<18 characters> was kept"),
        ("sent Bearer mF_9.B5f-4 on", "sent <17 characters> on"),
        ("call +49 170 1234567", "call <15 characters>"),
        ("Thread-1 (serve) at shop/cart.py:30", "Thread-1 (serve) at shop/cart.py:30"),
    ],
)
def test_of_a_sentence_only_the_secret_is_masked(text, shown):
    assert masked(text) == shown


@pytest.mark.parametrize("part", ["0 ", "a@", "1-", "://", "password = ", "202-", "A1", "DE89 "])
def test_a_text_of_any_shape_is_searched_in_a_time_that_grows_with_its_length(part):
    """Each of these took seconds where a rule could begin anywhere and went on to the end."""
    assert masked(part * 5_000)


def test_an_attribute_named_after_a_secret_is_an_entry():
    assert attribute_text("session_4eC39HqLyjWDarjtT1zdp7dc") == ".__dict__['<32 characters>']"


class Session:
    pass


CARTS: dict[object, object] = {}


def report_of(key, reason):
    with leakwatch.scope("login") as scope:
        CARTS[key] = scope.track(Session(), reason)
    CARTS.clear()
    return scope.report


def test_what_is_masked_changes_no_signature(monkeypatch):
    plain = report_of("checkout", "done").leaks[0]
    secret = report_of("alice@example.com", "kept for bob@example.com").leaks[0]
    assert "@" not in f"{secret.path}{secret.reasons}{secret.born.reason}"
    monkeypatch.setattr(keys, "has_secret", lambda text: False)
    monkeypatch.setattr(keys, "looks_secret", lambda text: False)
    masked.cache_clear()
    shown = report_of("alice@example.com", "kept for bob@example.com").leaks[0]
    assert "alice@example.com" in str(shown.path)
    assert plain.signature == secret.signature == shown.signature


def test_the_name_of_a_thread_that_holds_is_masked():
    import threading

    began, done = threading.Event(), threading.Event()

    def serve(session):
        began.set()
        done.wait()

    with leakwatch.scope("login") as scope:
        session = scope.track(Session())
        thread = threading.Thread(target=serve, args=(session,), name="of alice@example.com")
        thread.start()
        began.wait()
        del session
    done.set()
    thread.join()
    (leak,) = scope.report.leaks
    assert "of <17 characters>" in str(leak.path)
