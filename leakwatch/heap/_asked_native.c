/* What a graph says of single objects, of kinds of them, and of the constants of functions. */

#include "_graph_native.h"

PyObject *
graph_position_of(HeapGraph *self, PyObject *wanted)
{
    const Slot *slot = table_slot(&self->positions, wanted);
    if (!is_reached(slot)) {
        Py_RETURN_NONE;
    }
    return PyLong_FromUnsignedLong(position_in(slot));
}

PyObject *
graph_object_at(HeapGraph *self, PyObject *argument)
{
    long long position = PyLong_AsLongLong(argument);
    if (PyErr_Occurred() || graph_check_position(self, position) < 0) {
        return NULL;
    }
    PyObject *found = self->objects[position];
    /* In a graph that borrows: one of ours, which went since; a count of 0 would free it again. */
    return Py_NewRef(Py_REFCNT(found) > 0 ? found : Py_None);
}

PyObject *
graph_parent_of(HeapGraph *self, PyObject *argument)
{
    long long position = PyLong_AsLongLong(argument);
    if (PyErr_Occurred() || graph_check_position(self, position) < 0) {
        return NULL;
    }
    return PyLong_FromLong(self->parents[position]);
}

static int
compare_holdings(const void *one, const void *other)
{
    const Holding *a = one, *b = other;
    if (a->leaf != b->leaf) {
        return a->leaf < b->leaf ? -1 : 1;
    }
    return a->holder < b->holder ? -1 : a->holder > b->holder;
}

/* The first noted holding of a leaf; they are put in order when somebody asks. */
static uint32_t
first_holding(HeapGraph *self, uint32_t leaf)
{
    if (self->holders_in_order != self->holder_count) {
        qsort(self->holders, self->holder_count, sizeof *self->holders, compare_holdings);
        self->holders_in_order = self->holder_count;
    }
    uint32_t low = 0, high = self->holder_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (self->holders[middle].leaf < leaf) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low;
}

PyObject *
graph_other_holders(HeapGraph *self, PyObject *argument)
{
    long long leaf = PyLong_AsLongLong(argument);
    if (PyErr_Occurred() || graph_check_position(self, leaf) < 0) {
        return NULL;
    }
    PyObject *found = PyList_New(0);
    uint32_t at = self->is_leaf[leaf] > 1 ? first_holding(self, (uint32_t)leaf) : UINT32_MAX;
    for (; found != NULL && at < self->holder_count && self->holders[at].leaf == leaf; at++) {
        PyObject *holder = PyLong_FromLong(self->holders[at].holder);
        if (holder == NULL || PyList_Append(found, holder) < 0) {
            Py_CLEAR(found);
        }
        Py_XDECREF(holder);
    }
    return found;
}

PyObject *
graph_leaves_from(HeapGraph *self, PyObject *argument)
{
    unsigned long first = PyLong_AsUnsignedLong(argument);
    PyObject *found = PyErr_Occurred() ? NULL : PyList_New(0);
    if (found == NULL) {
        return NULL;
    }
    for (unsigned long at = first; at < self->count; at++) {
        if (self->is_leaf[at]) {
            PyObject *position = PyLong_FromUnsignedLong(at);
            if (position == NULL || PyList_Append(found, position) < 0) {
                Py_XDECREF(position);
                Py_DECREF(found);
                return NULL;
            }
            Py_DECREF(position);
        }
    }
    return found;
}

/* Whether objects of each number may be of a wanted type. */
static char *
wanted_kinds(const HeapGraph *self, const Table *wanted)
{
    char *kinds = PyMem_RawCalloc(ANY_KIND + 1, 1);
    if (kinds != NULL) {
        kinds[ANY_KIND] = 1;
    }
    for (size_t at = 0; kinds != NULL && at < wanted->size; at++) {
        if (wanted->slots[at].region != 0) {
            const Slot *slot = table_slot(&self->types, table_key(wanted, &wanted->slots[at]));
            kinds[slot->region != 0 ? slot->value : ANY_KIND] = 1;
        }
    }
    return kinds;
}

static PyObject *
positions_of(const HeapGraph *self, const Table *wanted, uint32_t first)
{
    char *kinds = wanted_kinds(self, wanted);
    PyObject *found = kinds == NULL ? PyErr_NoMemory() : PyList_New(0);
    for (uint32_t at = first; found != NULL && at < self->count; at++) {
        /* What it was when it was reached says where to look; what it is counts. */
        if (kinds[self->kinds[at]]
            && table_slot(wanted, (PyObject *)Py_TYPE(self->objects[at]))->region != 0) {
            PyObject *position = PyLong_FromUnsignedLong(at);
            if (position == NULL || PyList_Append(found, position) < 0) {
                Py_CLEAR(found);
            }
            Py_XDECREF(position);
        }
    }
    PyMem_RawFree(kinds);
    return found;
}

PyObject *
graph_kinds_from(HeapGraph *self, PyObject *args)
{
    unsigned int first;
    PyObject *types;
    Table wanted;
    if (!PyArg_ParseTuple(args, "IO!", &first, &PyFrozenSet_Type, &types)) {
        return NULL;
    }
    if (table_init(&wanted, 16) < 0) {
        return PyErr_NoMemory();
    }
    PyObject *found = take_types(&wanted, types) < 0 ? NULL : positions_of(self, &wanted, first);
    table_free(&wanted);
    return found;
}

/* ---- what the code of functions holds ---- */

static int note_constants(const HeapGraph *self, PyObject *code, uint32_t position, PyObject *found);

static int
note_tuple(const HeapGraph *self, PyObject *held, uint32_t position, PyObject *found)
{
    if (!PyObject_GC_IsTracked(held) || is_reached(table_slot(&self->positions, held))) {
        return 0;
    }
    PyObject *edge = Py_BuildValue("(kO)", (unsigned long)position, held);
    int failed = edge == NULL ? -1 : PyList_Append(found, edge);
    Py_XDECREF(edge);
    return failed;
}

static int
note_constants_within(const HeapGraph *self, PyObject *consts, uint32_t position, PyObject *found)
{
    int failed = 0;
    for (Py_ssize_t i = 0; !failed && i < PyTuple_GET_SIZE(consts); i++) {
        if (PyCode_Check(PyTuple_GET_ITEM(consts, i))) {
            failed = note_constants(self, PyTuple_GET_ITEM(consts, i), position, found);
        }
    }
    return failed;
}

/* Code in code is as deep as functions in functions are: the compiler limits that. */
static int
note_constants(const HeapGraph *self, PyObject *code, uint32_t position, PyObject *found)
{
    PyObject *consts = ((PyCodeObject *)code)->co_consts, *names = ((PyCodeObject *)code)->co_names;
    if (note_tuple(self, consts, position, found) < 0
        || note_tuple(self, names, position, found) < 0) {
        return -1;
    }
    return note_constants_within(self, consts, position, found);
}

PyObject *
graph_code_constants(HeapGraph *self, PyObject *candidates)
{
    Cursor cursor;
    PyObject *found = cursor_init(&cursor, candidates) < 0 ? NULL : PyList_New(0);
    for (PyObject *holder; found != NULL && (holder = cursor_next(&cursor)) != NULL;) {
        if (Py_TYPE(holder) != &PyFunction_Type) {
            continue;
        }
        const Slot *slot = table_slot(&self->positions, holder);
        if (is_reached(slot)
            && note_constants(self, PyFunction_GET_CODE(holder), position_in(slot), found) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}
