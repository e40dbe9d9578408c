"""Who made an object: one run of a test, or a fixture of wider scope while it was set up."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import FunctionType

import pytest

from leakwatch.integration import code_of, file_of, is_library_file
from pytest_leakwatch.attribution.teardowns import uncalled_of
from pytest_leakwatch.verdict.findings import Location
from pytest_leakwatch.verdict.markers import Allowance, Marks, allowances_of, marks_of

XUNIT = re.compile(r"_(?:xunit|unittest)_(\w+?)_fixture_")
"""How pytest names the fixtures that it makes of `setup_module`, `setUpClass` and their kin."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose objects are judged.

    Attributes:
        number: in the ledger; each run of a test and each setup of a fixture has its own.
        nodeid: of the test; for a fixture that of its class, module or package, and its name.
        location: where it stands.
        allowances: what it may leak.
        fixture: what a fixture is called, such as `module fixture 'pool'`; empty for a test.
        test: node id of the test that was running.
        run: which run it is where a test is run again, from 0 on, below 0 to warm up; None
            where there is only one.
        uncalled: a method of its class that looks like a teardown and is none, in a sentence.
    """

    number: int
    nodeid: str
    location: Location
    allowances: tuple[Allowance, ...] = ()
    fixture: str = ""
    test: str = ""
    run: int | None = None
    uncalled: str = ""


Owners = Mapping[int, Owner]


def owner_of(number: int, item: pytest.Item, run: int | None, marks: Marks) -> Owner:
    """The owner for a test, or for one run of it."""
    return Owner(
        number,
        item.nodeid,
        item.location,
        allowances_of(item, marks) if marks else (),
        test=item.nodeid,
        run=run,
        uncalled=uncalled_of(item),
    )


def fixture_owner(
    number: int, definition: "pytest.FixtureDef[object]", request: pytest.FixtureRequest
) -> Owner:
    """The owner for a fixture of wider scope than one test."""
    node, scope = request.node, str(definition.scope)
    name = name_of(definition.argname)
    location = place(definition, node, name)
    home = location[0] if isinstance(node, pytest.Session) else node.nodeid
    return Owner(
        number,
        f"{home}::{name}",
        location,
        allowances_of(node, marks_of(node)),
        fixture=f"{scope} fixture {name!r}",
        test=getattr(request._pyfuncitem, "nodeid", ""),
    )


def is_of_project(function: object) -> bool:
    """Whether the function of a fixture is defined neither by a package nor by pytest."""
    if type(function) is not FunctionType:
        return True
    return not is_library_file(file_of(code_of(function)))


def is_judged(definition: "pytest.FixtureDef[object]") -> bool:
    """Whether what a fixture makes is the project's: it is its own, or a `setup_class`."""
    wider = definition.scope != "function"
    return wider and (is_of_project(definition.func) or bool(XUNIT.match(definition.argname)))


def name_of(argname: str) -> str:
    """The name that the author of a fixture knows it by."""
    found = XUNIT.match(argname)
    return found[1] if found else argname


def place(definition: "pytest.FixtureDef[object]", node: pytest.Collector, name: str) -> Location:
    """File, line from 0 on and title of a fixture; of its class or module for those of pytest."""
    title = f"fixture {name}"
    function = definition.func
    if name != definition.argname or type(function) is not FunctionType:
        return node.nodeid.partition("::")[0], None, title
    code = code_of(function)
    path = os.path.relpath(file_of(code), node.config.rootpath)
    return path.replace(os.sep, "/"), code.co_firstlineno - 1, title
