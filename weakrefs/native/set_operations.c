/* The hot operations of WeakSet; set_operations.py says what is right. */

#include "native.h"

/* A dead reference equals only itself, so this runs no `__eq__` of an element. */
static PyObject *remove_dead(PyObject *remover, PyObject *const *args, size_t nargsf,
                             PyObject *names)
{
    (void)names;
    PyObject *data = remover_data(remover);
    int found = data && PyVectorcall_NARGS(nargsf) == 1 ? PySet_Discard(data, args[0]) : 0;
    Py_XDECREF(data);
    return found < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *start(PyObject *self, PyObject *unused)
{
    (void)unused;
    return container_start((Container *)self, PySet_New(NULL), remove_dead);
}

static int contains(PyObject *self, PyObject *item)
{
    PyObject *item_ref;
    int found = look_up_ref(item, &item_ref);
    if (found <= 0)
        return found;
    PyObject *data = container_data((Container *)self);
    found = data ? PySet_Contains(data, item_ref) : -1;
    Py_XDECREF(data);
    Py_DECREF(item_ref);
    return found;
}

static int add_one(Container *self, PyObject *item)
{
    PyObject *data = container_data(self);
    PyObject *item_ref = data ? own_ref(self, item) : NULL;
    int failed = item_ref == NULL || PySet_Add(data, item_ref) < 0;
    if (failed && PyErr_ExceptionMatches(PyExc_TypeError))
        explain_type_error(item);
    Py_XDECREF(item_ref);
    Py_XDECREF(data);
    return failed ? -1 : 0;
}

static PyObject *add(PyObject *self, PyObject *item)
{
    return add_one((Container *)self, item) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *add_refs(PyObject *self, PyObject *items)
{
    return for_each(items, add_one, (Container *)self) < 0 ? NULL : Py_NewRef(Py_None);
}

/* Remove `item`: 1 if it was there, 0 if not, with a KeyError if it had to be, -1 on an error. */
static int take_out(PyObject *self, PyObject *item, int required)
{
    PyObject *item_ref = PyWeakref_NewRef(item, NULL);
    PyObject *data = item_ref ? container_data((Container *)self) : NULL;
    int found = data ? PySet_Discard(data, item_ref) : -1;
    if (found == 0 && required)
        set_key_error(item_ref);
    Py_XDECREF(data);
    Py_XDECREF(item_ref);
    return found;
}

static PyObject *discard(PyObject *self, PyObject *item)
{
    return take_out(self, item, 0) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *remove_item(PyObject *self, PyObject *item)
{
    return take_out(self, item, 1) <= 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *pop(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *data = container_data((Container *)self), *item = NULL;
    while (data != NULL && item == NULL && PySet_GET_SIZE(data) > 0) {
        PyObject *item_ref = PySet_Pop(data);
        item = item_ref ? living(item_ref) : NULL;
        Py_XDECREF(item_ref);
        if (item == NULL && PyErr_Occurred())
            break;
    }
    if (item == NULL && !PyErr_Occurred())
        PyErr_SetString(PyExc_KeyError, "pop from empty WeakSet");
    Py_XDECREF(data);
    return item;
}

/* One step: a list grows without making an object, so no collection comes in between. */
static PyObject *iterate(PyObject *self)
{
    return living_new((Container *)self, PySequence_List, REFERENT);
}

static PyMethodDef methods[] = {
    METHOD("_start", start, METH_NOARGS, NULL),
    METHOD("_add_refs", add_refs, METH_O, NULL),
    METHOD("add", add, METH_O,
           "add($self, item, /)\n--\n\n"
           "Add `item`, unless an equal one is there.\n\n"
           "Raises:\n    TypeError: `item` cannot be weakly referenced, or not hashed."),
    METHOD("discard", discard, METH_O,
           "discard($self, item, /)\n--\n\n"
           "Remove `item` if it is there.\n\n"
           "Raises:\n    TypeError: `item` cannot be weakly referenced, or not hashed."),
    METHOD("remove", remove_item, METH_O,
           "remove($self, item, /)\n--\n\n"
           "Remove `item`.\n\n"
           "Raises:\n    KeyError: it is not there.\n"
           "    TypeError: `item` cannot be weakly referenced, or not hashed."),
    METHOD("pop", pop, METH_NOARGS,
           "pop($self, /)\n--\n\n"
           "Remove and return any living element.\n\n"
           "Raises:\n    KeyError: the set is empty."),
    {NULL, NULL, 0, NULL},
};

static PySequenceMethods as_sequence = {
    .sq_length = container_length,
    .sq_contains = contains,
};

PyTypeObject SetOperations_Type = {
    CONTAINER_TYPE("SetOperations"),
    .tp_as_sequence = &as_sequence,
    .tp_iter = iterate,
    .tp_methods = methods,
};
