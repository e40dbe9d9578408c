"""A report as Markdown: to be read on a page, with nothing turning into markup."""

from dataclasses import replace

from leakwatch.model import Reference
from leakwatch.report import Report
from leakwatch.reports.markdown import code, escaped, prose, render


def renamed(report, name):
    """The report with this name wherever the program gives one."""
    (leak,) = report.leaks
    references = (Reference(name, name, suspect=True, reason=name),)
    path = replace(leak.path, references=references, target_type=name)
    hostile = replace(leak, type_name=name, path=path, reasons=(name,))
    return replace(report, scope=name, leaks=(hostile,), notes=(name,))


def test_the_verdict_is_the_heading_and_each_leak_a_row_and_a_section(report):
    text = render(report)
    assert text.startswith("## leakwatch: 1 leak in repeated runs of checkout: 20 objects")
    assert "| 1 | `shop.Session` | 20 | 40.0 KiB | `shop.HANDLERS['checkout']` |" in text
    assert "### 1. 20 shop.Session" in text
    assert "\n```text\nmodule global shop\n" in text
    assert "- **next** bound it" in text
    assert text.endswith("\n")


def test_what_is_on_devices_has_a_column_where_there_is_any(report):
    (leak,) = report.leaks
    lines = render(replace(report, leaks=(replace(leak, device_bytes=3 << 20), leak))).splitlines()
    assert lines[2:4] == [
        "| | leaked | count | retained | on devices | held by | signature |",
        "|--:|---|--:|--:|--:|---|---|",
    ]
    assert "| 20 | 40.0 KiB | 3.0 MiB | `shop.HANDLERS['checkout']` |" in lines[4]
    assert "| 20 | 40.0 KiB | 0 B | `shop.HANDLERS['checkout']` |" in lines[5]
    assert "devices" not in render(report)


def test_a_clean_report_is_one_line():
    assert render(Report("checkout")) == "## leakwatch: no leaks in scope 'checkout'\n"


def test_many_leaks_are_counted_behind_the_first(report):
    text = render(replace(report, leaks=report.leaks * 15))
    assert text.count("\n### ") == 10
    assert "and 5 more leaks; a report in JSON (`-o leaks.json`) has all of them" in text


def test_hostile_names_stay_text(report):
    name = "<img src=x onerror=alert(1)> | **b** [x](y) @someone &lt; \x1b[31m \u202e ``` ~~~"
    text = render(renamed(report, name))
    inside_block = False
    for line in text.splitlines():
        if line.startswith("````"):
            inside_block = not inside_block
        elif not inside_block and not line.startswith("|"):
            assert "<img" not in line.replace("\\<", "")
            assert "@someone" not in line
            assert "&lt;" not in line.replace("&amp;lt;", "")
    assert not inside_block
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_a_bar_does_not_end_a_cell(report):
    row = next(line for line in render(renamed(report, "a|b")).splitlines() if line[:3] == "| 1")
    assert row.replace("\\|", "").count("|") == 7


def test_code_in_the_prose_of_a_pattern_is_code_and_a_lone_tick_is_none(report):
    assert prose("use `weakrefs.WeakSet` in *it*") == "use `weakrefs.WeakSet` in \\*it\\*"
    assert prose("a `lone` tick `") == "a \\`lone\\` tick \\`"
    pattern = replace(report.leaks[0].pattern, fix="call `close()`")
    shown = render(replace(report, leaks=(replace(report.leaks[0], pattern=pattern),)))
    assert "- **next** call `close()`\n" in shown


def test_code_spans_are_fenced_longer_than_what_they_hold():
    assert code("plain") == "`plain`"
    assert code("a`b") == "``a`b``"
    assert code("`") == "`` ` ``"


def test_a_line_feed_in_a_name_starts_no_line():
    assert "\n" not in escaped("a\n# b")


def test_it_says_what_it_was_made_on_and_the_text_does_not(report):
    made = "made on CPython 3.13.0 on Linux-6.1 by leakwatch 0.1.0, heap walk native, weak"
    assert f"\n- {made} containers pure; plugins memory 0.1.0\n" in render(report)
    assert "3.13.0" not in str(report)
    assert "made on" not in render(replace(report, environment=None))
