"""One-off or every run: whether a leak comes again when its test does."""

from collections.abc import Collection

from leakwatch.integration import counted

ONE_OFF = "one-off"
EVERY_RUN = "every run"
FEW = 3
"""Runs of which one is neither the first nor the last."""
ASK = "--leakwatch-confirm runs the suspects again"


def recurs(seen: Collection[int], total: int) -> bool:
    """Whether objects come again and again, and are not a cache that fills or a slot.

    A cache has survivors of the first runs only, and a variable that is set anew has one of
    the last run; a leak has them early and late, and in half of the runs at least. The entry of a
    mapping that is set anew has its key of the first run and its value of the last, so of three
    runs one in between is needed.

    Args:
        seen: the runs, from 0 on, of which something is still there.
        total: how many runs there were.
    """
    third = max(1, total // 3)
    early = any(run < third for run in seen)
    late = any(run >= total - third for run in seen)
    between = total < FEW or any(0 < run < total - 1 for run in seen)
    return early and late and between and 2 * len(set(seen)) >= total


def once_only(seen: Collection[int], total: int) -> str:
    """Why a survivor of repeated runs is no leak, in a sentence."""
    runs = len(set(seen))
    return f"{ONE_OFF}: {counted(runs, 'run')} of {total} left it; it does not grow with the runs"


def how_often(seen: int, runs: int, owners: int, *, again: bool, asked: bool = False) -> str:
    """How often a leak came, in a sentence.

    Args:
        seen: runs that left it.
        runs: runs of its tests altogether.
        owners: number of its tests and fixtures.
        again: whether one of them ran more than once.
        asked: whether suspects are run again to confirm; these were not.
    """
    if not again:
        once = "seen in one run" if owners == 1 else f"{owners:,} tests left it, each run once"
        return once if asked else f"{once}; {ASK}"
    if seen < runs:
        return f"{seen:,} of {runs:,} runs left it"
    if owners == 1:
        return f"{EVERY_RUN}: each of {runs:,} runs left it"
    return f"{EVERY_RUN}: {owners:,} tests left it, each time they ran"
