"""`draw`: files in three formats, and an error that names the remedy."""

import shutil
import sys

import pytest

from leakwatch import Report
from leakwatch.errors import ReportFileError
from leakwatch.model import Leak, Reference, RetentionPath, Root
from leakwatch_objgraph import dot, draw

PATH = RetentionPath(
    Root("module global", "shop"), (Reference("module", ".S", suspect=True),), "shop.Session"
)
LEAK = Leak("shop.Session", 1, None, 48, 48, "0123456789ab", PATH)
REPORT = Report("request", leaks=(LEAK,))


@pytest.fixture
def graphviz(tmp_path, monkeypatch):
    """Puts a program `dot` with the given body on an otherwise empty PATH."""

    def install(body=None):
        folder = tmp_path / "bin"
        folder.mkdir()
        monkeypatch.setenv("PATH", str(folder))
        if body is not None:
            program = folder / "dot"
            program.write_text(f"#!{sys.executable}\nimport sys\n{body}\n", encoding="utf-8")
            program.chmod(0o755)

    return install


@pytest.mark.parametrize("found", [LEAK, REPORT], ids=["leak", "report"])
def test_a_dot_file_holds_the_text_and_needs_no_graphviz(found, tmp_path, graphviz):
    graphviz()
    draw(found, tmp_path / "leak.dot")
    assert (tmp_path / "leak.dot").read_text(encoding="utf-8") == dot(found)


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_text_goes_through_graphviz_for_other_formats(suffix, tmp_path, graphviz):
    graphviz("print(sys.argv[1:], sys.stdin.read())")
    draw(LEAK, str(tmp_path / f"leak.{suffix}"))
    made = (tmp_path / f"leak.{suffix}").read_text(encoding="utf-8")
    assert made == f"['-T{suffix}'] {dot(LEAK)}\n"
    assert not (tmp_path / "leak.dot").exists()


def test_without_graphviz_the_error_names_the_remedy_and_keeps_the_picture(tmp_path, graphviz):
    graphviz()
    with pytest.raises(ReportFileError) as caught:
        draw(LEAK, tmp_path / "leak.svg")
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'leak.svg'}: graphviz is not installed")
    assert "apt install graphviz" in message
    assert f"dot -Tsvg {tmp_path / 'leak.dot'} -o {tmp_path / 'leak.svg'}" in message
    assert (tmp_path / "leak.dot").read_text(encoding="utf-8") == dot(LEAK)
    assert not (tmp_path / "leak.svg").exists()


def test_when_graphviz_fails_the_error_tells_what_it_said(tmp_path, graphviz):
    graphviz("sys.exit('Format: svg not recognized')")
    with pytest.raises(ReportFileError, match=r"failed with code 1: Format: svg not recognized\."):
        draw(LEAK, tmp_path / "leak.svg")
    assert (tmp_path / "leak.dot").exists()
    assert not (tmp_path / "leak.svg").exists()


def test_when_graphviz_cannot_be_started_the_error_says_why(tmp_path, graphviz):
    graphviz("")
    (tmp_path / "bin" / "dot").write_text("#!/no/such/interpreter\n", encoding="utf-8")
    with pytest.raises(ReportFileError, match=r"dot failed: .*No such file"):
        draw(LEAK, tmp_path / "leak.svg")


def test_an_unknown_suffix_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(ReportFileError, match=r"leak\.pdf: expected .* \.dot, \.svg or \.png"):
        draw(LEAK, tmp_path / "leak.pdf")


def test_a_file_that_cannot_be_written_is_named_with_the_reason(tmp_path):
    with pytest.raises(ReportFileError, match=r"missing/leak\.dot: cannot be written: No such"):
        draw(LEAK, tmp_path / "missing" / "leak.dot")


@pytest.mark.skipif(shutil.which("dot") is None, reason="graphviz is not installed here")
def test_graphviz_itself_lays_out_a_name_with_quotes_and_backslashes(tmp_path):
    reference = Reference("dict", '["a\\N&lt;\\"]', suspect=True)
    path = RetentionPath(Root("module global", "shop"), (reference,), "shop.Session")
    draw(Leak("shop.Session", 1, None, 48, 48, "0123456789ab", path), tmp_path / "leak.svg")
    assert "[&quot;a\\N&amp;lt;\\&quot;]" in (tmp_path / "leak.svg").read_text(encoding="utf-8")
