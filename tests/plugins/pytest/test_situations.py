"""What pytest keeps alive, situation by situation: exactly the real leaks are reported."""

import sys

import pytest

from tests.plugins.pytest.conftest import leaked

SITUATIONS = """
    import logging, unittest, warnings
    from unittest import mock
    import pytest

    class Thing: ...

    KEPT = []

    # -- the real leaks, one in each place of the file -------------------------------

    def test_leak_first():
        KEPT.append(Thing())

    # -- failing, skipped and caught -------------------------------------------------

    def test_failing_local():
        thing = Thing()
        assert 0

    @pytest.mark.xfail
    def test_xfail_local():
        thing = Thing()
        assert 0

    def test_skip_local():
        thing = Thing()
        pytest.skip()

    def test_raises_as():
        thing = Thing()
        with pytest.raises(ValueError) as caught:
            raise ValueError(thing)

    def test_raises():
        thing = Thing()
        with pytest.raises(ValueError):
            raise ValueError(thing)

    def test_failing_subtest(subtests):
        thing = Thing()
        with subtests.test():
            assert 0

    def test_leak_after_failures():
        KEPT.append(Thing())

    # -- fixtures of every scope -----------------------------------------------------

    @pytest.fixture
    def function_value():
        return Thing()

    @pytest.fixture
    def function_yield():
        thing = Thing()
        yield thing

    @pytest.fixture
    def function_finalizer(request):
        thing = Thing()
        request.addfinalizer(lambda: thing)

    @pytest.fixture(scope="class")
    def class_value():
        return Thing()

    @pytest.fixture(scope="module")
    def module_value():
        yield Thing()

    @pytest.fixture(scope="package")
    def package_value():
        return Thing()

    @pytest.fixture(scope="session")
    def session_value():
        return Pool()

    class Pool:
        def __init__(self):
            self.lazy = None

    @pytest.fixture
    def broken():
        thing = Thing()
        raise ValueError(thing)

    @pytest.fixture(params=[Thing()])
    def parameter(request):
        return request.param

    def test_function_fixtures(function_value, function_yield, function_finalizer):
        pass

    def test_wider_fixtures(class_value, module_value, package_value, session_value):
        pass

    def test_lazy_part_of_a_session_fixture(session_value):
        session_value.lazy = Thing()

    def test_broken_fixture(broken):
        pass

    def test_parameter(parameter):
        pass

    def test_dynamic_fixture(request):
        request.getfixturevalue("module_value").extra = Thing()

    @pytest.mark.parametrize("thing", [Thing()])
    def test_parametrize(thing):
        thing.more = None

    def test_leak_with_fixtures(function_value, session_value):
        KEPT.append(function_value)

    # -- classes ---------------------------------------------------------------------

    class TestPlain:
        def setup_method(self):
            self.before = Thing()

        @classmethod
        def setup_class(cls):
            cls.shared = Thing()

        def test_instance_attribute(self):
            self.thing = Thing()

        def test_leak_in_a_class(self):
            KEPT.append(self.before)

    class TestUnit(unittest.TestCase):
        @classmethod
        def setUpClass(cls):
            cls.shared = Thing()

        def setUp(self):
            self.thing = Thing()

        def test_unit(self):
            pass

        def test_unit_failing(self):
            thing = Thing()
            self.fail()

    # -- what plugins and pytest take along --------------------------------------------

    def test_log_argument():
        logging.getLogger("shop").warning("see %s", Thing())

    def test_caplog_argument(caplog):
        logging.getLogger("shop").warning("see %s", Thing())
        assert caplog.records

    def test_mock_argument():
        mock.Mock()(Thing())

    def test_warning_source():
        with pytest.warns(UserWarning):
            warnings.warn("odd", source=Thing())

    def test_node_attribute(request):
        request.node.thing = Thing()

    def test_monkeypatch(monkeypatch):
        monkeypatch.setattr(unittest, "thing", Thing(), raising=False)

    def test_printed(capsys):
        print(Thing())

    def test_temporary_path(tmp_path):
        assert Thing()

    def test_leak_last():
        KEPT.append(Thing())
"""
PROPERTY = """
    def test_property(record_property):
        record_property("thing", Thing())
"""
ASYNCHRONOUS = """
    import asyncio

    async def hold(thing):
        await asyncio.sleep(3600)

    @pytest.mark.asyncio
    async def test_async_local():
        thing = Thing()
        await asyncio.sleep(0)

    @pytest.mark.asyncio
    async def test_async_failing_local():
        thing = Thing()
        await asyncio.sleep(0)
        assert 0

    @pytest.mark.asyncio
    async def test_async_pending_task():
        asyncio.create_task(hold(Thing()))
        await asyncio.sleep(0)

    @pytest.mark.asyncio
    async def test_async_leak():
        KEPT.append(Thing())
        await asyncio.sleep(0)
"""
LEAKS = [
    "test_async_leak",
    "test_leak_after_failures",
    "test_leak_first",
    "test_leak_in_a_class",
    "test_leak_last",
    "test_leak_with_fixtures",
]


JUDGED = "1 leak, 6 objects, *; 27 tests judged, 7 not judged (*)"


def test_exactly_the_real_leaks_are_reported(suite):
    source = SITUATIONS + PROPERTY + ASYNCHRONOUS
    result = suite(source, "--leakwatch", "-o", "verbosity_leakwatch=2")
    assert leaked(result) == LEAKS
    counts = "(5 failed, 1 xfailed, 1 skipped)"
    result.stdout.fnmatch_lines(
        [
            JUDGED.replace("(*)", counts),
            "known: 2 test_shop.Thing, held by *.session.items*: kept by pytest until the end of *",
            "known: 1 test_shop.Thing, held by test_shop.TestUnit.shared: kept in a variable of *",
            "note: * kept by pytest, on the instances of test classes; they fail no*",
        ]
    )


@pytest.mark.parametrize(
    ("arguments", "order"),
    [
        (("-n", "2"), ("-p", "no:randomly")),
        (("--reruns", "1"), ("-p", "no:randomly")),
        (("--randomly-seed=2",), ()),
        (("-s", "-p", "no:logging", "--import-mode=importlib"), ("-p", "no:randomly")),
    ],
    ids=["xdist", "reruns", "random order", "no capture"],
)
def test_exactly_the_real_leaks_are_reported_in_other_settings(suite, arguments, order):
    source = SITUATIONS + ASYNCHRONOUS
    if "no:logging" in arguments:
        source = source.replace("def test_caplog_argument(caplog)", "def caplog_argument(caplog)")
    result = suite(source, "--leakwatch", *arguments, order=order)
    assert leaked(result) == LEAKS


def test_judged_at_once_they_are_the_same(suite):
    source = SITUATIONS + PROPERTY + ASYNCHRONOUS + "\n    pytestmark = pytest.mark.leakwatch\n"
    assert leaked(suite(source)) == LEAKS


HELD_BY_C = """
    import atexit, ctypes

    class Window:
        def close(self): ...

    def test_window():
        window = Window()
        {registered}
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(window.close))
"""


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="atexit shows what it holds")
@pytest.mark.parametrize("registered", [False, True])
def test_atexit_is_suspected_only_if_something_was_registered_since_the_session_began(
    suite, registered
):
    call = "atexit.register(print)"
    source = HELD_BY_C.format(registered=call if registered else "pass")
    result = suite(source, "--leakwatch", "-rA")
    said = result.stdout.str()
    assert "native code (surplus 1)" in said
    assert ("perhaps atexit" in said) is registered
