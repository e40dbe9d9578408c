"""Reports of `leakwatch.report/1`, read as those of today.

There a leak was told by type and path; what its survivors retained stood in `company`, and the
reference to cut was found anew by whoever showed the report.
"""

from dataclasses import replace
from typing import Any

from leakwatch.model import Cause, Leak
from leakwatch.report import Report
from leakwatch.reports.text import holder_of

PLACES = ("leaks", "known", "in_use")
COMPANY = "company"


def upgraded(document: dict[str, Any]) -> dict[str, Any]:
    """The document with the types of each leak where they stand today; what is wrong stays so."""
    found = dict(document)
    for place in PLACES:
        if type(found.get(place)) is list:
            found[place] = [with_types(leak) for leak in found[place]]
    return found


def with_types(leak: Any) -> Any:
    """A leak whose retained types stand behind its own."""
    if type(leak) is not dict:
        return leak
    own = {name: leak.get(name) for name in ("type_name", "count", "retained_bytes")}
    others = leak.get(COMPANY, [])
    rest = {name: value for name, value in leak.items() if name != COMPANY}
    complete = None not in own.values() and type(others) is list
    return {**rest, "types": [own, *others]} if complete else rest


def with_causes(report: Report) -> Report:
    """The report whose leaks say which reference is to be cut."""
    changes: dict[str, Any] = {
        place: tuple(map(with_cause, getattr(report, place))) for place in PLACES
    }
    return replace(report, **changes)


def with_cause(leak: Leak) -> Leak:
    """The leak with the reference to cut marked, and told with its keys."""
    path, cut = leak.path, leak.path.cut
    if cut is None:
        return leak
    references = tuple(replace(it, cut=it is cut) for it in path.references)
    cause = Cause(holder_of(path, cut), cut.name)
    return replace(leak, path=replace(path, references=references), cause=cause)
