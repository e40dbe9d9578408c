# stand-in: pytest-deadfixtures 3.1.0
from tests.known_leaks import in_scope, module

PLUGIN = module(
    "pytest_deadfixtures",
    """
    from collections import namedtuple

    CachedFixture = namedtuple("CachedFixture", "fixturedef, relpath, result")
    cached_fixtures = []
    """,
)


class Value:
    pass


def work(scope):
    entry = PLUGIN.CachedFixture(None, "tests/test_cart.py", scope.track(Value()))
    PLUGIN.cached_fixtures.append(entry)


in_scope(work)
