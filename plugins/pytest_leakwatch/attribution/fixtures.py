"""Fixtures of wider scope than one test: what they make is theirs, in setup and in teardown.

What the setup of a test class or module puts into variables of it (`setup_class`, `setUpClass`,
fixtures that write to `request.cls`) lasts by intention: the class is there until the end, so the
objects are too, and nobody leaks.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest

from leakwatch.integration import (
    Registry,
    class_namespace,
    entry,
    full_type_name,
    module_namespace,
    mro,
    named_entries,
    text,
)
from pytest_leakwatch.attribution.ledger import NOBODY, Pages
from pytest_leakwatch.attribution.owners import Owner, fixture_owner
from pytest_leakwatch.attribution.survivors import Survivors, opened
from pytest_leakwatch.verdict.selection import Choice


class FixturePages:
    """The pages of fixtures, which lie inside those of the tests that set them up.

    Args:
        number: gives the next owner's number.
        pages: of the whole run.
        choice: what of the newborn is judged.
        survivors: takes what a fixture registers.
        variables: takes the names of the variables that a fixture sets in its class or module.

    Attributes:
        attempt: which rerun of its test is at work, or None.
    """

    def __init__(
        self,
        number: Callable[[], int],
        pages: Pages,
        choice: Choice,
        survivors: Survivors,
        variables: set[str],
    ) -> None:
        self._number = number
        self._pages = pages
        self._choice = choice
        self._survivors = survivors
        self._set_variables = variables
        self._setting_up: list[tuple[Owner, Registry, pytest.Collector, Variables]] = []
        self._torn_down: list[int] = []
        self._left: dict[int, Owner] = {}
        self.attempt: int | None = None

    def enter_ignored(self, *, unfrozen: bool) -> None:
        """Open the page of a fixture that nobody judges, perhaps without a window."""
        self._pages.enter(NOBODY, self._choice, unfrozen=unfrozen)

    def finish_setup(self, owner: Owner | None, *, failed: bool) -> None:
        """Close the page of the fixture that was begun last; None if nobody judges it."""
        if owner is None:
            self._pages.leave()
        else:
            self._is_set_up(failed=failed)

    def set_up(
        self,
        definition: "pytest.FixtureDef[object]",
        request: pytest.FixtureRequest,
        *,
        unfrozen: bool,
    ) -> Owner:
        """Open the page of a fixture that is about to be set up; gives the owner of it."""
        owner = fixture_owner(self._number(), definition, request)
        owner = replace(owner, run=self.attempt)
        self._pages.enter(owner.number, self._choice, unfrozen=unfrozen)
        before = variables_of(request.node)
        self._setting_up.append((owner, opened(owner.nodeid), request.node, before))
        return owner

    def _is_set_up(self, *, failed: bool) -> None:
        # Of one that has failed pytest keeps the frames.
        owner, registry, node, before = self._setting_up.pop()
        after = variables_of(node)
        self._set_variables |= {name for name, it in after.items() if before.get(name) != it}
        registry.leave()
        left = self._pages.leave()
        if failed:
            self._survivors.forget(owner.number)
            return
        left = self._survivors.note_registered(owner.number, registry) or left
        if left:
            self._left[owner.number] = owner

    def tear_down(
        self, owner: Owner, definition: "pytest.FixtureDef[object]", *, unfrozen: bool
    ) -> None:
        """Open the page of a fixture whose first finalizer is about to run."""
        self._pages.enter(owner.number, self._choice, unfrozen=unfrozen)
        self._left[owner.number] = owner
        self._torn_down.append(id(definition))

    def finish_teardown(self, definition: "pytest.FixtureDef[object]") -> None:
        """Close that page; pytest asks for it of fixtures that were never set up too."""
        if self._torn_down and self._torn_down[-1] == id(definition):
            self._torn_down.pop()
            self._pages.leave()

    def abandon(self) -> None:
        """Forget what is being set up or torn down: it is not judged."""
        setting_up, self._setting_up = self._setting_up, []
        self._torn_down.clear()
        for owner, registry, _, _ in setting_up:
            registry.leave()
            self._survivors.forget(owner.number)

    def left(self) -> dict[int, Owner]:
        """The fixtures that may have left something, by number; each is given once."""
        left, self._left = self._left, {}
        return left


Variables = Mapping[str, int]
"""Id of the value by the dotted name of a variable."""


def variables_of(node: pytest.Collector) -> Variables:
    """The variables of the test class with its bases, or of the test module, of a node."""
    if isinstance(node, pytest.Class):
        namespaces = {full_type_name(cls): class_namespace(cls) for cls in mro(node.obj)}
    elif isinstance(node, pytest.Module):
        namespace = module_namespace(node.obj)
        namespaces = {text(entry(namespace, "__name__")) or "": namespace}
    else:
        return {}
    return {
        f"{label}.{name}": id(value)
        for label, namespace in namespaces.items()
        for name, value in named_entries(namespace)
    }
