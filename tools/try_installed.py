"""Try an installed leakwatch: the native parts are in use, and it does the main job of the README.

    PYTHON tools/try_installed.py

PYTHON is that of the environment where it is installed; nothing is imported from the checkout, of
which only the example is taken. On a free-threaded interpreter the Python files must be in use.
"""

import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = Path("examples", "handler_registry.py")
EXPECTED = "pure" if sysconfig.get_config_var("Py_GIL_DISABLED") else "native"
ROWS = ("heap walk", "weak containers")
"""What `leakwatch doctor` says of the parts that are written twice."""
GUEST = "from leakwatch.guest.guarded import native; print('native' if native else 'pure')"
ANSWER = (
    "1 leak at the end of",
    "20 __main__.Session are held, each like __main__.HANDLERS['customer-0'].__self__",
    "signature a43d88f3eba2",
)
"""What the README shows and no system and no version of Python changes."""


def main() -> None:
    """Try it in an empty folder; ends with a message and exit code 1 where something is wrong."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder)
        problems = [*wrong_in_doctor(where), *wrong_in_guest(where), *wrong_in_answer(where)]
    if problems:
        sys.exit("\n".join(problems))
    print(f"{EXPECTED} parts in use, and the leak of {EXAMPLE.as_posix()} is found")


def wrong_in_doctor(folder: Path) -> list[str]:
    """What `leakwatch doctor` should have said and did not."""
    said = leakwatch(folder, "doctor")
    print(said.stdout)
    rows = {line.strip() for line in said.stdout.splitlines()}
    missing = [
        f"doctor does not say that the {name} is {EXPECTED}"
        for name in ROWS
        if not any(row.startswith(name) and EXPECTED in row.split() for row in rows)
    ]
    if "problems: none" not in rows:
        missing.append("doctor names problems")
    return missing


def wrong_in_guest(folder: Path) -> list[str]:
    """Whether the part that `doctor` does not speak of is another one than expected."""
    said = run(folder, sys.executable, "-c", GUEST).stdout.strip()
    return [] if said == EXPECTED else [f"the guest is {said or 'broken'}, expected {EXPECTED}"]


def wrong_in_answer(folder: Path) -> list[str]:
    """What the report on the example lacks."""
    (folder / EXAMPLE).parent.mkdir()
    shutil.copy(ROOT / EXAMPLE, folder / EXAMPLE)
    said = leakwatch(folder, "run", str(EXAMPLE))
    print(said.stdout)
    wrong = [f"not in the report: {part}" for part in ANSWER if part not in said.stdout]
    if said.returncode != 0:  # a leak fails `run` only with --fail-on-leak
        wrong.append(f"exit code {said.returncode}, expected 0\n{said.stderr}")
    return wrong


def leakwatch(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The console script, as a user starts it."""
    script = shutil.which("leakwatch", path=sysconfig.get_path("scripts"))
    if script is None:
        sys.exit("there is no console script `leakwatch`")
    return run(folder, script, *arguments)


def run(folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    """A process in a folder, with what it prints."""
    return subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)


if __name__ == "__main__":
    main()
