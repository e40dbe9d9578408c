"""A change that a user can see has a line in the changelog."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SEEN_BY_USERS = ("tests/public_api.txt", "tests/gold", "docs/reference")
HELP = ("-G", "help=", "--", "leakwatch", "plugins")
"""Files of which a line with a help text was changed."""


def git(folder, *arguments):
    """The lines that git prints; what it cannot answer is a reason to skip."""
    try:
        done = subprocess.run(
            ["git", "-C", folder, *arguments], capture_output=True, text=True, check=False
        )
    except FileNotFoundError:
        pytest.skip("git is not installed")
    if done.returncode:
        pytest.skip(f"git {arguments[0]} has no answer here: {done.stderr.strip()}")
    return done.stdout.splitlines()


def changed_and_not_told(folder, upstream):
    """What users see and this branch, or the work on it, has changed without a line about it."""
    (base,) = git(folder, "merge-base", "HEAD", upstream)
    if git(folder, "diff", "--name-only", base, "--", "CHANGELOG.md"):
        return []
    kinds = (("--", *SEEN_BY_USERS), HELP)
    return [name for kind in kinds for name in git(folder, "diff", "--name-only", base, *kind)]


def test_what_users_see_changes_with_a_line_in_the_changelog():
    if not (ROOT / ".git").exists():
        pytest.skip("not a clone of the repository")
    assert changed_and_not_told(ROOT, "origin/HEAD") == [], "say it in CHANGELOG.md"


@pytest.fixture
def branch(tmp_path):
    """A clone, on a branch that has a commit more than where it comes from."""
    settings = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
    for name in ("docs/reference/cli.md", "leakwatch/run.py", "leakwatch/other.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("before\n")
    git(tmp_path, "init", "--quiet", "--initial-branch=main")
    git(tmp_path, "add", ".")
    git(tmp_path, *settings, "commit", "--quiet", "-m", "before")
    git(tmp_path, "switch", "--quiet", "--create", "work")
    (tmp_path / "leakwatch/other.py").write_text("nobody sees it\n")
    git(tmp_path, *settings, "commit", "--quiet", "--all", "-m", "after")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text"),
    [("docs/reference/cli.md", "after"), ("leakwatch/run.py", "add('--all', help='more')")],
)
def test_a_reference_page_and_a_help_text_are_seen(branch, name, text):
    assert changed_and_not_told(branch, "main") == []
    (branch / name).write_text(text)
    assert changed_and_not_told(branch, "main") == [name]
    (branch / "CHANGELOG.md").write_text("- told\n")
    git(branch, "add", ".")
    assert changed_and_not_told(branch, "main") == []
