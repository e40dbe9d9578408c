"""Every check of this project, by name: `nox -l` lists them, `nox -s lint` runs one.

Continuous integration runs the same sessions (see `.ci/run`).
"""

import re
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["tests", "lint", "types", "contracts", "docs"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))
README_COMMAND = re.compile(r"^python3 -m venv .+$", re.MULTILINE)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests; what follows `--` goes to pytest, such as `-n 2 -k scope`.

    All on the oldest Python; on the others those that depend on the interpreter.
    """
    oldest = session.python == PYTHONS[0]
    chosen = [] if oldest else ["-m", "interpreter", "tests"]
    # Not compiled at once: the tests import a part of it, and compile that themselves.
    session.install("--no-compile", "-e", ".[dev]" if oldest else ".[test]")
    session.run("python", "-m", "pytest", *chosen, *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Find mistakes and odd formatting with ruff."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "ruff", "check", ".")
    session.run("python", "-m", "ruff", "format", "--check", ".")


@nox.session
def types(session: nox.Session) -> None:
    """Check the types of our packages with mypy, strictly."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "mypy")


@nox.session
def contracts(session: nox.Session) -> None:
    """Check who imports whom with import-linter."""
    session.install("-e", ".[dev]")
    session.run("lint-imports", "--no-cache")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation into `build/docs`; a warning is an error."""
    session.install("-e", ".[dev]")
    session.run("python", "-m", "sphinx", "-W", "--keep-going", "-q", "docs", "build/docs")


@nox.session(venv_backend="none")
def readme(session: nox.Session) -> None:
    """Run both commands of the README, word for word, each in a fresh clone."""
    commands = README_COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    for command in commands:
        with tempfile.TemporaryDirectory() as folder:
            session.run("git", "clone", "--quiet", str(ROOT), folder, external=True)
            with session.chdir(folder):
                session.run("bash", "-c", command, external=True)
