# stand-in: ipython 8.20.0
from tests.known_leaks import in_scope, module

ULTRATB = module(
    "IPython.core.ultratb",
    """
    class AutoFormattedTB:
        tb = None
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
SHELL.InteractiveShell._instance.InteractiveTB = ULTRATB.AutoFormattedTB()


class Cart:
    pass


def fail(scope):
    cart = scope.track(Cart())
    raise ValueError


def work(scope):
    try:
        fail(scope)
    except ValueError as error:
        SHELL.InteractiveShell._instance.InteractiveTB.tb = error.__traceback__


in_scope(work)
