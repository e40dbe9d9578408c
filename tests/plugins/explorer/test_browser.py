"""Every page in a browser: used by hand and by keys, on any screen, and inert."""

from pathlib import Path

import axe_playwright_python
import pytest

import leakwatch

PARCEL, SHELF = "__main__.Parcel", "__main__.Shelf"


def follow(page, name, **options):
    """Go where a link of this text leads."""
    with page.expect_navigation():
        page.get_by_role("link", name=name, **options).first.click()


def search(page, words):
    page.get_by_role("searchbox").fill(words)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def rows(page, title=""):
    """The texts of the cells in the body of a table, row by row."""
    table = page.locator("table", has=page.locator(f"caption:text-is('{title}')"))
    table = table if title else page.locator("table")
    return table.locator("tbody tr").evaluate_all(
        "(all) => all.map((row) => Array.from(row.cells, (cell) => cell.innerText))"
    )


def at_type(visit, name, **options):
    page = visit("0/types", **options)
    search(page, name)
    follow(page, name, exact=True)
    return page


def at_object(visit, name, **options):
    page = at_type(visit, name, **options)
    with page.expect_navigation():
        page.locator("tbody a").first.click()
    return page


# -- what each page is for ------------------------------------------------------------------------


def test_the_overview_shows_causes_owners_and_dominators(visit):
    page = visit()
    assert page.locator("h1").inner_text() == "monday.lwheap"
    cause = page.locator(".cause", has_text="SHELF.parcels")
    assert f"60 {PARCEL} are held" in cause.inner_text()
    cause.locator("summary").click()
    assert ".parcels" in cause.locator(".path").inner_text()
    assert "Cut" in cause.inner_text()
    owners = rows(page, "Size by owner")
    assert "__main__" in [row[0] for row in owners]
    assert rows(page, "Objects that retain most")
    assert page.locator(".treemap > svg").count() > len(owners)
    assert page.locator(".treemap text", has_text="standard library").is_visible()


def test_an_area_of_the_treemap_leads_to_what_it_stands_for(visit):
    page = visit()
    with page.expect_navigation():
        page.locator(".treemap a", has_text="standard library").locator("text").first.click(
            force=True
        )
    assert page.locator("h1").inner_text() == "Types of standard library"
    page.go_back()
    follow(page, "__main__", exact=True)
    assert PARCEL in [row[0] for row in rows(page)]
    assert "threading.Lock" not in page.content()


def test_types_are_searched_by_words_and_come_in_parts(visit):
    page = visit("0/types")
    first = rows(page)
    assert len(first) == 50
    follow(page, "Next types")
    second = rows(page)
    assert second[0] not in first
    follow(page, "Previous types")
    assert rows(page) == first
    search(page, "MAIN parcel")
    assert [row[:2] for row in rows(page)] == [[PARCEL, "60"]]
    search(page, "no such type")
    assert "No type has these words" in page.locator("main").inner_text()


def test_a_type_leads_to_its_objects_and_to_what_holds_them(visit):
    page = at_type(visit, PARCEL)
    assert len(rows(page)) == 50
    assert "__main__.SHELF.parcels['u59']" in rows(page)[0][0]
    follow(page, "Next objects")
    assert len(rows(page)) == 10
    follow(page, "What holds them")
    assert "held in 1 way." in page.locator("main").inner_text()
    assert "60 __main__.Parcel are held" in page.locator(".cause").inner_text()


def test_an_object_shows_its_way_and_references_both_ways(visit):
    page = at_object(visit, PARCEL)
    assert page.locator(".expression").inner_text() == "__main__.SHELF.parcels['u59']"
    steps = page.locator(".path li code").all_inner_texts()
    assert steps == [".SHELF", SHELF, ".parcels", "builtins.dict", "['u59']", PARCEL]
    assert [".labels", "builtins.list"] in [
        [row[0], row[1].partition(" ")[0]] for row in rows(page, "What it refers to")
    ]
    assert [row[0] for row in rows(page, "What refers to it")] == ["['u59']"]
    with page.expect_navigation():
        page.locator("td", has_text="builtins.dict").get_by_role("link").click()
    assert len(rows(page, "What it refers to")) == 50
    follow(page, "Next references")
    assert len(rows(page, "What it refers to")) == 10
    follow(page, SHELF)
    assert page.locator("h1").inner_text() == SHELF


def test_the_tree_of_dominators_opens_downwards_and_leads_back(visit):
    page = at_object(visit, SHELF)
    follow(page, "what it keeps alive")
    assert [row[0].partition(" ")[0] for row in rows(page)] == ["builtins.dict"]
    follow(page, "Below builtins.dict")
    assert len(rows(page)) == 50
    trail = page.get_by_role("list", name="Dominators")
    assert trail.get_by_role("listitem").count() == 3
    follow(page, SHELF)
    assert trail.get_by_role("listitem").count() == 2
    follow(page, "all roots")
    assert len(rows(page)) == 50


def test_two_heaps_are_compared_by_cause_owner_and_type(visit):
    page = visit()
    follow(page, "Compare")
    assert page.locator(".more").first.inner_text().startswith("+20 objects")
    assert "80 __main__.Parcel are held" in page.locator(".cause").first.inner_text()
    assert "__main__" in [row[0] for row in rows(page, "Change by owner")]
    search(page, "parcel")
    assert [row[:2] for row in rows(page, "Change by type")] == [[PARCEL, "+20"]]
    page.get_by_label("Older").select_option("1")
    page.get_by_label("Newer").select_option("0")
    with page.expect_navigation():
        page.get_by_role("button", name="Compare").click()
    assert [row[:2] for row in rows(page, "Change by type")] == [[PARCEL, "-20"]]
    follow(page, PARCEL)
    assert page.locator(".files [aria-current]").inner_text() == "monday.lwheap"


@pytest.mark.parametrize("path", ["7/", "0/objects/999999999", "0/types/999999", "no/page"])
def test_what_there_is_not_is_told_on_a_page_that_leads_back(visit, path):
    page = visit(path)
    assert visit.faults.pop().startswith("console: Failed to load resource")
    assert page.locator("h1").inner_text() == "Not found"
    follow(page, "Back to the overview")
    assert page.locator("h1").inner_text() == "monday.lwheap"


# -- by keys, on any screen -----------------------------------------------------------------------


def test_the_keys_lead_past_the_head_and_from_page_to_page(visit):
    page = visit("0/types")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("Tab")
    page.keyboard.type("parcel")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    page.get_by_role("searchbox").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.locator("h1").inner_text() == PARCEL


def test_no_key_stops_in_the_treemap_whose_areas_stand_in_the_table_too(visit):
    page = visit()
    assert page.locator(".treemap a:not([tabindex='-1'])").count() == 0


@pytest.fixture(scope="module")
def paths(files):
    """One page of every kind."""
    heap = leakwatch.Snapshot.load(files[0])
    rank = [it.type_name for it in heap.types()].index(PARCEL)
    (shelf,) = heap.index.instances(SHELF)
    under = ("", "types", f"types/{rank}", f"types/{rank}/why", "dominators")
    of_shelf = f"objects/{shelf.number}"
    return ["compare", *(f"0/{it}" for it in (*under, of_shelf, f"{of_shelf}/dominators"))]


def opened(page):
    page.locator("details").evaluate_all("(all) => all.forEach((it) => { it.open = true; })")
    return page


def test_nothing_is_wider_than_a_telephone(visit, address, paths):
    page = visit(viewport={"width": 390, "height": 844})
    for path in paths:
        page.goto(address + path)
        assert opened(page).evaluate("document.documentElement.scrollWidth") <= 390, path


def test_the_colours_follow_the_system(visit):
    ground = "getComputedStyle(document.body).backgroundColor"
    light, dark = (visit(color_scheme=scheme).evaluate(ground) for scheme in ("light", "dark"))
    assert light != dark


AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_no_fault(visit, address, paths, scheme, width):
    # axe adds a style sheet, which the policy forbids to everybody.
    options = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    page = visit(bypass_csp=True, **options)
    for path in paths:
        page.goto(address + path)
        opened(page).evaluate(AXE.read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({ resultTypes: ['violations'] })")
        faults = [(it["id"], it["nodes"][0]["html"]) for it in found["violations"]]
        assert faults == [], path


# -- and inert ------------------------------------------------------------------------------------


def test_hostile_names_are_text_everywhere(visit):
    page = visit("1/types")
    search(page, "owned")
    pages = [page.content()]
    with page.expect_navigation():
        page.locator("tbody a").first.click()
    pages.append(page.content())
    type_page = page.url
    follow(page, "What holds them")
    opened(page)
    pages.append(page.content())
    page.goto(type_page)
    with page.expect_navigation():
        page.locator("tbody a").first.click()
    shown = page.locator("body").inner_text()
    assert "<script>document.title = 'owned'</script><img src=x" in shown
    assert r"{{ 7 * 7 }} \u202edrawkcab\u202c \x1b[31m &lt;" in shown
    assert page.title().endswith("<img src=x onerror=alert(1)>.lwheap - leakwatch")
    for content in [*pages, page.content(), visit("1/").content(), visit("compare").content()]:
        assert "<script" not in content
        assert "<img" not in content
        assert "\u202e" not in content


def test_a_search_for_markup_finds_nothing_and_does_nothing(visit):
    page = visit("0/types")
    search(page, '"><script>document.title = "owned"</script>')
    assert page.locator("script").count() == 0
    assert page.get_by_role("searchbox").input_value().startswith('"><script>')
