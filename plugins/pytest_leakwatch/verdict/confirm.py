"""The suspects at the end of a session, and the runs that confirm them or not."""

from collections.abc import Collection
from dataclasses import replace

from leakwatch.integration import counted
from pytest_leakwatch.attribution.owners import Owner, Owners

CONFIRMATIONS = 2
"""How often a suspect is run again: a variable that is set anew survives the last run only."""


def suspects(owners: Owners, leaking: Collection[str]) -> list[str]:
    """Node ids of the tests to run again, each once; what was repeated already is not.

    Args:
        owners: of what is still there.
        leaking: node ids of the tests and fixtures that leak.
    """
    made = [owner for owner in owners.values() if owner.nodeid in leaking]
    repeated = {owner.test for owner in made if owner.run is not None}
    return list(dict.fromkeys(owner.test for owner in made if owner.test not in repeated))


def first_runs(owners: Owners, nodeids: Collection[str]) -> dict[int, Owner]:
    """The owners that ran in some tests, as the first of several runs."""
    return {
        number: replace(owner, run=0)
        for number, owner in owners.items()
        if owner.test in nodeids and owner.run is None
    }


def kept(number: int) -> list[str]:
    """A note on what was there only because pytest keeps the instances of test classes."""
    if number <= 0:
        return []
    subject = counted(number, "object was", "objects were")
    return [f"{subject} kept by pytest, on the instances of test classes; they fail no test"]
