"""Report files are read within bounds and written whole or not at all."""

import os
import stat

import pytest

from leakwatch.errors import ReportFileError, shown_path
from leakwatch.reports import files


def test_text_comes_back_with_its_line_ends(tmp_path):
    path = tmp_path / "report.txt"
    files.write(path, "ä\nb\r\n\u2028")
    assert path.read_bytes() == b"\xc3\xa4\nb\r\n\xe2\x80\xa8"
    assert files.read(path) == "ä\nb\r\n\u2028"


def test_what_utf_8_cannot_encode_is_escaped(tmp_path):
    files.write(tmp_path / "a", "\ud800")
    assert files.read(tmp_path / "a") == "\\ud800"


def test_a_byte_order_mark_is_no_content(tmp_path):
    (tmp_path / "a").write_bytes(b"\xef\xbb\xbf{}")
    assert files.read(tmp_path / "a") == "{}"


def test_an_existing_file_is_replaced_and_nothing_else_left(tmp_path):
    path = tmp_path / "report.txt"
    for text in ("a long one", "short"):
        files.write(path, text)
    assert files.read(path) == "short"
    assert os.listdir(tmp_path) == ["report.txt"]


def test_a_new_file_has_the_usual_permissions(tmp_path):
    (tmp_path / "usual").touch()
    files.write(tmp_path / "ours", "")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "usual").stat().st_mode


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666, 0o400])
def test_a_file_that_is_replaced_keeps_its_permissions(tmp_path, mode):
    path = tmp_path / "report.txt"
    files.write(path, "a")
    path.chmod(mode)
    (tmp_path / "link").symlink_to("report.txt")
    for name in ("report.txt", "link"):
        files.write(tmp_path / name, name)
        assert path.read_text() == name
        assert stat.S_IMODE(path.stat().st_mode) == mode


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_file_that_is_replaced_keeps_its_owner(tmp_path):
    path = tmp_path / "report.txt"
    files.write(path, "a")
    os.chown(path, 12345, 54321)
    files.write(path, "b")
    assert (path.stat().st_uid, path.stat().st_gid) == (12345, 54321)


def test_nobody_else_gets_rights_where_the_owner_cannot_be_kept(tmp_path, monkeypatch):
    path = tmp_path / "report.txt"
    files.write(path, "a")
    path.chmod(0o660)

    def refuse(*arguments):
        raise PermissionError

    monkeypatch.setattr(os, "fchown", refuse)
    files.write(path, "b")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_draft_is_never_more_open_than_the_file(tmp_path):
    path = tmp_path / "report.txt"
    files.write(path, "a")
    path.chmod(0o600)
    modes = []

    def parts():
        modes.extend(stat.S_IMODE(draft.stat().st_mode) for draft in tmp_path.glob(".leakwatch-*"))
        yield "b"

    files.write_parts(path, parts())
    assert modes == [0o600]


def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "link").symlink_to("deep/report.txt")
    files.write(tmp_path / "link", "text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "deep/report.txt").read_text() == "text"


def test_a_name_as_long_as_allowed_is_written(tmp_path):
    path = tmp_path / ("x" * 255)
    files.write(path, "text")
    assert path.read_text() == "text"


def test_a_device_is_written_to_and_not_replaced():
    files.write("/dev/null", "text")
    assert not os.path.isfile("/dev/null")
    with pytest.raises(ReportFileError, match=r"/dev/full: cannot write .* No space left"):
        files.write("/dev/full", "text")


def test_a_failed_write_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch):
    path = tmp_path / "report.txt"
    files.write(path, "old")

    def refuse(draft, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(ReportFileError, match="No space left on device; choose another place"):
        files.write(path, "new")
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["report.txt"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("none/report.json", "no such file or folder; check the path"),
        ("", "it is a folder"),
        ("x" * 256, "File name too long"),
        ("a\0b", "null"),
    ],
)
@pytest.mark.parametrize("act", [files.read, lambda path: files.write(path, "text")])
def test_a_bad_path_is_named_with_what_to_do(tmp_path, name, message, act):
    path = f"{tmp_path}/{name}"
    with pytest.raises(ReportFileError, match=message) as caught:
        act(path)
    assert str(caught.value).startswith(shown_path(path))
    assert os.listdir(tmp_path) == []


def test_a_file_that_is_too_large_is_refused_without_being_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "LARGEST", 1000)
    with pytest.raises(ReportFileError, match="/dev/zero: larger than"):
        files.read("/dev/zero")


def test_bytes_that_are_no_text_are_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"{}\x80")
    with pytest.raises(ReportFileError, match="byte 2 is not UTF-8"):
        files.read(tmp_path / "a")
