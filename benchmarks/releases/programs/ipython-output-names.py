# leaks with ipython==9.10.0
from IPython.core.interactiveshell import InteractiveShell

from tests.known_leaks import in_scope

SHELL = InteractiveShell.instance()


class Frame:
    pass


def work(scope):
    SHELL.user_ns["make"] = lambda: scope.track(Frame())
    SHELL.run_cell("make()", store_history=True)
    for number in range(4):
        SHELL.run_cell(str(number), store_history=True)
    del SHELL.user_ns["make"]


in_scope(work)
