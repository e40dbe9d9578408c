"""Secrets are masked by their shape, and the keys that programs really have stay readable."""

import encodings.aliases
import html.entities
import http
import locale
import mimetypes
import sys

import pytest

from leakwatch.heap.keys import key_text
from leakwatch.heap.secrets import looks_secret

SECRETS = [
    "AKIAIOSFODNN7EXAMPLE",
    "ASIAY34FZKBOKMUTVV7A",
    "AIzaSyA-1234567890abcdefghijklmnopqrstu",
    "4111 1111 1111 1111",
    "4111-1111-1111-1111",
    "3782 822463 10005",
    "card 5555 5555 5555 4444 of Jane",
    "-----BEGIN RSA PRIVATE KEY-----",
    "-----BEGIN CERTIFICATE-----\\nMIIB",
    "DE89370400440532013000",
    "DE89 3704 0044 0532 0130 00",
    "GB82 WEST 1234 5698 7654 32",
    "123-45-6789",
    "s3cr3t!Pa55",
    "hunter2$hunter",
    "sk-live-4242424242424242abcdef",
    "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
    "glpat-abcdEFGH1234ijkl5678",
    "user:ghp_16C7e42F292c6912E771",
    "xoxb-123456789012-abcdefghijkl",
    "postgres://admin:hunter2@db/prod",
    "password=hunter2",
    "jane.doe@example.com",
    "user:alice@example.com",
    "session:0123456789abcdef0123",
    "id eyJhbGciOiJIUzI1NiJ9.e30.x",
    "+49 170 1234567",
    "+1 (555) 010-9999",
    "f81d4fae-7dec-11d0-a765-00a0c91e6bf6",
    "d41d8cd98f00b204e9800998ecf8427e",
]
WRITTEN = """\
checkout
GET /cart/{id}
2030-12-31
2030-12-31T23:59:59
1.2.3rc1
report.tar.gz
utf-8
application/octet-stream
on_connection_lost_callbacks
en_US.UTF-8
12.3 KiB
shop.models.Cart
user:42
10.0.0.1:8080
x86_64
Content-Type
cart#3
%Y-%m-%d
*.py
test_cart[1-2]
List[int]
1234 5678 9012 3456"""
ORDINARY = {
    "charsets": [*encodings.aliases.aliases, *encodings.aliases.aliases.values()],
    "types of files": [*mimetypes.types_map, *mimetypes.types_map.values()],
    "status": [status.name for status in http.HTTPStatus],
    "phrases": [status.phrase for status in http.HTTPStatus],
    "entities": list(html.entities.html5),
    "locales": [*locale.locale_alias, *locale.locale_alias.values()],
    "variables": ["PATH", "LC_ALL", "XDG_CONFIG_HOME", "PYTHONPATH", "HOME"],
    "written": WRITTEN.splitlines(),
}
WORDS = ("token", "secret", "password")


@pytest.mark.parametrize("text", SECRETS)
def test_what_has_the_shape_of_a_secret_is_masked(text):
    assert looks_secret(text)
    assert text not in key_text(text)


@pytest.mark.parametrize("kind", list(ORDINARY))
def test_what_programs_use_for_keys_stays_readable(kind):
    keys = [key for key in ORDINARY[kind] if not any(word in key.lower() for word in WORDS)]
    assert [key for key in keys if looks_secret(key)] == []


def test_names_of_modules_stay_readable():
    names = [name for name in sys.stdlib_module_names if not any(word in name for word in WORDS)]
    assert [name for name in names if looks_secret(name)] == []
