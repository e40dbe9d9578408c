"""The tests of CPython that cannot pass by nature, each with its reason."""

__all__ = ["ALLOWED"]

ALLOWED = {
    "test.test_weakref.ModuleTestCase.test_names": (
        "asserts that the classes say __module__ == 'weakref'; ours say where they come from"
    ),
}
