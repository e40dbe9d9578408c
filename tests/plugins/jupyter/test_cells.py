"""`%%leakwatch` in a session of IPython: what a cell leaves behind, and what IPython keeps."""

import json

import pytest

from leakwatch.integration import report_from_json
from tests.heaps import PLUGINS, run_python

SESSION = """
import json, sys, types
from IPython.core.interactiveshell import InteractiveShell
import leakwatch_jupyter.magic as magic
shop = types.ModuleType("shop")
sys.modules["shop"] = shop
exec('''
class Cart: pass
class Line: pass
CARTS = []
def leak(): CARTS.append(Cart())
def fresh(): return [Cart(), Cart()]
''', shop.__dict__)
REPORTS = []
shown = magic.show
def show(report):
    REPORTS.append(json.dumps(report.to_dict()))
    shown(report)
magic.show = show
shell = InteractiveShell.instance()
shell.run_cell("%load_ext leakwatch_jupyter")
shell.run_cell("import shop")
for cell in json.loads(sys.argv[1]):
    assert shell.run_cell(cell, store_history=True).success
names = [name for name in ("_", "_1", "_oh", "Out", "x") if name in shell.user_ns]
print("\\n" + json.dumps([REPORTS, names, type(shell.user_ns.get("_")).__name__]))
"""


class Notebook:
    """What was found in the cells, and what the session has in the end."""

    def __init__(self, *cells):
        *self.printed, last = run_python("-c", SESSION, json.dumps(cells)).splitlines()
        reports, self.names, self.last = json.loads(last)
        self.reports = [report_from_json(it, "report") for it in reports]

    @property
    def report(self):
        (report,) = self.reports
        return report


@pytest.fixture(autouse=True)
def _with_the_plugin(monkeypatch):
    monkeypatch.setenv(PLUGINS, "jupyter")


def carts(leaks):
    return [(it.count, it.path.expression) for it in leaks if it.type_name == "shop.Cart"]


def test_what_a_cell_puts_into_a_registry_is_a_leak_and_is_shown():
    notebook = Notebook("%%leakwatch\nshop.leak()")
    assert carts(notebook.report.leaks) == [(1, "shop.CARTS[0]")]
    assert len(notebook.report.leaks) == 1
    assert notebook.printed[0].startswith("leakwatch: 1 leak in scope 'cell [1]': 1 object, ")


@pytest.mark.parametrize("cell", ["shop.Cart()", "shop.fresh()", "{1: shop.Cart()}"])
def test_a_result_is_in_use_and_so_is_what_it_holds(cell):
    notebook = Notebook(f"%%leakwatch\n{cell}")
    assert notebook.report.leaks == ()
    ((_, path),) = carts(notebook.report.in_use)
    assert path.startswith("IPython's Out: [1]")
    assert notebook.names == ["_", "_1", "_oh", "Out"]


def test_the_results_of_many_cells_are_in_use():
    reports = Notebook(*["%%leakwatch\nshop.fresh()"] * 4).reports
    assert [it.leaks for it in reports] == [()] * 4


def test_a_variable_of_the_notebook_is_in_use():
    notebook = Notebook("%%leakwatch\nx = shop.Cart()")
    assert notebook.report.leaks == ()
    assert carts(notebook.report.in_use) == [(1, "__main__.x")]
    assert "x" in notebook.names


@pytest.mark.parametrize("cell", ["shop.leak(); shop.CARTS", "shop.leak(); shop.CARTS[-1]"])
def test_a_leak_that_is_looked_at_as_well_is_a_leak(cell):
    assert carts(Notebook(f"%%leakwatch\n{cell}").report.leaks) == [(1, "shop.CARTS[0]")]


def test_only_types_that_are_asked_for_are_judged():
    cell = "%%leakwatch shop:Line\nshop.leak(); shop.CARTS.append(shop.Line())"
    leaks = Notebook(cell).report.leaks
    assert [it.type_name for it in leaks] == ["shop.Line"]


def test_a_cell_that_raises_is_not_judged_and_the_next_one_is():
    first, second = Notebook("%%leakwatch\n1/0", "%%leakwatch\nshop.leak()").reports
    assert first.not_judged == "the cell raised ZeroDivisionError: division by zero"
    assert carts(second.leaks) == [(1, "shop.CARTS[0]")]


def test_magics_and_top_level_await_work_in_a_watched_cell():
    cell = "%%leakwatch\nimport asyncio\nawait asyncio.sleep(0)\n%time shop.leak()"
    assert carts(Notebook(cell).report.leaks) == [(1, "shop.CARTS[0]")]
