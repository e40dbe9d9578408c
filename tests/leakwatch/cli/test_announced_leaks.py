"""An installed distribution ships known leaks as data; a broken file is a fact, not a crash."""

from textwrap import dedent

import pytest

ENTRY = """
    id = "carts"
    title = "carts stay"
    reason = "on purpose"
    remedy = "none needed"
    link = "https://example.org"
    [match]
    type = "*.Session"
"""


@pytest.fixture
def shop(cli):
    """A distribution with a folder of known leaks."""
    info = cli.folder / "shop-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[leakwatch.known]\nshop = shop_leaks\n")
    cli.pythonpath = f"{cli.folder}:{cli.pythonpath}"
    return cli.write("shop_leaks/carts.toml", dedent(ENTRY))


def environment(cli):
    return {"PYTHONPATH": cli.pythonpath, "LEAKWATCH_DISABLE_PLUGINS": "memory,objgraph,logging"}


def test_what_a_distribution_knows_is_known(cli, leaky, shop):
    result = cli("run", "--fail-on-leak", leaky, **environment(cli))
    assert result.returncode == 0
    assert "known as carts: carts stay; on purpose; remedy: none needed" in result.stdout


def test_plugins_and_doctor_count_the_entries(cli, shop):
    assert "known:shop  1" in cli("plugins", **environment(cli)).stdout
    assert "known leaks: " in cli("doctor", **environment(cli)).stdout


def test_a_broken_file_is_named_and_its_leaks_count(cli, leaky, shop):
    shop.write_text("id = 3\n")
    result = cli("run", "--fail-on-leak", leaky, **environment(cli))
    assert result.returncode == 1
    assert "carts.toml: key id: expected a text, found 3" in result.stdout + result.stderr
