"""The page about pytest shows what pytest prints."""

import re

import pytest

from tests.plugins.pytest.conftest import ROOT

PAGE = ROOT / "docs" / "how-to" / "pytest.md"
EXAMPLE = re.compile(
    r"```text\n# test_checkout\.py\n(?P<source>.*?)^```$", re.MULTILINE | re.DOTALL
)
OUTPUT = re.compile(
    r"(?<=prints below its header:\n\n```text\n).*?(?=^```$)", re.MULTILINE | re.DOTALL
)
FIGURES = re.compile(
    r"\d+\.\d+ s|in \d+\.\d+s|\d+(\.\d+)?%|\d+ B|signature [0-9a-f]{12}|=+|_{3,}|\s+\["
)


def printed(pytester, suite, source):
    pytester.makepyfile(test_checkout=source)
    result = suite("", "--leakwatch", "-p", "no:rerunfailures")
    lines = result.outlines
    return "\n".join(lines[lines.index("collected 2 items") + 2 :]) + "\n"


def test_the_output_of_the_example_is_what_pytest_prints(pytester, suite, monkeypatch, request):
    page = PAGE.read_text(encoding="utf-8")
    monkeypatch.setenv("COLUMNS", "100")
    output = printed(pytester, suite, EXAMPLE.search(page)["source"])
    if request.config.getoption("--update-gold", default=False):
        PAGE.write_text(OUTPUT.sub(lambda _: output, page), encoding="utf-8")
    else:
        assert FIGURES.sub("#", OUTPUT.search(page)[0]) == FIGURES.sub("#", output)


@pytest.mark.parametrize("word", ["flag", "ini key"])
def test_every_option_is_on_the_page(word):
    from pytest_leakwatch.options import TABLE

    page = PAGE.read_text(encoding="utf-8")
    missing = [
        option.name
        for option in TABLE
        if (f"`{option.flag_name}" if word == "flag" else f"| `{option.name}` |") not in page
    ]
    assert not missing
