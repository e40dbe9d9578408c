# stand-in: coverage 7.17.3
from tests.known_leaks import in_scope, module

SYSMON = module(
    "coverage.sysmon",
    """
    class SysMonitor:
        def __init__(self):
            self.code_objects = []
    """,
)
TRACER = SYSMON.SysMonitor()


def work(scope):
    TRACER.code_objects.append(scope.track(compile("1 + 1", "made.py", "eval")))


in_scope(work)
