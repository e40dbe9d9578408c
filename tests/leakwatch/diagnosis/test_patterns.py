"""The printed fix works: each pattern's `before` leaks exactly so, and its `after` not at all."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from leakwatch.diagnosis.patterns import PATTERNS, Mistake, recognise
from leakwatch.model import Reference, RetentionPath, Root, State
from leakwatch.model.root_kinds import KINDS, HolderKind
from tests.heaps import run_python

CHILD = """
import asyncio, inspect, os, sys
import leakwatch, leakwatch.growth.rounds

leakwatch.growth.rounds.SECONDS = 0  # one round of runs is enough where every run leaks

async def in_scope_async(work):
    await work()
    async with leakwatch.scope("work", discover=True) as scope:
        await work()
    return scope.report

def in_scope(work):
    if inspect.iscoroutinefunction(work):
        return asyncio.run(in_scope_async(work))
    work()
    with leakwatch.scope("work", discover=True) as scope:
        work()
    return scope.report

sys.path.insert(0, sys.argv[1])
import shop
for report in (leakwatch.hunt(shop.work, runs=4, warmup=2), in_scope(shop.work)):
    for leak in report.leaks:
        print(leak.pattern.code if leak.pattern else None, leak.type_name)
        print(report, file=sys.stderr)
sys.stdout.flush()
os._exit(0)  # threads and loops of the snippet are left as they are
"""


def codes(source, folder):
    """The patterns of all leaks of the snippet, hunted for and looked at in a scope."""
    (folder / "shop.py").write_text(source, encoding="utf-8")
    printed = run_python("-c", CHILD, str(folder))
    return {line.split()[0] for line in printed.splitlines()}


def by_code(mistake: Mistake) -> str:
    return mistake.pattern.code


@pytest.mark.parametrize("mistake", PATTERNS, ids=by_code)
def test_the_program_before_leaks_exactly_so(mistake, tmp_path):
    assert codes(mistake.pattern.before, tmp_path) == {mistake.pattern.code}


@pytest.mark.parametrize("mistake", PATTERNS, ids=by_code)
def test_the_program_after_leaks_nothing(mistake, tmp_path):
    assert codes(mistake.pattern.after, tmp_path) == set()


CAPTURED = """
import asyncio
from contextvars import ContextVar
REQUEST = ContextVar("request")
TASKS = []
class Request: pass
async def refresh(): await asyncio.sleep(3600)
async def work():
    token = REQUEST.set(Request())
    {start}
    await asyncio.sleep(0)
    REQUEST.reset(token)
"""
AT_EXIT = """
import atexit
class Journal: pass
def flush(journal): pass
def work(): atexit.register(flush, Journal())
"""
BEFORE_EXIT = """
import atexit, sqlite3
atexit.register(print)
DATABASE = sqlite3.connect(":memory:")
class Tax:
    def rate(self): return 19
def work(): DATABASE.create_function("rate", 0, Tax().rate)
"""


@pytest.mark.parametrize(
    "start",
    [
        "TASKS.append(asyncio.create_task(refresh()))",
        "TASKS.append(asyncio.get_running_loop().call_later(3600, print))",
    ],
    ids=["task", "timer"],
)
def test_a_task_and_a_timer_capture_the_context(start, tmp_path):
    assert "LW108" in codes(CAPTURED.format(start=start), tmp_path)


def test_an_argument_of_a_callback_is_kept_for_the_exit_as_well(tmp_path):
    assert codes(AT_EXIT, tmp_path) == {"LW119"}


def test_atexit_is_ruled_out_where_nothing_was_registered_meanwhile(tmp_path):
    assert codes(BEFORE_EXIT, tmp_path) == {"LW117"}


@pytest.mark.parametrize(
    ("holder", "code"), [("logging.Logger", "LW111"), ("shop.Registry", "LW101")]
)
def test_only_a_logger_keeps_its_handlers_as_log_handlers(holder, code):
    references = (
        Reference("module", ".REGISTRY", suspect=True),
        Reference(holder, ".handlers", suspect=True),
        Reference("dict", "['u42']", suspect=True),
    )
    path = RetentionPath(Root("module global", "shop"), references, "shop.Session")
    assert recognise(path).code == code


NAMES = [
    *(".cart", "[*]", "[('u42', 7)]", ".<key>", ".<queued item>", ".<held inside lxml.etree>"),
    *(".<cached argument 0>", ".<cached result>", ".__wrapped__", ".__self__", ".__defaults__[0]"),
    *("._mock_call_args", ".__traceback__", ".tb_frame", ".tb_next", ".<context variable USER>"),
    *("._scheduled", "._callbacks[0][0]", ".get_coro()", ".<local self in Bot.serve at bot.py:9>"),
    *("._registry", ".handlers[0]", ".<closure cart>", ".args[0]", ".__warningregistry__", "self"),
]
TYPES = [
    *("dict", "shop.Cart", "_asyncio.Future", "threading.Timer", "functools.partial"),
    *("multiprocessing.util.Finalize", "_pickle.Pickler", "logging.Logger", "shop.<locals>.Cart"),
]
KINDS_OF_HOLDERS, STATES = some.sampled_from(["", *HolderKind]), some.sampled_from(["", *State])
PATHS = some.builds(
    RetentionPath,
    some.builds(
        Root, some.sampled_from([*KINDS]), some.sampled_from(["", "weakref.finalize"]), STATES
    ),
    some.lists(
        some.builds(
            Reference,
            some.sampled_from(TYPES),
            some.sampled_from(NAMES),
            suspect=some.booleans(),
            holder_kind=KINDS_OF_HOLDERS,
            state=STATES,
            cut=some.booleans(),
        ),
        max_size=4,
    ).map(tuple),
    some.sampled_from(TYPES),
    target_kind=KINDS_OF_HOLDERS,
    target_state=STATES,
)


@given(PATHS)
def test_no_rule_fits_a_path_without_one_of_its_signs(path):
    assert recognise(path) is next((it.pattern for it in PATTERNS if it.fits(path)), None)


def test_every_code_has_a_program_before_and_another_after():
    for mistake in PATTERNS:
        for program in (mistake.pattern.before, mistake.pattern.after):
            compile(program, mistake.pattern.code, "exec")
        assert mistake.pattern.before != mistake.pattern.after


def test_a_logger_of_another_class_is_a_logger_and_what_hangs_on_it_no_handler():
    root = Root("logging registry", "logging.getLogger('jobs')")
    logger = RetentionPath(root, (), "shop.AuditLogger")
    owner = RetentionPath(root, (Reference("shop.AuditLogger", ".owner"),), "shop.Shop")
    handler = RetentionPath(root, (Reference("logging.Logger", ".handlers[0]"),), "shop.Handler")
    codes = [pattern and pattern.code for pattern in map(recognise, (logger, owner, handler))]
    assert codes == ["LW121", None, "LW111"]


SERVE = "<local self in Bot.serve at bot.py:9>"


def path_by_a_task(first_suspect):
    """From the timer that wakes a task to what its object has collected."""
    steps = [("TimerHandle", "._args"), ("Future", "._callbacks[0][0]"), ("Task", ".get_coro()")]
    steps += [("coroutine", f".{SERVE}"), ("bot.Bot", ".open"), ("dict", "[7]")]
    references = tuple(
        Reference(holder, name, suspect=at >= first_suspect, cut=at == first_suspect)
        for at, (holder, name) in enumerate(steps)
    )
    return RetentionPath(Root("asyncio event loop", "shop"), references, "bot.Talk")


@pytest.mark.parametrize(("first_suspect", "code"), [(0, "LW107"), (2, "LW107"), (5, "LW101")])
def test_a_task_never_ends_only_where_it_does_not_lead_to_what_is_needed(first_suspect, code):
    assert recognise(path_by_a_task(first_suspect)).code == code


def test_what_a_needed_task_collects_is_named_by_the_variable_of_the_task():
    assert path_by_a_task(5).expression == f"{SERVE}.open[7]"
    assert path_by_a_task(0).expression.startswith("asyncio event loop shop: _args")
