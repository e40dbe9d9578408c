"""Reports to write pages of, and a browser to open them in."""

from dataclasses import replace

import pytest

from leakwatch.model import (
    Birth,
    Leak,
    LeakedType,
    MemoryGrowth,
    Pattern,
    Reference,
    RetentionPath,
    Root,
    Settling,
    Verdict,
)
from leakwatch.report import Report
from tests.browsers import Visit, browser

__all__ = ["browser"]

MIB = 1 << 20


def leak(name="Session", number=0, **changes):
    """A leak with something in every field."""
    path = RetentionPath(
        Root("module global", "shop.registry"),
        (
            Reference("module", ".HANDLERS", Verdict.NOT_LEAKING, "a module lives on"),
            Reference("dict", f"['checkout-{number}']", suspect=True),
            Reference("shop.Handler", ".session", suspect=True),
        ),
        f"shop.models.{name}",
        "outlived scope 'checkout'",
    )
    made = Leak(
        type_name=f"shop.models.{name}",
        count=20 + number,
        growth=2.5,
        shallow_bytes=1680,
        retained_bytes=3 * MIB - number,
        signature=f"{number:012x}",
        path=path,
        pattern=Pattern("LW101", "container that only grows", "A `dict` keeps.", "use `weakrefs`"),
        reasons=("seen in each run",),
        born=Birth("/srv/shop/models.py", 17, "checkout", "checkout", "a session ends"),
        inserted=Birth("/srv/shop/views.py", 40, "register", "checkout"),
        types=(
            LeakedType(f"shop.models.{name}", 20 + number),
            LeakedType("shop.models.Parcel", 3 * (20 + number)),
        ),
    )
    return replace(made, **changes)


def long_path(references):
    """A path of so many references, the last of them suspect."""
    middle = tuple(Reference(f"t{index}", f".n{index}") for index in range(references - 1))
    return RetentionPath(
        Root("module global", "shop"), (*middle, Reference("t", "[0]", suspect=True)), "shop.Last"
    )


@pytest.fixture
def report():
    """Leaks of every status, memory, notes and what was not judged."""
    cached = Pattern("LW102", "cache on a method", "functools.lru_cache keeps.", "cache elsewhere")
    return Report(
        scope="checkout",
        kind="hunt",
        leaks=(
            leak(),
            leak("Basket", 1, retained_bytes=MIB, pattern=cached),
            leak("Parcel", 2, retained_bytes=1000, pattern=None, path=long_path(30)),
        ),
        known=(leak("Locale", 3),),
        in_use=(
            leak("Request", 4, path=RetentionPath(Root("native code", "(surplus 1)"), (), "R")),
        ),
        memory=MemoryGrowth(
            {"rss": 90 * MIB, "uss": 70 * MIB, "heap_used": 9 * MIB, "threads": 1, "gadgets": 3},
            {"rss": 100 * MIB, "heap_used": 12 * MIB, "threads": 3, "gadgets": 3},
        ),
        explained_share=0.984,
        partial="the budget of 60 s ran out",
        settling=Settling(collections=3, waited=0.5),
        notes=("plugin 'acme' failed in leakwatch_inspectors: ValueError: no",),
    )


def renamed(report, name):
    """The report with this name wherever a program, a plugin or a file could give one."""

    def hostile(found):
        references = tuple(
            replace(reference, holder_type=name, name=name, reason=name)
            for reference in found.path.references
        )
        path = RetentionPath(Root(found.path.root.kind, name), references, name, name)
        pattern = found.pattern and Pattern(name, name, name, name)
        born = Birth(name, 1, name, name, name)
        return replace(
            found,
            type_name=name,
            signature=name,
            path=path,
            pattern=pattern,
            reasons=(name,),
            born=born,
            inserted=born,
            types=(LeakedType(name, 1), LeakedType(name, 1)),
        )

    return replace(
        report,
        scope=name,
        leaks=tuple(map(hostile, report.leaks)),
        known=tuple(map(hostile, report.known)),
        in_use=tuple(map(hostile, report.in_use)),
        memory=MemoryGrowth({**report.memory.start, name: 1}, {**report.memory.end, name: 2}),
        partial=name,
        not_judged=name,
        notes=(name,),
    )


@pytest.fixture
def rename():
    return renamed


@pytest.fixture
def make_leak():
    return leak


class VisitOfReports(Visit):
    """A visit of the pages of reports; a page by its file is all that gets an answer."""

    def __init__(self, browser, folder):
        super().__init__(browser, is_of_a_file)
        self._folder = folder

    def __call__(self, report, fragment="", **options):
        """The page of a report, in a new context with these options."""
        file = self._folder / "page.html"
        report.save(file)
        return self.open(f"{file.as_uri()}{fragment}", **options)


def is_of_a_file(request):
    return request.is_navigation_request() and request.url.startswith("file:")


@pytest.fixture
def visit(browser, tmp_path):
    """Open the page of a report; fails if it logged, requested or broke anything."""
    visit = VisitOfReports(browser, tmp_path)
    yield visit
    assert visit.leave() == []
