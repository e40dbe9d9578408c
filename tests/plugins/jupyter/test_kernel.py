"""The magic in a real kernel, as a notebook runs it: with an event loop, and threads of its own."""

import nbformat
import pytest
from nbclient import NotebookClient

from tests.heaps import PLUGINS, environment

CELLS = [
    "%load_ext leakwatch_jupyter",
    "class Cart: pass\nCARTS = []",
    "%%leakwatch\nCARTS.append(Cart())",
    "%%leakwatch\nCart()",
    "%%leakwatch\nimport asyncio\nprint(await asyncio.sleep(0.01, 1))",
]


@pytest.fixture(scope="module")
def outputs():
    """What each cell showed, by kind."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(it) for it in CELLS])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(PLUGINS, "jupyter,html")
        for name, value in environment().items():
            patch.setenv(name, value)
        NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return [[it.get("data", it) for it in cell.outputs] for cell in notebook.cells]


def test_a_leak_of_a_cell_is_shown_as_text_and_as_a_table(outputs):
    (shown,) = outputs[2]
    assert "1 __main__.Cart is held by __main__.CARTS[0]" in shown["text/plain"]
    assert "<code>" in shown["text/html"]


def test_a_result_of_a_cell_is_in_use(outputs):
    shown = outputs[3][-1]
    assert shown["text/plain"].startswith("leakwatch: no leaks")
    assert "in use: 1 __main__.Cart is held by IPython's Out: [4]" in shown["text/plain"]


def test_a_cell_that_prints_and_awaits_leaves_nothing(outputs):
    assert outputs[4][0]["text"] == "1\n"
    assert outputs[4][-1]["text/plain"].startswith("leakwatch: no leaks")
