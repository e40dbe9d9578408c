"""A report is shown, saved and loaded in whatever formats there are."""

import pytest

from leakwatch.errors import ConfigurationError, ReportFileError
from leakwatch.report import Report
from leakwatch.reports.formats import RENDERERS, Renderer, RendererPresenter


@pytest.fixture
def presenter():
    return RendererPresenter(lambda: RENDERERS)


def with_plugin(renderer):
    return RendererPresenter(lambda: [renderer, *RENDERERS])


def broken(report):
    raise RuntimeError("boom")


@pytest.mark.parametrize("suffix", [".txt", ".json", ".md", ".JSON"])
def test_the_suffix_decides_the_format(presenter, report, tmp_path, suffix):
    path = tmp_path / f"report{suffix}"
    presenter.save(report, path)
    renderer = next(one for one in RENDERERS if suffix.lower() in one.suffixes)
    assert path.read_text() == renderer.render(report)


@pytest.mark.parametrize("name", ["report.yaml", "report", ".json"])
def test_an_unknown_suffix_lists_the_known_ones(presenter, report, tmp_path, name):
    with pytest.raises(ReportFileError, match=r"expected one of \.json, \.jsonl, \.md, "):
        presenter.save(report, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_saved_report_is_loaded_equal(presenter, report, tmp_path):
    presenter.save(report, tmp_path / "report.json")
    assert presenter.load(tmp_path / "report.json") == report


def test_a_format_of_a_plugin_is_used_like_ours(report, tmp_path):
    presenter = with_plugin(Renderer("count", (".count",), lambda report: str(len(report.leaks))))
    presenter.save(report, tmp_path / "report.count")
    assert (tmp_path / "report.count").read_text() == presenter.render(report, "count") == "1"
    assert presenter.names() == sorted(["count", *(known.name for known in RENDERERS)])


def test_the_first_renderer_of_a_name_is_taken(report):
    presenter = with_plugin(Renderer("text", (".txt",), lambda report: "mine"))
    assert presenter.text(report) == "mine"


def test_an_unknown_format_lists_the_known_ones(presenter):
    with pytest.raises(
        ConfigurationError,
        match=r"'yaml' .* one of brief, full, github, json, jsonl, junit, markdown, sarif, text",
    ):
        presenter.render(Report("x"), "yaml")


def test_a_renderer_that_fails_is_named_and_writes_nothing(report, tmp_path):
    presenter = with_plugin(Renderer("broken", (".broken",), broken))
    with pytest.raises(ReportFileError, match="format 'broken' failed: RuntimeError: boom"):
        presenter.save(report, tmp_path / "report.broken")
    assert list(tmp_path.iterdir()) == []


def test_text_is_there_whatever_the_plugins_do(report):
    expected = RENDERERS[0].render(report)
    failing = with_plugin(Renderer("text", (), broken))
    assert failing.text(report).startswith(expected)
    assert "note: the renderer of format 'text' failed: RuntimeError: boom" in failing.text(report)
    assert RendererPresenter(list).text(report).startswith(expected)


def test_a_report_of_the_api_shows_saves_and_loads_itself(report, tmp_path):
    import leakwatch

    report.save(tmp_path / "report.json")
    assert leakwatch.Report.load(tmp_path / "report.json") == report
    assert str(report).startswith("leakwatch: 1 leak in repeated runs of checkout")
