"""A report as the value of a notebook cell."""

from dataclasses import replace

import pytest

from leakwatch.report import Report
from leakwatch_html import render_fragment

HOSTILE = "</td><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[31m`"


def test_a_report_shows_itself_in_a_notebook(report):
    html = report._repr_html_()
    assert html == render_fragment(report)
    assert "3 leaks in repeated runs of checkout" in html
    assert "<td>shop.models.Locale (known)</td>" in html
    assert "<code>.session</code> in <code>" in html or "in <code>shop.registry" in html
    assert "Incomplete: the budget of 60 s ran out" in html


def test_the_fragment_is_small_and_has_no_script_style_or_address(report, make_leak):
    many = replace(report, leaks=tuple(make_leak(number=number) for number in range(1000)))
    html = render_fragment(many)
    assert len(html) < 20_000
    assert "992 more" in html
    for forbidden in ("<script", "<style", "style=", "src=", "href=", "id="):
        assert forbidden not in html


def test_hostile_names_are_text(report, rename):
    html = render_fragment(rename(report, HOSTILE))
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert not set("\u202e\x1b") & set(html)


def test_a_clean_report_is_one_line():
    assert render_fragment(Report("checkout")).count("<p>") == 1


@pytest.mark.parametrize("renderers", [[], None])
def test_without_a_renderer_the_notebook_prints_the_report_as_any_value(
    monkeypatch, report, renderers
):
    from leakwatch.reports.formats import FRAGMENT, Renderer, RendererPresenter

    def broken(report):
        raise RuntimeError("boom")

    offered = [Renderer(FRAGMENT, (), broken)] if renderers is None else renderers
    assert RendererPresenter(lambda: offered).fragment(report) is None


def test_what_is_on_devices_has_a_column_where_there_is_any(report, make_leak):
    html = render_fragment(replace(report, leaks=(make_leak(device_bytes=3 << 20),)))
    assert "<th>Retained</th><th>On devices</th>" in html
    assert "<td>3.0 MiB</td><td><code>" in html
    assert "devices" not in render_fragment(report)
