"""Which line puts the leaked objects into the container that grows."""

import asyncio
import gc
import logging
import sys
import threading
from collections import OrderedDict, defaultdict, deque
from types import SimpleNamespace

import pytest

import leakwatch
from leakwatch.growth.insertion_sites import Insertions, traced

NUMBER = iter(range(1_000_000))


class Session:
    pass


class Shop:
    latest = None


class Attributes:
    pass


LIST: list[object] = []
DICT: dict[object, object] = {}
SET: set[object] = set()
DEQUE: deque[object] = deque()
ORDERED: OrderedDict[object, object] = OrderedDict()
COUNTS: defaultdict[object, int] = defaultdict(int)
SPACE = SimpleNamespace()
EXTENDED: list[object] = []
THIRDS: list[object] = []
FROM_A_THREAD: list[object] = []


def to_list():
    session = Session()
    LIST.append(session)


def to_dict():
    DICT[next(NUMBER)] = Session()


def to_set():
    session = Session()
    SET.add(
        session,
    )


def to_deque():
    session = Session()
    DEQUE.appendleft(session)


def to_ordered():
    ORDERED.setdefault(next(NUMBER), Session())


def to_counts():
    COUNTS[f"visit {next(NUMBER)}"] += 1


def to_namespace():
    session = Session()
    setattr(SPACE, f"session_{next(NUMBER)}", session)


def to_class():
    session = Session()
    setattr(Attributes, f"session_{next(NUMBER)}", session)


def by_extending():
    made = [Session() for _ in range(2)]
    EXTENDED.extend(iter(made))


def one_in_three():
    if len(LIST) % 3 == 0:
        THIRDS.append(Session())


def by_a_library():
    logging.getLogger("leaky").addHandler(logging.NullHandler())


def in_a_thread():
    FROM_A_THREAD.append(Session())


CASES = {
    "LIST": (to_list, 2),
    "DICT": (to_dict, 1),
    "SET": (to_set, 2),
    "DEQUE": (to_deque, 2),
    "ORDERED": (to_ordered, 1),
    "COUNTS": (to_counts, 1),
    "SPACE": (to_namespace, 2),
    "Attributes": (to_class, 2),
    "EXTENDED": (by_extending, 2),
    "THIRDS": (one_in_three, 2),
    "'leaky'": (by_a_library, 1),
    "FROM_A_THREAD": (in_a_thread, 1),
}
"""By a part of the path: what adds there, and how far below its `def` the line is."""


def everything():
    for function, _ in CASES.values():
        if function is not in_a_thread:
            function()
    thread = threading.Thread(target=in_a_thread)
    thread.start()
    thread.join()


@pytest.fixture(autouse=True)
def _few_runs(monkeypatch):
    monkeypatch.setattr("leakwatch.growth.rounds.MOST_RUNS", 7)


@pytest.fixture(scope="module")
def report():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("leakwatch.growth.rounds.MOST_RUNS", 21)
        yield leakwatch.hunt(everything, inserted=True)
    for container in (LIST, DICT, SET, DEQUE, ORDERED, COUNTS, vars(SPACE), EXTENDED, THIRDS):
        container.clear()
    for name in [name for name in vars(Attributes) if name.startswith("session_")]:
        delattr(Attributes, name)
    FROM_A_THREAD.clear()
    logging.getLogger("leaky").handlers.clear()


@pytest.fixture(autouse=True)
def _let_go():
    length = len(LIST)
    yield
    del LIST[length:]
    Shop.latest = None


@pytest.mark.parametrize("where", CASES)
def test_the_line_that_adds_is_told(report, where):
    (leak,) = [leak for leak in report.leaks if where in leak.path.expression]
    function, below = CASES[where]
    place = leak.inserted
    assert place is not None, leak.reasons
    assert (place.file, place.function) == (__file__, function.__name__)
    assert place.line == function.__code__.co_firstlineno + below


def test_the_report_tells_it_beside_where_the_object_was_made(report):
    lines = [line.strip() for line in str(report).splitlines()]
    first = to_set.__code__.co_firstlineno
    made = lines.index(f"made   {__file__}:{first + 1} in to_set")
    assert lines[made + 1] == f"added  {__file__}:{first + 2} in to_set"


def test_a_coroutine_function_is_traced_as_well():
    async def work():
        await asyncio.sleep(0)
        to_list()

    (leak,) = leakwatch.hunt(work, inserted=True).leaks
    assert leak.inserted is not None
    assert leak.inserted.function == "to_list"


def test_without_being_asked_nothing_is_traced(monkeypatch):
    monkeypatch.setattr("leakwatch.growth.survivors_per_run.Insertions", None)
    (leak,) = leakwatch.hunt(to_list).leaks
    assert leak.inserted is None
    assert not any("cannot be told" in reason for reason in leak.reasons)


def test_what_each_run_makes_anew_has_no_such_line_and_the_report_says_so():
    def work():
        Shop.latest = {"before": Shop.latest, "session": Session()}

    (leak,) = leakwatch.hunt(work, inserted=True).leaks
    assert leak.inserted is None
    assert any("each run may make a new one" in reason for reason in leak.reasons)


def test_what_a_thread_that_runs_already_adds_is_not_told_of_another_one():
    go, done, end = threading.Semaphore(0), threading.Semaphore(0), []

    def serve():
        while True:
            go.acquire()
            if end:
                return
            to_list()
            done.release()

    def work():
        go.release()
        done.acquire()

    worker = threading.Thread(target=serve)
    worker.start()
    try:
        (leak,) = leakwatch.hunt(work, inserted=True).leaks
    finally:
        end.append(True)
        go.release()
        worker.join()
    if sys.version_info >= (3, 12):
        # What such a thread calls can be traced there.
        assert leak.inserted is not None
        assert leak.inserted.function == "to_list"
    else:
        assert leak.inserted is None
        assert any("a thread that runs already" in reason for reason in leak.reasons)


def test_another_tracer_rests_meanwhile_and_is_back_afterwards():
    seen = []

    def other(frame, event, argument):
        seen.append(frame.f_code.co_name)

    def nothing():
        pass

    before, before_in_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(other)
    threading.settrace(other)
    try:
        with traced(lambda frame, event, argument: None):
            nothing()
        back = sys.gettrace(), threading.gettrace()
    finally:
        sys.settrace(before)
        threading.settrace(before_in_threads)  # type: ignore[arg-type]
    assert back == (other, other)
    assert "nothing" not in seen


def test_tracing_ends_when_the_work_raises():
    before = sys.gettrace()

    def work():
        raise OSError("down")

    insertions = Insertions([LIST])
    with pytest.raises(OSError, match="down"):
        insertions.watch(work)
    assert sys.gettrace() is before


def test_nothing_is_held_once_it_is_closed():
    container: list[object] = []
    insertions = Insertions([container])
    insertions.watch(lambda: container.append(1))
    assert insertions.is_done()
    insertions.close()
    assert not any(found is container for found in gc.get_referents(insertions._containers))
