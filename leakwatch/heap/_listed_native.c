/* What is asked of many objects: counts, a choice, and what only its holder shows. */

#include "_walk_native.h"


/* ---- counting by exact type ---------------------------------------------------------------- */

typedef struct {
    PyObject *type; /* kept: a collection, while the answer is made, may free one that is garbage */
    Py_ssize_t total;
} Row;

typedef struct {
    Table numbers; /* of the rows, by type */
    Row *rows;
    uint32_t count, room;
} Census;

static Row *
census_row(Census *census, PyObject *type)
{
    Slot *slot = table_slot(&census->numbers, type);
    if (slot->region != 0) {
        return &census->rows[slot->value];
    }
    if (census->count == census->room) {
        uint32_t room = census->room ? census->room * 2 : 256;
        void *rows = PyMem_RawRealloc(census->rows, room * sizeof *census->rows);
        if (rows == NULL) {
            return NULL;
        }
        census->rows = rows;
        census->room = room;
    }
    if (table_put(&census->numbers, slot, type, census->count) < 0) {
        return NULL;
    }
    Row *row = &census->rows[census->count++];
    *row = (Row){.type = Py_NewRef(type)};
    return row;
}

static int
census_take(Census *census, PyObject *objects)
{
    Cursor cursor;
    if (cursor_init(&cursor, objects) < 0) {
        return -1;
    }
    for (PyObject *found; (found = cursor_next(&cursor)) != NULL;) {
        Row *row = census_row(census, (PyObject *)Py_TYPE(found));
        if (row == NULL) {
            PyErr_NoMemory();
            return -1;
        }
        row->total++;
    }
    return 0;
}

static PyObject *
census_list(const Census *census)
{
    PyObject *list = PyList_New(census->count);
    for (uint32_t i = 0; list != NULL && i < census->count; i++) {
        const Row *row = &census->rows[i];
        PyObject *entry = Py_BuildValue("(On)", row->type, row->total);
        if (entry == NULL) {
            Py_CLEAR(list);
            break;
        }
        PyList_SET_ITEM(list, i, entry);
    }
    return list;
}

PyObject *
census(PyObject *Py_UNUSED(module), PyObject *objects)
{
    Census census = {.count = 0};
    if (table_init(&census.numbers, 256) < 0) {
        return PyErr_NoMemory();
    }
    PyObject *list = census_take(&census, objects) < 0 ? NULL : census_list(&census);
    table_free(&census.numbers);
    for (uint32_t i = 0; i < census.count; i++) {
        Py_DECREF(census.rows[i].type);
    }
    PyMem_RawFree(census.rows);
    return list;
}


/* ---- choosing by exact type ---------------------------------------------------------------- */

int
take_types(Table *wanted, PyObject *types)
{
    PyObject *identities = PySequence_List(types);
    if (identities == NULL) {
        return -1;
    }
    int failed = 0;
    for (Py_ssize_t i = 0; !failed && i < PyList_GET_SIZE(identities); i++) {
        PyObject *type = PyLong_AsVoidPtr(PyList_GET_ITEM(identities, i));
        failed = type == NULL || table_put(wanted, table_slot(wanted, type), type, 0) < 0;
    }
    Py_DECREF(identities);
    if (failed && !PyErr_Occurred()) {
        PyErr_NoMemory();
    }
    return failed ? -1 : 0;
}

PyObject *
of_types(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *objects, *types;
    Py_ssize_t most = PY_SSIZE_T_MAX;
    Cursor cursor;
    if (!PyArg_ParseTuple(args, "OO!|n", &objects, &PyFrozenSet_Type, &types, &most)
        || cursor_init(&cursor, objects) < 0) {
        return NULL;
    }
    Table wanted;
    if (table_init(&wanted, 16) < 0) {
        return PyErr_NoMemory();
    }
    PyObject *found = take_types(&wanted, types) < 0 ? NULL : PyList_New(0);
    for (PyObject *candidate; found != NULL && PyList_GET_SIZE(found) < most
                              && (candidate = cursor_next(&cursor)) != NULL;) {
        if (table_slot(&wanted, (PyObject *)Py_TYPE(candidate))->region != 0
            && PyList_Append(found, candidate) < 0) {
            Py_CLEAR(found);
        }
    }
    table_free(&wanted);
    return found;
}


/* Whether a number is among others, which are in order. */
static int
is_in_order(const uint64_t *numbers, Py_ssize_t count, uint64_t wanted)
{
    Py_ssize_t low = 0, high = count;
    while (low < high) {
        Py_ssize_t middle = low + (high - low) / 2;
        if (numbers[middle] < wanted) {
            low = middle + 1;
        }
        else {
            high = middle;
        }
    }
    return low < count && numbers[low] == wanted;
}

PyObject *
of_other_types(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *objects, *types;
    Cursor cursor;
    if (!PyArg_ParseTuple(args, "OO!", &objects, &PyBytes_Type, &types)
        || cursor_init(&cursor, objects) < 0) {
        return NULL;
    }
    const uint64_t *known = (const uint64_t *)(const void *)PyBytes_AS_STRING(types);
    Py_ssize_t count = PyBytes_GET_SIZE(types) / (Py_ssize_t)sizeof *known;
    PyObject *found = PyList_New(0);
    for (PyObject *candidate; found != NULL && (candidate = cursor_next(&cursor)) != NULL;) {
        if (!is_in_order(known, count, (uint64_t)(uintptr_t)Py_TYPE(candidate))
            && PyList_Append(found, candidate) < 0) {
            Py_CLEAR(found);
        }
    }
    return found;
}


/* ---- choosing by address and exact type ---------------------------------------------------- */

typedef struct {
    Table numbers; /* by address */
    PyObject **types; /* by number; only compared, never entered */
} Kinds;

static int
kinds_put(Kinds *kinds, PyObject *address, PyObject *type)
{
    PyObject *key = PyLong_AsVoidPtr(address);
    PyObject *kind = PyLong_AsVoidPtr(type);
    if (PyErr_Occurred()) {
        return -1;
    }
    uint32_t number = (uint32_t)kinds->numbers.used;
    if (key == NULL || table_put(&kinds->numbers, table_slot(&kinds->numbers, key), key, number) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    kinds->types[number] = kind;
    return 0;
}

static void
kinds_free(Kinds *kinds)
{
    table_free(&kinds->numbers);
    PyMem_RawFree(kinds->types);
}

static int
kinds_init(Kinds *kinds, PyObject *types)
{
    kinds->types = PyMem_RawCalloc((size_t)PyDict_GET_SIZE(types) + 1, sizeof *kinds->types);
    if (table_init(&kinds->numbers, 16) < 0 || kinds->types == NULL) {
        kinds_free(kinds);
        PyErr_NoMemory();
        return -1;
    }
    PyObject *address, *type;
    for (Py_ssize_t at = 0; PyDict_Next(types, &at, &address, &type);) {
        if (kinds_put(kinds, address, type) < 0) {
            kinds_free(kinds);
            return -1;
        }
    }
    return 0;
}

static int
kinds_have(const Kinds *kinds, PyObject *found)
{
    const Slot *slot = table_slot(&kinds->numbers, found);
    return slot->region != 0 && kinds->types[slot->value] == (PyObject *)Py_TYPE(found);
}

PyObject *
of_kinds(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *objects, *types;
    Cursor cursor;
    if (!PyArg_ParseTuple(args, "OO!", &objects, &PyDict_Type, &types)
        || cursor_init(&cursor, objects) < 0) {
        return NULL;
    }
    Kinds kinds;
    if (kinds_init(&kinds, types) < 0) {
        return NULL;
    }
    PyObject *found = PyList_New(0);
    for (PyObject *candidate; found != NULL && (candidate = cursor_next(&cursor)) != NULL;) {
        if (kinds_have(&kinds, candidate) && PyList_Append(found, candidate) < 0) {
            Py_CLEAR(found);
        }
    }
    kinds_free(&kinds);
    return found;
}


/* ---- containers that the collector does not know ------------------------------------------- */

typedef struct {
    Table seen;
    PyObject *found;
} Containers;

/* The list makes room without an object of the collector's: the tp_traverse is not disturbed. */
static int
note_untracked(PyObject *child, void *argument)
{
    Containers *containers = argument;
    int is_one = PyDict_CheckExact(child) || PyByteArray_CheckExact(child);
    if (!is_one || PyObject_GC_IsTracked(child)) {
        return 0;
    }
    Slot *slot = table_slot(&containers->seen, child);
    if (slot->region != 0) {
        return 0;
    }
    if (table_put(&containers->seen, slot, child, 0) < 0) {
        PyErr_NoMemory();
        return -1;
    }
    return PyList_Append(containers->found, child);
}

PyObject *
untracked_containers(PyObject *Py_UNUSED(module), PyObject *holders)
{
    Cursor cursor;
    if (cursor_init(&cursor, holders) < 0) {
        return NULL;
    }
    Containers containers = {.found = PyList_New(0)};
    if (containers.found == NULL) {
        return NULL;
    }
    if (table_init(&containers.seen, 256) < 0) {
        Py_DECREF(containers.found);
        return PyErr_NoMemory();
    }
    for (PyObject *holder; !PyErr_Occurred() && (holder = cursor_next(&cursor)) != NULL;) {
        traverse(holder, note_untracked, &containers);
    }
    table_free(&containers.seen);
    if (PyErr_Occurred()) {
        Py_CLEAR(containers.found);
    }
    return containers.found;
}
