"""`LW122` is said only where the value does lead to its key."""

import weakref

import pytest

import leakwatch
import weakrefs

ALIVE = []
EDITORS = {kind: kind() for kind in (weakref.WeakKeyDictionary, weakrefs.WeakKeyDictionary)}


class Document: ...


class Editor:
    def __init__(self, document=None):
        self.document = document


@pytest.fixture(autouse=True)
def _empty():
    yield
    ALIVE.clear()
    for editors in EDITORS.values():
        editors.clear()


@pytest.mark.parametrize("kind", EDITORS)
def test_a_value_that_leads_to_its_key_is_the_cause(kind):
    editors = EDITORS[kind]

    def work():
        document = Document()
        editors[document] = [Editor(document)]

    (leak,) = leakwatch.hunt(work, runs=4).leaks
    assert leak.pattern.code == "LW122"


@pytest.mark.parametrize("kind", EDITORS)
def test_where_the_key_is_held_elsewhere_it_is_not(kind):
    editors = EDITORS[kind]

    def work():
        document = Document()
        ALIVE.append(document)
        editors[document] = Editor()

    leaks = leakwatch.hunt(work, runs=4).leaks
    assert {leak.pattern.code for leak in leaks} == {"LW101"}


@pytest.mark.parametrize("kind", EDITORS)
def test_a_class_is_kept_as_a_key_by_an_instance_behind_the_value(kind):
    editors = EDITORS[kind]

    def work():
        class Draft(Document): ...

        editors[Draft] = {"open": Editor([Draft()])}

    (leak,) = leakwatch.hunt(work, runs=4).leaks
    assert leak.pattern.code == "LW122"


@pytest.mark.parametrize("kind", EDITORS)
def test_a_function_made_at_run_time_leads_to_what_it_has_captured(kind):
    editors = EDITORS[kind]

    def work():
        document = Document()
        editors[document] = [Editor(lambda: document)]

    (leak,) = leakwatch.hunt(work, runs=4).leaks
    assert leak.pattern.code == "LW122"


@pytest.mark.parametrize("kind", EDITORS)
def test_a_class_that_its_module_names_is_no_key_to_be_freed(kind):
    editors = EDITORS[kind]
    editors[Document] = []

    def work():
        editors[Document].append(Editor(Document()))

    (leak,) = leakwatch.hunt(work, runs=4).leaks
    assert leak.pattern.code == "LW101"
