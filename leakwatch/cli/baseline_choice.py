"""Which baseline a command goes by."""

import os
from pathlib import Path

from leakwatch.cli.program import current_folder
from leakwatch.compare.baseline import Baseline
from leakwatch.config import Config, find_file
from leakwatch.reports import baseline_file


def baseline_of(config: Config) -> Baseline:
    """The baseline that the configuration names, or that of the project if there is one.

    To be asked before the program runs, which may go to another folder.

    Raises:
        ReportFileError: the file that was named does not exist, or is not understood.
    """
    path = path_of(config)
    if path is None or not (is_named(config) or os.path.lexists(path)):
        return Baseline()
    return baseline_file.read(path)


def path_of(config: Config) -> Path | None:
    """Where the baseline is or would be; None where there is to be none."""
    if not is_named(config):
        return shown(project_root(".") / baseline_file.FILE)
    return folder_of(config) / config.baseline if config.baseline else None


def is_named(config: Config) -> bool:
    """Whether somebody said which file it is."""
    return "baseline" in config.sources


def folder_of(config: Config) -> Path:
    """From where a relative name counts: the file that has it, or the current folder."""
    source = config.sources["baseline"]
    return Path() if source.startswith(("flag ", "environment ")) else Path(source).parent


def shown(path: Path) -> Path:
    """A path as one would type it here."""
    try:
        relative = os.path.relpath(path)
    except OSError:  # the current folder is gone
        return path
    return path if relative.startswith(os.pardir) else Path(relative)


def project_root(folder: str) -> Path:
    """The folder of the nearest project's configuration file, or the folder itself."""
    found = find_file(folder)
    return found.parent if found is not None else Path(current_folder(), folder)
