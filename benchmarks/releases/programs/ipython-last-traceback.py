# leaks with ipython==9.10.0
from IPython.core.interactiveshell import InteractiveShell

from tests.known_leaks import in_scope

SHELL = InteractiveShell.instance()


class Cart:
    pass


def work(scope):
    def fail():
        cart = scope.track(Cart())  # noqa: F841 - kept by the frame
        raise ValueError

    SHELL.user_ns["fail"] = fail
    SHELL.run_cell("fail()")
    del SHELL.user_ns["fail"]


in_scope(work)
