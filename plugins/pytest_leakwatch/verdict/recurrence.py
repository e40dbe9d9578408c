"""One-off or every run: whether a leak comes again when its test does."""

from collections.abc import Collection

from leakwatch.integration import counted

ONE_OFF = "one-off"
EVERY_RUN = "every run"
KINDS = (ONE_OFF, EVERY_RUN)
ASK = "--leakwatch-confirm runs the test again"
UNCONFIRMED = "the test could not be run again, or did not pass then"


def recurs(seen: Collection[int], total: int) -> bool:
    """Whether objects come again and again, and are not a cache that fills or a slot.

    A cache has survivors of the first runs only, and a variable that is set anew has one of
    the last run; a leak has them early and late, and in half of the runs at least.

    Args:
        seen: the runs, from 0 on, of which something is still there.
        total: how many runs there were.
    """
    third = max(1, total // 3)
    early = any(run < third for run in seen)
    late = any(run >= total - third for run in seen)
    return early and late and 2 * len(set(seen)) >= total


def once_only(seen: Collection[int], total: int) -> str:
    """Why a survivor of repeated runs is no leak, in a sentence."""
    runs = len(set(seen))
    return f"{ONE_OFF}: {counted(runs, 'run')} of {total} left it; it does not grow with the runs"


def how_often(seen: int, runs: int, owners: int, *, asked: bool = False) -> str:
    """How often a leak came, in a sentence.

    Args:
        seen: runs that left it.
        runs: runs of its tests altogether.
        owners: number of its tests and fixtures.
        asked: whether tests are run again to confirm; this one was not, or did not pass then.
    """
    if runs == 1:
        return f"{ONE_OFF} so far: seen in one run; {UNCONFIRMED if asked else ASK}"
    if seen < runs:
        return f"{seen:,} of {runs:,} runs left it"
    if owners == 1:
        return f"{EVERY_RUN}: each of {runs:,} runs left it"
    return f"{EVERY_RUN}: {owners:,} tests left it, each time they ran"
