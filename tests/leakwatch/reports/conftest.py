"""A report in which every field says something."""

import pytest

from leakwatch.model import (
    Birth,
    Environment,
    Leak,
    MemoryGrowth,
    Pattern,
    Reference,
    RetentionPath,
    Root,
    Settling,
    Verdict,
)
from leakwatch.report import Report


@pytest.fixture
def report():
    references = (
        Reference("dict", ".HANDLERS", Verdict.NOT_LEAKING, "a module global"),
        Reference("shop.Session", "['checkout']", Verdict.LEAKING, "closed", suspect=True),
    )
    path = RetentionPath(Root("module global", "shop"), references, "shop.Session", "outlived it")
    leak = Leak(
        type_name="shop.Session",
        count=20,
        growth=2.5,
        shallow_bytes=960,
        retained_bytes=40_960,
        signature="0123456789ab",
        path=path,
        pattern=Pattern("LW101", "container that only grows", "It grows.", "bound it"),
        reasons=("the handler was never removed",),
        born=Birth("shop.py", 12, "open_session", "checkout"),
    )
    return Report(
        scope="checkout",
        kind="hunt",
        leaks=(leak,),
        known=(leak,),
        in_use=(leak,),
        memory=MemoryGrowth({"rss": 1_000_000, "fds": 7}, {"rss": 3_000_000, "threads": 2}),
        explained_share=0.875,
        partial="stopped after 60 seconds",
        not_judged="a test failed",
        settling=Settling(3, 0.05),
        notes=("a plugin is broken",),
        environment=Environment(
            "3.13.0", "CPython", "Linux-6.1", "0.1.0", "native", "pure", {"memory": "0.1.0"}
        ),
    )
