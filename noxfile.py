"""Every check of this project, by name: `nox -l` lists them, `nox -s lint` runs one.

Continuous integration runs the same sessions (see `.ci/run`).
"""

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nox

nox.needs_version = ">=2024.10.9"
nox.options.sessions = ["tests", "lint", "types", "contracts", "docs"]
nox.options.default_venv_backend = "venv"
nox.options.reuse_existing_virtualenvs = True
nox.options.error_on_missing_interpreters = True

ROOT = Path(__file__).parent
PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
QUICK = [
    "tests/leakwatch/compare",
    "tests/leakwatch/diagnosis/test_inspectors.py",
    "tests/leakwatch/diagnosis/test_notes.py",
    "tests/leakwatch/diagnosis/test_verdicts.py",
    "tests/leakwatch/heap",
    "tests/leakwatch/model",
    "tests/leakwatch/reports",
    "tests/leakwatch/test_config.py",
    "tests/leakwatch/test_toml.py",
    "tests/plugins/html/test_page.py",
    "tests/plugins/html/test_parts.py",
    "tests/plugins/memory/test_verdicts.py",
    "tests/plugins/pytest/verdict/test_findings.py",
    "tests/test_changelog.py",
    "tests/test_layout.py",
    "tests/test_public_api.py",
    "tests/weakrefs/test_key_dictionary.py",
    "tests/weakrefs/test_methods.py",
    "tests/weakrefs/test_value_dictionary.py",
    "tests/weakrefs/test_weak_set.py",
]
"""Tests that start few processes and judge little: a third of all, in a twentieth of the time."""
NATIVE = [
    "tests/leakwatch/heap",
    "tests/leakwatch/guest",
    "tests/leakwatch/snapshots/test_broken_files.py",
    "tests/leakwatch/snapshots/test_grouped.py",
    "tests/leakwatch/snapshots/test_retained.py",
    "tests/leakwatch/snapshots/test_waste.py",
    "tests/leakwatch/snapshots/test_writing.py",
    "tests/weakrefs",
]
"""Tests that work the native parts directly."""
UNSANITIZED = [
    "--ignore=tests/leakwatch/guest/test_collector_state.py",
    "--deselect=tests/leakwatch/heap/test_graph.py::test_a_thousand_analyses_leave_nothing_behind",
    "--deselect=tests/leakwatch/heap/test_listing.py::test_what_has_gone_is_no_object_when_it_is_asked",
    "--ignore=tests/weakrefs/test_core.py",
    "--ignore=tests/weakrefs/test_typing.py",
]
"""Hundreds of processes for code in Python; a measure of resident memory, where AddressSanitizer
keeps what is freed; a look at an object that has gone, whose memory the interpreter's own allocator
leaves readable; all once more on the Python files; and mypy."""
README_COMMAND = re.compile(r"^python3 -m venv .+$", re.MULTILINE)


@nox.session(venv_backend="none")
def quick(session: nox.Session) -> None:
    """Lint, types and the quick tests, with what is installed beside nox: for while one works."""
    for tool in ("ruff check .", "ruff format --check .", "mypy"):
        session.run(sys.executable, "-m", *tool.split())
    session.run(sys.executable, "-m", "pytest", "-q", *QUICK, *session.posargs)


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
def editors(session: nox.Session) -> None:
    """Check with pyright, which editors use, that it understands the public API as mypy does."""
    session.install("basedpyright>=1.31")  # pyright with its runtime in the wheel
    here = ROOT / "tests" / "typing"
    session.run("basedpyright", "--project", str(here), "--pythonpath", sys.executable)


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


@nox.session
def sanitizers(session: nox.Session) -> None:
    """Run the tests of the native parts with AddressSanitizer and UBSan compiled into them.

    What follows `--` goes to pytest instead of `-n 2`.
    """
    flags = "-fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined"
    library = output_of("gcc", "-print-file-name=libasan.so")
    with tempfile.TemporaryDirectory() as folder:
        reports, copy = Path(folder, "reports"), Path(folder, "checkout")
        reports.mkdir()
        for name in output_of("git", "ls-files").splitlines():
            copy.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(name, copy / name)
        # In a copy: the shared libraries lie beside the sources, and those of the checkout stay.
        with session.chdir(copy):
            build = {"CC": "gcc", "CFLAGS": f"{flags} -g -O1", "NATIVE_PARTS": "required"}
            session.install("--no-compile", "-e", ".[test]", env=build)
            watched = {
                "LD_PRELOAD": library,
                # The interpreter itself leaves things behind at its end.
                "ASAN_OPTIONS": f"detect_leaks=0:log_path={reports}/asan",
                "UBSAN_OPTIONS": f"print_stacktrace=1:log_path={reports}/ubsan",
                "PYTHONMALLOC": "malloc",  # each object is memory of its own, which is watched
            }
            chosen = [*(session.posargs or ["-n", "2"]), *NATIVE, *UNSANITIZED]
            session.run("python", "-m", "pytest", "-q", *chosen, env=watched)
        found = [report.read_text(encoding="utf-8") for report in sorted(reports.iterdir())]
    if found:  # of a process that a test started, too
        session.error("\n".join(found))


def output_of(*command: str) -> str:
    """What a command prints, in the folder of the project."""
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, encoding="utf-8")
    return done.stdout.strip()


@nox.session
def wheel(session: nox.Session) -> None:
    """Build what is released, look into it, and try the wheel where no compiler is."""
    session.install(*nox.project.dependency_groups(PROJECT, "release"))
    with tempfile.TemporaryDirectory() as folder:
        built = Path(folder, "built")
        session.run(
            "python", "-m", "build", "--outdir", str(built), env={"NATIVE_PARTS": "required"}
        )
        (sdist,), (found,) = built.glob("*.tar.gz"), built.glob("*.whl")
        session.run("python", "tools/archives.py", str(sdist), str(found))
        session.run("twine", "check", "--strict", str(sdist), str(found))
        session.run("check-wheel-contents", str(found))
        try_without_compiler(session, repaired(session, found), Path(folder, "empty"))


def repaired(session: nox.Session, found: Path) -> Path:
    """The wheel with the tag of the oldest systems it runs on, and what it needs of libraries."""
    if sys.platform != "linux" or found.name.endswith("-none-any.whl"):
        return found
    session.run("auditwheel", "repair", "--wheel-dir", str(found.parent / "repaired"), str(found))
    (result,) = (found.parent / "repaired").glob("*.whl")
    session.run("auditwheel", "show", str(result))
    return result


def try_without_compiler(session: nox.Session, found: Path, empty: Path) -> None:
    """Install a wheel into an environment that has nothing, and do the main job there."""
    session.run("python", "-m", "venv", str(empty))
    scripts = empty / ("Scripts" if sys.platform == "win32" else "bin")
    bare = {"PATH": str(scripts), "CC": "no-compiler"}
    python = str(scripts / "python")
    options = ["--quiet", "--only-binary", ":all:"]
    session.run(python, "-m", "pip", "install", *options, str(found), env=bare, external=True)
    session.run(python, "tools/try_installed.py", env=bare, external=True)


@nox.session(venv_backend="none")
def readme(session: nox.Session) -> None:
    """Run both commands of the README, word for word, each in a fresh clone."""
    commands = README_COMMAND.findall((ROOT / "README.md").read_text(encoding="utf-8"))
    for command in commands:
        with tempfile.TemporaryDirectory() as folder:
            session.run("git", "clone", "--quiet", str(ROOT), folder, external=True)
            with session.chdir(folder):
                session.run("bash", "-c", command, external=True)
