# stand-in: ipython 8.20.0
from tests.known_leaks import in_scope, module

HISTORY = module(
    "IPython.core.history",
    """
    class HistoryManager:
        def __init__(self):
            self.output_hist = {}
    """,
)
SHELL = module(
    "IPython.core.interactiveshell",
    """
    class InteractiveShell:
        _instance = None
    """,
)
SHELL.InteractiveShell._instance = SHELL.InteractiveShell()
SHELL.InteractiveShell._instance.history_manager = HISTORY.HistoryManager()


class Frame:
    pass


def work(scope):
    SHELL.InteractiveShell._instance.history_manager.output_hist[1] = scope.track(Frame())


in_scope(work)
