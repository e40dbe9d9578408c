/* What a walk has not reached: all of it, what nothing else there holds, and what no survivor does. */

#include "_graph_native.h"

/* Those of some candidates that were not reached, nor are in a second table, if there is one. */
static PyObject *
not_in(const HeapGraph *self, const Table *second, PyObject *candidates, Py_ssize_t most)
{
    Cursor cursor;
    PyObject *found = cursor_init(&cursor, candidates) < 0 ? NULL : PyList_New(0);
    for (PyObject *candidate; found != NULL && PyList_GET_SIZE(found) < most
                              && (candidate = cursor_next(&cursor)) != NULL;) {
        if (!is_reached(table_slot(&self->positions, candidate))
            && (second == NULL || table_slot(second, candidate)->region == 0)
            && PyList_Append(found, candidate) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}

PyObject *
graph_unreached(HeapGraph *self, PyObject *args)
{
    PyObject *candidates;
    Py_ssize_t most = PY_SSIZE_T_MAX;
    return PyArg_ParseTuple(args, "O|n", &candidates, &most) ? not_in(self, NULL, candidates, most)
                                                             : NULL;
}

/* ---- what nothing holds that was not reached either ---- */

typedef struct {
    const HeapGraph *graph;
    Table tops; /* candidates of the kinds; 1 where something holds it */
    Table own;  /* what our own objects hold */
    int failed;
} Unheld;

static int
note_own(PyObject *child, void *argument)
{
    Unheld *unheld = argument;
    Slot *slot = table_slot(&unheld->own, child);
    if (slot->region == 0 && table_put(&unheld->own, slot, child, 0) < 0) {
        unheld->failed = 1;
        return -1;
    }
    return 0;
}

static int
note_held(PyObject *child, void *argument)
{
    Unheld *unheld = argument;
    Slot *slot = table_slot(&unheld->tops, child);
    if (slot->region != 0) {
        slot->value = 1;
    }
    return 0;
}

static int
note_top(Unheld *unheld, const Table *kinds, PyObject *candidate)
{
    if (table_slot(kinds, (PyObject *)Py_TYPE(candidate))->region == 0) {
        return 0;
    }
    Slot *slot = table_slot(&unheld->tops, candidate);
    return slot->region != 0 ? 0 : table_put(&unheld->tops, slot, candidate, 0);
}

/* The candidates that were not reached are sorted by what they are, then asked what they hold. */
static int
see_unheld(Unheld *unheld, PyObject *candidates, const Table *kinds, const Table *ours)
{
    Cursor cursor;
    if (cursor_init(&cursor, candidates) < 0) {
        return -1;
    }
    for (PyObject *it; !unheld->failed && (it = cursor_next(&cursor)) != NULL;) {
        if (!is_reached(table_slot(&unheld->graph->positions, it))) {
            unheld->failed = note_top(unheld, kinds, it) < 0;
            if (table_slot(ours, (PyObject *)Py_TYPE(it))->region != 0) {
                traverse(it, note_own, unheld);
            }
        }
    }
    (void)cursor_init(&cursor, candidates);
    for (PyObject *it; !unheld->failed && (it = cursor_next(&cursor)) != NULL;) {
        if (!is_reached(table_slot(&unheld->graph->positions, it))
            && table_slot(&unheld->own, it)->region == 0) {
            traverse(it, note_held, unheld);
        }
    }
    if (unheld->failed) {
        PyErr_NoMemory();
    }
    return unheld->failed ? -1 : 0;
}

static PyObject *
list_unheld(const Unheld *unheld, PyObject *candidates)
{
    Cursor cursor;
    PyObject *found = cursor_init(&cursor, candidates) < 0 ? NULL : PyList_New(0);
    for (PyObject *it; found != NULL && (it = cursor_next(&cursor)) != NULL;) {
        const Slot *slot = table_slot(&unheld->tops, it);
        if (slot->region != 0 && !slot->value && table_slot(&unheld->own, it)->region == 0
            && PyList_Append(found, it) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}

PyObject *
graph_unheld(HeapGraph *self, PyObject *args)
{
    PyObject *candidates, *kinds, *ours, *survivors, *found = NULL;
    if (!PyArg_ParseTuple(args, "OO!O!O!", &candidates, &PyFrozenSet_Type, &kinds,
                          &PyFrozenSet_Type, &ours, &PyList_Type, &survivors)) {
        return NULL;
    }
    Unheld unheld = {.graph = self};
    Table wanted = {0}, own_types = {0};
    if (table_init(&unheld.tops, 1024) < 0 || table_init(&unheld.own, 1024) < 0
        || table_init(&wanted, 16) < 0 || table_init(&own_types, 16) < 0) {
        PyErr_NoMemory();
    }
    else if (take_types(&wanted, kinds) == 0 && take_types(&own_types, ours) == 0
             && see_unheld(&unheld, candidates, &wanted, &own_types) == 0) {
        for (Py_ssize_t i = 0; i < PyList_GET_SIZE(survivors); i++) {
            traverse(PyList_GET_ITEM(survivors, i), note_held, &unheld);
        }
        found = list_unheld(&unheld, candidates);
    }
    table_free(&unheld.tops);
    table_free(&unheld.own);
    table_free(&wanted);
    table_free(&own_types);
    return found;
}

/* ---- what not even the leaves lead to ---- */

typedef struct {
    HeapGraph *graph;
    Table seen;
    PyObject **queue; /* borrowed: nothing runs while it is filled and read */
    size_t count, room;
} Below;

static int
note_below(PyObject *child, void *argument)
{
    Below *below = argument;
    HeapGraph *graph = below->graph;
    if (graph->spent == SPENT_MEMORY || is_atom(graph, child)
        || is_reached(table_slot(&graph->positions, child))) {
        return 0;
    }
    Slot *slot = table_slot(&below->seen, child);
    if (slot->region != 0) {
        return 0;
    }
    if (below->count == below->room) {
        size_t room = below->room ? below->room * 2 : 1024;
        void *queue = PyMem_RawRealloc(below->queue, room * sizeof *below->queue);
        if (queue == NULL) {
            graph->spent = SPENT_MEMORY;
            return -1;
        }
        below->queue = queue;
        below->room = room;
    }
    if (table_put(&below->seen, slot, child, 0) < 0) {
        graph->spent = SPENT_MEMORY;
        return -1;
    }
    below->queue[below->count++] = child;
    return 0;
}

static void
see_below(Below *below)
{
    HeapGraph *graph = below->graph;
    for (uint32_t at = 0; at < graph->count; at++) {
        if (graph->is_leaf[at]) {
            traverse(graph->objects[at], note_below, below);
        }
    }
    for (size_t at = 0; at < below->count; at++) {
        if (at % CHECK_EVERY == 0 && graph_is_spent(graph)) {
            return;
        }
        if (at + AHEAD < below->count) {
            PREFETCH(below->queue[at + AHEAD]);
        }
        traverse(below->queue[at], note_below, below);
    }
}

PyObject *
graph_out_of_reach(HeapGraph *self, PyObject *args)
{
    PyObject *candidates;
    Py_ssize_t most = PY_SSIZE_T_MAX;
    Below below = {.graph = self};
    if (!PyArg_ParseTuple(args, "O|n", &candidates, &most)) {
        return NULL;
    }
    if (table_init(&below.seen, 4096) < 0) {
        return PyErr_NoMemory();
    }
    see_below(&below);
    PyObject *found = not_in(self, &below.seen, candidates, most);
    PyMem_RawFree(below.queue);
    table_free(&below.seen);
    return found;
}
