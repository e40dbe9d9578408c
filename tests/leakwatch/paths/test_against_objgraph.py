"""Where objgraph gives a chain to a root as well, ours starts there too."""

import pytest

from tests.heaps import run_python

HOLDERS = {
    "entry of a dict": 'CARTS = {"a": Cart()}',
    "attribute": "shop = Shop(); shop.cart = Cart()",
    "bound method": "HANDLERS = [Cart().close]",
    "closure": "def make():\n    cart = Cart()\n    return lambda: cart\nuse = make()",
    "default": "def use(cart=Cart()): pass",
    "class attribute": "Shop.cart = Cart()",
    "partial": "import functools\nuse = functools.partial(print, Cart())",
    "queue": "import queue\nwaiting = queue.Queue(); waiting.put(Cart())",
    "exception": "try: raise ValueError(Cart())\nexcept ValueError as error: FAILED = error",
    "generator": "def steps():\n    cart = Cart()\n    yield\nrunning = steps(); next(running)",
    "cached argument": "import functools\nprice = functools.cache(id); price(Cart())",
    "logging handler": (
        "import logging\nhandler = logging.Handler(); handler.cart = Cart()\n"
        'logging.getLogger("shop").addHandler(handler); del handler'
    ),
}
LOGGERS = "objgraph goes on to the module, which we name by the function that gives the logger"
DIFFERENT = {"logging handler": ("logging registry logging.getLogger('shop')", LOGGERS)}
"""Where the roots differ: what ours is, and why."""

LINES = """
import gc, leakwatch, objgraph
class Cart:
    def close(self): pass
class Shop: pass
{holder}
gc.collect()
def theirs():
    cart = objgraph.by_type("Cart")[0]
    chain = objgraph.find_backref_chain(cart, objgraph.is_proper_module, max_depth=50)
    return chain[0].__name__
def ours(): return leakwatch.why(Cart).leaks[0].path.root
print(theirs(), "|", ours())
"""


@pytest.mark.usefixtures("each_walk")
@pytest.mark.parametrize("name", HOLDERS)
def test_the_root_is_the_module_that_objgraph_arrives_at(name):
    theirs, ours = run_python("-c", LINES.format(holder=HOLDERS[name])).strip().split(" | ")
    if name in DIFFERENT:
        assert (theirs, ours) == ("logging", DIFFERENT[name][0]), DIFFERENT[name][1]
    else:
        assert ours in {f"module global {theirs}", f"class attribute {theirs}.Shop"}
