/* Some objects of a graph in groups by their types, with the values that only they hold. */

#include "_graph_native.h"

/* ---- groups of objects by exact type ------------------------------------------------------- */

typedef struct {
    Table numbers; /* of the groups, by type */
    PyObject *lists;
} Groups;

static int
groups_init(Groups *groups)
{
    groups->lists = PyList_New(0);
    if (groups->lists == NULL) {
        return -1;
    }
    if (table_init(&groups->numbers, 16) < 0) {
        Py_CLEAR(groups->lists);
        PyErr_NoMemory();
        return -1;
    }
    return 0;
}

static int
groups_new(Groups *groups, Slot *slot, PyObject *type)
{
    PyObject *list = PyList_New(0);
    if (list == NULL) {
        return -1;
    }
    uint32_t number = (uint32_t)PyList_GET_SIZE(groups->lists);
    int failed = PyList_Append(groups->lists, list);
    Py_DECREF(list);
    if (!failed && table_put(&groups->numbers, slot, type, number) < 0) {
        PyErr_NoMemory();
        failed = -1;
    }
    return failed;
}

static int
groups_add(Groups *groups, PyObject *found)
{
    PyObject *type = (PyObject *)Py_TYPE(found);
    Slot *slot = table_slot(&groups->numbers, type);
    if (slot->region == 0) {
        if (groups_new(groups, slot, type) < 0) {
            return -1;
        }
        slot = table_slot(&groups->numbers, type);
    }
    return PyList_Append(PyList_GET_ITEM(groups->lists, slot->value), found);
}

/* The lists; NULL with an error set if something has failed. */
static PyObject *
groups_finish(Groups *groups, int failed)
{
    table_free(&groups->numbers);
    if (failed) {
        Py_CLEAR(groups->lists);
    }
    return groups->lists;
}

/* ---- what a survivor owns ---- */

typedef struct {
    const HeapGraph *graph;
    PyObject **items; /* borrowed: their holder is held, and nothing runs meanwhile */
    size_t count, room;
} Atoms;

static int
note_atom(PyObject *child, void *argument)
{
    Atoms *atoms = argument;
    if (Py_REFCNT(child) != 1 || !is_atom(atoms->graph, child)) {
        return 0;
    }
    if (atoms->count == atoms->room) {
        size_t room = atoms->room ? atoms->room * 2 : 64;
        void *items = PyMem_RawRealloc(atoms->items, room * sizeof *atoms->items);
        if (items == NULL) {
            return -1;
        }
        atoms->items = items;
        atoms->room = room;
    }
    atoms->items[atoms->count++] = child;
    return 0;
}

static int
add_member(const HeapGraph *self, uint32_t position, Groups *groups, Atoms *atoms)
{
    traverse(self->objects[position], note_atom, atoms);
    return groups_add(groups, self->objects[position]);
}

PyObject *
graph_owned(HeapGraph *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"positions", "first", "with_leaves", NULL};
    PyObject *positions;
    unsigned int first;
    int with_leaves;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O!I$p", names, &PyList_Type, &positions,
                                     &first, &with_leaves)) {
        return NULL;
    }
    Groups groups;
    if (groups_init(&groups) < 0) {
        return NULL;
    }
    Atoms atoms = {.graph = self};
    int failed = 0;
    for (Py_ssize_t i = 0; !failed && i < PyList_GET_SIZE(positions); i++) {
        long position = PyLong_AsLong(PyList_GET_ITEM(positions, i));
        failed = PyErr_Occurred() || graph_check_position(self, position) < 0
                 || add_member(self, (uint32_t)position, &groups, &atoms);
    }
    for (uint32_t at = first; !failed && at < self->count; at++) {
        if (with_leaves || !self->is_leaf[at]) {
            failed = add_member(self, at, &groups, &atoms);
        }
    }
    for (size_t i = 0; !failed && i < atoms.count; i++) {
        failed = groups_add(&groups, atoms.items[i]);
    }
    PyMem_RawFree(atoms.items);
    return groups_finish(&groups, failed);
}
