"""Writing a picture to a file: DOT by ourselves, SVG and PNG through graphviz."""

import shutil
import subprocess
from os import PathLike
from pathlib import Path

from leakwatch import Report
from leakwatch.errors import ReportFileError
from leakwatch.model import Leak
from leakwatch_objgraph.dot_text import dot

LONGEST_LAYOUT = 60.0
"""Seconds that graphviz may take; paths are chains and take milliseconds."""
MISSING = (
    "graphviz is not installed: there is no program `dot` on the PATH "
    "(Debian and Ubuntu: apt install graphviz; macOS: brew install graphviz)"
)


def draw(found: Leak | Report, path: str | PathLike[str]) -> None:
    """Draw the retention path of a leak, or all paths of a report.

    Args:
        found: a leak or a report; plain data, no object is looked at.
        path: ends in `.dot`, `.svg` or `.png`; the last two need graphviz.

    Raises:
        ReportFileError: the suffix is another one, the file cannot be written, or graphviz is
            missing or failed; then the picture is beside `path` as `.dot`, so it is not lost.
    """
    target = Path(path)
    text = dot(found)
    if target.suffix == ".dot":
        write(target, text.encode())
    elif target.suffix in {".svg", ".png"}:
        write(target, laid_out(text, target))
    else:
        raise ReportFileError(f"{target}: expected a name ending in .dot, .svg or .png")


def laid_out(text: str, target: Path) -> bytes:
    """The picture in the format that the target's suffix names."""
    program = shutil.which("dot")
    if program is None:
        raise failure(text, target, MISSING)
    command = [program, f"-T{target.suffix[1:]}"]
    try:
        done = subprocess.run(  # noqa: S603 - a program from the user's own PATH, no shell
            command, input=text.encode(), capture_output=True, check=True, timeout=LONGEST_LAYOUT
        )
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode(errors="replace").strip() or "it gave no reason"
        reason = f"{program} failed with code {error.returncode}: {said}"
        raise failure(text, target, reason) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise failure(text, target, f"{program} failed: {error}") from error
    return done.stdout


def failure(text: str, target: Path, reason: str) -> ReportFileError:
    """The error, after saving what there is."""
    beside = target.with_suffix(".dot")
    write(beside, text.encode())
    return ReportFileError(
        f"{target}: {reason}. The picture was written to {beside} instead; "
        f"where graphviz is: dot -T{target.suffix[1:]} {beside} -o {target}"
    )


def write(target: Path, content: bytes) -> None:
    """Write a file, or say which one could not be written and why."""
    try:
        target.write_bytes(content)
    except OSError as error:
        raise ReportFileError(f"{target}: cannot be written: {error.strerror or error}") from error
