"""The page in a browser: every control, from the keyboard too, and nothing that it must not do."""

from dataclasses import replace
from pathlib import Path

import axe_playwright_python
import pytest

import leakwatch
from leakwatch.model import MemoryGrowth
from leakwatch.report import Report

HOSTILE = (
    "</script><script>document.title = 'owned'</script><img src=x onerror=\"alert(1)\">"
    "\"' onclick=alert(2) ` ${1} {{ 7 * 7 }} \u2028\u2029 "
    "\u202edrawkcab\u202c \x1b[31m \x00 \ud800 &lt;"
)


def names(page):
    """The short names of the leaks that are shown, in their order."""
    # Not `innerText`: what is scrolled out of sight is not laid out, and has none.
    toggles = page.locator(".leak:not([hidden]) .toggle")
    return toggles.evaluate_all("(all) => all.map((toggle) => toggle.lastChild.textContent)")


def detail(page, number=0):
    return page.locator(".leak").nth(number).locator(".detail")


def test_a_leak_opens_by_click_and_by_key_and_closes_again(visit, report):
    page = visit(report)
    toggle = page.locator(".toggle").first
    assert not detail(page).is_visible()
    assert toggle.get_attribute("aria-expanded") == "false"
    toggle.click()
    assert detail(page).is_visible()
    assert toggle.get_attribute("aria-expanded") == "true"
    page.keyboard.press("Enter")
    assert not detail(page).is_visible()
    page.locator(".leak").first.locator(".held").click()
    assert detail(page).is_visible()


def test_the_fix_of_the_pattern_is_shown_beside_an_open_leak(visit, report):
    page = visit(report)
    page.locator(".toggle").nth(1).click()
    shown = detail(page, 1).locator(".programs")
    assert "from functools import cache" in shown.locator(".gone").first.inner_text()
    assert "weak_cached_method" in shown.locator(".new").first.inner_text()
    assert not page.locator("#fixes").is_visible()


def test_search_finds_words_of_the_row_and_of_what_is_behind_it(visit, report):
    page = visit(report)
    page.fill("#search", "BASKET shop")
    assert names(page) == ["Basket"]
    assert page.locator("#found").inner_text() == "1 of 5"
    page.fill("#search", ".n17")
    assert names(page) == ["Parcel"]
    page.fill("#search", "no such thing")
    assert page.locator("#none").is_visible()
    assert not page.locator("table.leaks").is_visible()
    page.click("#clear")
    assert page.locator("#found").inner_text() == "5 in all"
    assert len(names(page)) == 5
    assert page.evaluate("document.activeElement.id") == "search"


def test_enter_in_the_search_does_not_leave_the_page(visit, report):
    page = visit(report)
    page.fill("#search", "Basket")
    page.keyboard.press("Enter")
    assert names(page) == ["Basket"]


def test_filters_by_status_and_pattern(visit, report):
    page = visit(report)
    page.select_option("#status", "known")
    assert names(page) == ["Locale"]
    page.select_option("#status", "")
    page.select_option("#code", "LW102")
    assert names(page) == ["Basket"]


SORTED = {
    "type": ("Basket", "Session"),
    "count": ("Request", "Session"),
    "retained": ("Session", "Parcel"),
    "signature": ("Session", "Request"),
}
"""The first leak after one click on a heading, and after another."""


def test_a_click_on_a_heading_sorts_and_another_turns_the_order(visit, report):
    page = visit(report)
    for key, (first, second) in SORTED.items():
        heading = page.locator(f"thead .{key}")
        heading.locator("button").click()
        assert names(page)[0] == first
        assert heading.get_attribute("aria-sort") in {"ascending", "descending"}
        assert page.evaluate("document.activeElement.dataset.key") == key
        page.keyboard.press("Enter")
        assert names(page)[0] == second
        assert page.locator("thead [aria-sort]").count() == 1


def test_a_link_opens_its_leak_and_lifts_the_filter_that_hides_it(visit, report):
    page = visit(report, "#leak-000000000002")
    page.wait_for_selector("#leak-000000000002 .toggle:focus")
    assert page.locator("#leak-000000000002 .detail").is_visible()
    page.fill("#search", "Basket")
    page.evaluate("location.hash = '#leak-000000000003'")
    page.wait_for_selector("#leak-000000000003 .detail", state="visible")
    assert page.locator("#search").input_value() == ""
    page.locator("#leak-000000000001 .signature a").click()
    page.wait_for_selector("#leak-000000000001 .detail", state="visible")


def test_the_first_key_leads_past_the_head_of_the_page(visit, report):
    page = visit(report)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#leaks")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "search"


def test_arrows_move_between_leaks(visit, report):
    page = visit(report)
    page.locator(".toggle").first.focus()
    focused = "document.activeElement.closest('.leak').id.at(-1)"
    for key, expected in [("ArrowDown", "1"), ("ArrowUp", "0"), ("End", "4"), ("Home", "0")]:
        page.keyboard.press(key)
        assert page.evaluate(focused) == expected
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "0"


def test_all_open_and_close_at_once(visit, report):
    page = visit(report)
    page.click("#open-all")
    assert page.locator(".detail:visible").count() == 5
    page.click("#open-all")
    assert page.locator(".detail:visible").count() == 0


def test_the_saved_json_is_the_report(visit, report, tmp_path):
    page = visit(report)
    with page.expect_download() as download:
        page.click("#save")
    assert download.value.suggested_filename == "leakwatch-report.json"
    download.value.save_as(tmp_path / "saved.json")
    assert Report.load(tmp_path / "saved.json") == report


def test_the_colours_follow_the_system_until_somebody_chooses_and_are_remembered(visit, report):
    page = visit(report, color_scheme="dark")
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = page.evaluate(ground)
    page.locator(".themes label").nth(1).click()
    assert page.evaluate(ground) != dark
    page.reload()
    # It is set by the page's script, which on a busy machine comes after the event of `reload`.
    page.wait_for_function("document.querySelector('[name=theme][value=light]').checked")
    page.locator(".themes label").nth(2).click()
    assert page.evaluate(ground) == dark
    page.locator("[name=theme]").nth(2).press("ArrowLeft")
    assert page.evaluate(ground) != dark


def test_the_chart_is_drawn_and_its_dots_lead_to_the_leaks(visit, report):
    page = visit(report)
    canvas = page.locator("#chart canvas")
    box = canvas.bounding_box()
    assert box["width"] > 300
    drawn = "(c) => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v)"
    assert canvas.evaluate(drawn)
    over = page.locator("#chart .u-over")
    size = over.bounding_box()
    over.hover(position={"x": size["width"] * 0.9, "y": 20})
    assert "resident (RSS) 10 MiB" in page.locator("#readout").inner_text()
    # The largest leak retains 3 MiB, on an axis from 0 to 10.8 MiB; time ends at 1.04.
    x, y = size["width"] * (1.04 / 1.08), size["height"] * (1 - 3 / 10.8)
    over.hover(position={"x": x, "y": y})
    assert page.locator("#readout").inner_text() == "Session: 3.0 MiB"
    over.click(position={"x": x, "y": y})
    page.wait_for_selector("#leak-000000000000 .detail", state="visible")


def test_without_javascript_everything_can_be_read_and_no_control_is_dead(visit, report):
    page = visit(report, java_script_enabled=False)
    assert page.locator(".detail:visible").count() == 5
    assert page.locator("#fixes .programs:visible").count() == 2
    assert page.locator("button:visible:enabled, input:visible, select:visible").count() == 0
    page.locator("details summary").first.click()
    assert page.get_by_text(".n17").first.is_visible()
    assert page.locator(".figures").is_visible()
    page.locator(".example a").first.click()
    assert page.url.endswith("#fix-1")


def test_a_print_shows_what_is_behind_each_leak_and_no_control(visit, report):
    page = visit(report, color_scheme="dark")
    page.emulate_media(media="print")
    assert page.locator(".detail:visible").count() == 5
    assert not page.locator("#fixes, .figures").first.is_visible()
    assert not page.locator(".filters, .tools").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(29, 28, 26)"


def test_of_many_leaks_the_first_ten_and_what_is_open_are_printed_in_full(visit, report, make_leak):
    page = visit(replace(report, leaks=tuple(make_leak(f"Kind{it}", it) for it in range(36))))
    page.locator(".toggle").nth(20).click()
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.locator(".leaks > .leak:visible").count() == 38
    assert page.locator(".detail:visible").count() == 11
    assert page.pdf(format="A4").count(b"/Type /Page\n") <= 6


def test_nothing_is_wider_than_a_telephone(visit, report, rename):
    for shown in (report, rename(report, "x" * 300)):
        page = visit(shown, viewport={"width": 375, "height": 800})
        page.click("#open-all")
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        page.select_option("#order", "count")
        assert page.locator(".leak").first.get_attribute("data-count") == "24"


@pytest.mark.parametrize("javascript", [True, False])
def test_hostile_names_are_text_everywhere(visit, report, rename, javascript):
    page = visit(rename(report, HOSTILE), java_script_enabled=javascript)
    if javascript:
        page.click("#open-all")
        page.fill("#search", "owned")
        page.click("thead .type button")
    assert page.title() != "owned"
    assert page.locator("img").count() == 0
    text = page.locator("body").inner_text()
    assert "</script><script>document.title = 'owned'</script><img src=x" in text
    assert "{{ 7 * 7 }}" in text
    assert r"\u202edrawkcab\u202c \x1b[31m \x00 \ud800 &lt;" in text


def test_many_leaks_wait_outside_of_the_document_until_they_are_opened(visit, report, make_leak):
    leaks = tuple(make_leak(f"Kind{number}", number) for number in range(300))
    page = visit(replace(report, leaks=leaks))
    assert page.locator(".detail").count() == 0
    page.fill("#search", "checkout-123")
    assert names(page) == ["Kind123"]
    page.locator(".leak:not([hidden]) .toggle").click()
    assert page.locator(".detail:visible").count() == 1
    page.fill("#search", "")
    page.click("thead .count button")
    assert names(page)[:2] == ["Kind299", "Kind298"]
    page.click("#open-all")
    assert page.locator(".detail:visible").count() == 200
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".detail").count() == 302


def test_a_clean_report_and_an_answer_to_why_are_whole_pages_too(visit, make_leak):
    page = visit(Report("checkout", memory=MemoryGrowth({"rss": 5}, {"rss": 5})))
    assert page.locator(".figures").is_visible()
    assert page.locator("h1").inner_text() == "No leaks in scope 'checkout'"
    assert page.locator("#leaks").inner_text().endswith("no object outlived its work.")
    page = visit(Report("Session", kind="why", leaks=(make_leak(), make_leak(number=1))))
    assert page.locator(".tree .edge").first.inner_text() == ".session"
    assert page.locator(".tree li li").count() == 2


def axe(page):
    """What axe-core objects to, with everything opened."""
    if page.locator("#open-all").count():
        page.click("#open-all")
    page.evaluate((AXE / "axe.min.js").read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
    return [(fault["id"], fault["nodes"][0]["html"]) for fault in found["violations"]]


AXE = Path(axe_playwright_python.__file__).parent


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 375])
def test_axe_finds_no_fault(visit, report, scheme, width):
    # axe adds a style sheet, which the policy forbids to everybody.
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    assert axe(visit(report, bypass_csp=True, **options)) == []


def test_axe_finds_no_fault_in_pages_with_other_parts(visit, make_leak):
    why = Report("Session", kind="why", leaks=(make_leak(), make_leak(number=1)), not_judged="no")
    assert axe(visit(why, bypass_csp=True)) == []
    assert axe(visit(Report("checkout", notes=("a note",)), bypass_csp=True)) == []


def test_a_page_of_the_public_api_opens(visit, tmp_path):
    class Session:
        pass

    kept = []
    with leakwatch.scope("checkout") as scope:
        kept.append(scope.track(Session()))
    page = visit(scope.report)
    assert page.locator(".path .end .node code").inner_text().endswith("Session")
