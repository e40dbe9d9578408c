"""The page as a file: complete, self-contained, inert, and the same for the same report."""

import re
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from leakwatch.report import Report
from leakwatch_html import render_page
from leakwatch_html.templating import as_json, breakable, ticked, unbroken

LARGEST = 400_000
"""Bytes of a page without data."""
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&lt;\u2028\u202e\x1b[31m\ud800 {{ 7*7 }}"


class Elements(HTMLParser):
    """Every start tag of a page, and the text of scripts and styles."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.tags = []
        self.raw = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag in {"script", "style"}:
            self.raw.append([tag, dict(attributes), ""])

    def handle_data(self, data):
        if self.cdata_elem:
            self.raw[-1][2] += data

    def attributes_of(self, tag):
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def page(report):
    return render_page(report)


def test_a_page_without_data_is_small():
    assert len(render_page(Report("checkout")).encode()) < LARGEST / 4


def test_a_page_with_a_chart_is_small_too(page):
    assert len(page.encode()) < LARGEST / 2


def test_the_same_report_gives_the_same_page(report, page):
    assert render_page(report) == page


def test_the_policy_names_each_script_and_style_by_its_hash_and_allows_nothing_else(page):
    elements = Elements(page)
    policies = [meta["content"] for meta in elements.attributes_of("meta") if "http-equiv" in meta]
    allowed = dict(part.split(" ", 1) for part in policies[0].split("; "))
    for tag, attributes, text in elements.raw:
        if attributes.get("type") != "application/json":
            digest = b64encode(sha256(text.encode()).digest()).decode()
            assert f"'sha256-{digest}'" in allowed[f"{tag}-src"]
    assert allowed["default-src"] == allowed["base-uri"] == allowed["form-action"] == "'none'"
    assert "unsafe" not in policies[0]
    assert page.index("Content-Security-Policy") < page.index("<style>") < page.index("<script>")


@pytest.mark.parametrize("name", ["checkout", HOSTILE])
def test_no_attribute_is_a_script_a_style_or_an_address_elsewhere(report, rename, name):
    for tag, attributes in Elements(render_page(rename(report, name))).tags:
        assert not [key for key in attributes if key.startswith("on") or key == "style"], tag
        assert "src" not in attributes, tag
        assert attributes.get("href", "#").startswith("#"), tag


def test_each_id_is_there_once_and_each_link_leads_to_one(report, rename):
    for shown in (report, rename(report, HOSTILE)):
        tags = Elements(render_page(shown)).tags
        ids = [attributes["id"] for _, attributes in tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        links = {attributes["href"][1:] for tag, attributes in tags if tag == "a"}
        assert links <= set(ids)
        assert all(re.fullmatch(r"[a-z0-9-]+", name) for name in ids)


@pytest.mark.parametrize("name", ["checkout", HOSTILE])
def test_the_report_inside_is_the_report(report, rename, name, tmp_path):
    shown = rename(report, name)
    scripts = Elements(render_page(shown)).raw
    (data,) = [text for _, attributes, text in scripts if attributes.get("id") == "report"]
    (tmp_path / "inside.json").write_text(data, encoding="ascii")
    assert Report.load(tmp_path / "inside.json") == shown


def test_embedded_json_has_nothing_that_html_could_read():
    text = as_json({"</script>": "<!-- & \u2028 \ud800"})
    assert not set("<>&\u2028") & set(text)
    assert text.isascii()


def test_hostile_names_are_written_out(report, rename, tmp_path):
    rename(report, HOSTILE).save(tmp_path / "page.html")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert not set("\u2028\u202e\x1b") & set(text)
    assert "<img" not in text
    assert r"\u2028\u202e\x1b[31m\ud800 {{ 7*7 }}" in text


def test_everything_the_report_says_is_on_the_page_without_a_script(page):
    for said in [
        "3 leaks in repeated runs of checkout: 63 objects, 4.0&nbsp;MiB retained",
        "<strong>suspect reference</strong>",
        "a module lives on",
        "outlived scope &#39;checkout&#39;",
        "use <code>weakrefs</code>",
        "/srv/shop/models.py:17",
        "/srv/shop/views.py:40",
        "each 3 shop.models.Parcel",
        "a session ends",
        "seen in each run",
        "the budget of 60 s ran out",
        "plugin &#39;acme&#39; failed in leakwatch_inspectors",
        "98.4%",
        "from functools import cache",
        "The MIT License (MIT)",
        "Leon Sorokin",
        "gadgets",
    ]:
        assert said in page, said


def test_a_page_is_written_by_the_command_line_too(report, tmp_path):
    report.save(tmp_path / "leaks.json")
    command = [sys.executable, "-m", "leakwatch", "report", "leaks.json", "-o", "leaks.html"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 1
    assert (tmp_path / "leaks.html").read_text(encoding="utf-8") == render_page(report)


def test_more_leaks_than_a_browser_takes_are_counted(monkeypatch, report):
    monkeypatch.setattr("leakwatch_html.leaks.MOST_ROWS", 2)
    page = render_page(report)
    assert len(re.findall(r'<tbody class="leak"', page)) == 2
    assert "and 3 more, which are in the JSON inside this page" in page


def test_a_report_with_strange_figures_has_a_page():
    from leakwatch.model import MemoryGrowth

    for memory in (
        MemoryGrowth({}, {}),
        MemoryGrowth({"rss": 5}, {}),
        MemoryGrowth({"rss": 5}, {"rss": 5}),
        MemoryGrowth({"rss": 2**70}, {"rss": -3}),
        MemoryGrowth({"gadgets": 1}, {"gadgets": 2}),
    ):
        assert "<h1" in render_page(Report("checkout", memory=memory))


def test_jinja_is_imported_when_a_page_is_written_and_not_before():
    program = (
        "import sys, leakwatch; from leakwatch.session import plugins; plugins();"
        "print('jinja2' in sys.modules); import leakwatch_html;"
        "leakwatch_html.render_page(leakwatch.Report('x')); print('jinja2' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.split() == ["False", "True"]


def test_ticks_enclose_code():
    assert ticked("use `a<b>` or `c`") == "use <code>a&lt;b&gt;</code> or <code>c</code>"
    assert ticked("it`s") == "it`s"
    assert ticked("`a` and ` <b>") == "<code>a</code> and ` &lt;b&gt;"


def test_a_dotted_name_breaks_before_its_dots():
    assert breakable("a.b<c>.d") == "a<wbr>.b&lt;c&gt;<wbr>.d"
    assert breakable("3 a.B (0.5 per run).") == "3 a<wbr>.B (0.5 per run)."


def test_a_size_is_not_broken_before_its_unit():
    assert unbroken("<3> leaks: 42.2 MiB, 5 B") == "&lt;3&gt; leaks: 42.2&nbsp;MiB, 5&nbsp;B"


def test_what_is_on_devices_has_a_column_where_there_is_any(report, page, make_leak):
    on_devices = make_leak("Tensor", 9, device_bytes=3 << 20)
    found = Elements(render_page(replace(report, leaks=(*report.leaks, on_devices))))
    columns = [it["data-key"] for it in found.attributes_of("button") if "data-key" in it]
    assert columns[3:5] == ["retained", "device"]
    bodies = [it for it in found.attributes_of("tbody") if it.get("class") == "leak"]
    assert {it["data-device"] for it in bodies} == {"0", str(3 << 20)}
    cells = [it for it in found.attributes_of("td") if it.get("class") == "device"]
    assert len(cells) == len(bodies)
    assert all("device" not in it.values() for it in Elements(page).attributes_of("td"))
