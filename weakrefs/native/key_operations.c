/* The hot operations of WeakKeyDictionary; key_operations.py says what is right. */

#include "native.h"

/* A dead reference equals only itself, so this runs no `__eq__` of a key. */
static PyObject *remove_key(PyObject *remover, PyObject *const *args, size_t nargsf,
                            PyObject *names)
{
    (void)names;
    PyObject *data = remover_data(remover), *value = NULL;
    int found = data && PyVectorcall_NARGS(nargsf) == 1 ? dict_pop(data, args[0], &value) : 0;
    Py_XDECREF(value);
    Py_XDECREF(data);
    return found < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *start(PyObject *self, PyObject *unused)
{
    (void)unused;
    return container_start((Container *)self, PyDict_New(), remove_key);
}

/* Return a new reference to the value of `key_ref`, or NULL, with an exception only if a key
   raised. The reference to `key_ref` is borrowed, and may be NULL after an exception. */
static PyObject *look_up(PyObject *self, PyObject *key_ref)
{
    PyObject *data = key_ref ? container_data((Container *)self) : NULL;
    PyObject *value = NULL;
    if (data != NULL)
        dict_get(data, key_ref, &value);
    Py_XDECREF(data);
    return value;
}

static PyObject *getitem(PyObject *self, PyObject *key)
{
    PyObject *key_ref = PyWeakref_NewRef(key, NULL);
    PyObject *value = look_up(self, key_ref);
    if (value == NULL && !PyErr_Occurred())
        set_key_error(key_ref);
    Py_XDECREF(key_ref);
    return value;
}

static int contains(PyObject *self, PyObject *key)
{
    PyObject *key_ref;
    int found = look_up_ref(key, &key_ref);
    if (found <= 0)
        return found;
    PyObject *data = container_data((Container *)self);
    found = data ? PyDict_Contains(data, key_ref) : -1;
    Py_XDECREF(data);
    Py_DECREF(key_ref);
    return found;
}

static PyObject *get(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *key, *fallback;
    if (key_and_default("get", 1, args, count, names, &key, &fallback) < 0)
        return NULL;
    PyObject *key_ref = PyWeakref_NewRef(key, NULL);
    PyObject *value = look_up(self, key_ref);
    Py_XDECREF(key_ref);
    if (value == NULL && !PyErr_Occurred())
        value = Py_NewRef(fallback ? fallback : Py_None);
    return value;
}

static int set(Container *self, PyObject *key, PyObject *value)
{
    PyObject *data = container_data(self);
    PyObject *key_ref = data ? own_ref(self, key) : NULL;
    int failed = key_ref == NULL || PyDict_SetItem(data, key_ref, value) < 0;
    if (failed && PyErr_ExceptionMatches(PyExc_TypeError))
        explain_type_error(key);
    Py_XDECREF(key_ref);
    Py_XDECREF(data);
    return failed ? -1 : 0;
}

static int set_or_delete(PyObject *self, PyObject *key, PyObject *value)
{
    if (value != NULL)
        return set((Container *)self, key, value);
    PyObject *key_ref = PyWeakref_NewRef(key, NULL);
    PyObject *data = key_ref ? container_data((Container *)self) : NULL;
    int failed = data == NULL || PyDict_DelItem(data, key_ref) < 0;
    Py_XDECREF(data);
    Py_XDECREF(key_ref);
    return failed ? -1 : 0;
}

static int set_one(Container *self, PyObject *item)
{
    PyObject *key, *value;
    if (unpack_pair(item, &key, &value) < 0)
        return -1;
    int result = set(self, key, value);
    Py_DECREF(key);
    Py_DECREF(value);
    return result;
}

static PyObject *set_all(PyObject *self, PyObject *items)
{
    return for_each(items, set_one, (Container *)self) < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *setdefault(PyObject *self, PyObject *const *args, Py_ssize_t count,
                            PyObject *names)
{
    PyObject *key, *value;
    if (key_and_default("setdefault", 1, args, count, names, &key, &value) < 0)
        return NULL;
    PyObject *data = container_data((Container *)self);
    PyObject *key_ref = data ? own_ref((Container *)self, key) : NULL;
    PyObject *found = key_ref ? dict_set_default(data, key_ref, value ? value : Py_None) : NULL;
    if (found == NULL && PyErr_ExceptionMatches(PyExc_TypeError))
        explain_type_error(key);
    Py_XDECREF(key_ref);
    Py_XDECREF(data);
    return found;
}

static PyObject *pop(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *key, *fallback, *value = NULL;
    if (key_and_default("pop", 1, args, count, names, &key, &fallback) < 0)
        return NULL;
    PyObject *key_ref = PyWeakref_NewRef(key, NULL);
    PyObject *data = key_ref ? container_data((Container *)self) : NULL;
    if (data != NULL && dict_pop(data, key_ref, &value) == 0) {
        value = Py_XNewRef(fallback);
        if (fallback == NULL)
            set_key_error(key_ref);
    }
    Py_XDECREF(data);
    Py_XDECREF(key_ref);
    return value;
}

static PyObject *popitem(PyObject *self, PyObject *unused)
{
    (void)unused;
    return pop_living_pair(self, 0);
}

static PyObject *iterate(PyObject *self)
{
    return living_new((Container *)self, PyDict_Keys, REFERENT);
}

static PyObject *values(PyObject *self, PyObject *unused)
{
    (void)unused;
    return living_new((Container *)self, dict_flat, VALUE);
}

static PyObject *items(PyObject *self, PyObject *unused)
{
    (void)unused;
    return living_new((Container *)self, dict_flat, REFERENT_AND_VALUE);
}

static PyObject *keyrefs(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *data = container_data((Container *)self);
    PyObject *refs = data ? PyDict_Keys(data) : NULL;
    Py_XDECREF(data);
    return refs;
}

static PyMethodDef methods[] = {
    METHOD("_start", start, METH_NOARGS, NULL),
    METHOD("_set_all", set_all, METH_O, NULL),
    METHOD("get", get, WITH_KEYWORDS,
           "get($self, /, key, default=None)\n--\n\n"
           "Return the value of `key`, or `default`.\n\n"
           "Raises:\n    TypeError: `key` cannot be weakly referenced, or not hashed."),
    METHOD("setdefault", setdefault, WITH_KEYWORDS,
           "setdefault($self, /, key, default=None)\n--\n\n"
           "Return the value of `key`; when there is none, make it `default`. One atomic step.\n\n"
           "Raises:\n    TypeError: `key` cannot be weakly referenced, or not hashed."),
    METHOD("pop", pop, WITH_KEYWORDS,
           "Remove `key` and return its value, or `default` if there is none.\n\n"
           "Raises:\n    KeyError: no such key and no default.\n"
           "    TypeError: `key` cannot be weakly referenced, or not hashed."),
    METHOD("popitem", popitem, METH_NOARGS,
           "popitem($self, /)\n--\n\n"
           "Remove and return the newest pair whose key is alive.\n\n"
           "Raises:\n    KeyError: the mapping is empty."),
    METHOD("values", values, METH_NOARGS,
           "values($self, /)\n--\n\nReturn an iterator over the values whose key is alive."),
    METHOD("items", items, METH_NOARGS,
           "items($self, /)\n--\n\nReturn an iterator over pairs of living key and value."),
    METHOD("keyrefs", keyrefs, METH_NOARGS,
           "keyrefs($self, /)\n--\n\n"
           "Return a list of the references to the keys; a reference may be dead when used."),
    {NULL, NULL, 0, NULL},
};

static PyMappingMethods as_mapping = {
    .mp_length = container_length,
    .mp_subscript = getitem,
    .mp_ass_subscript = set_or_delete,
};

static PySequenceMethods as_sequence = {.sq_contains = contains};

PyTypeObject KeyOperations_Type = {
    CONTAINER_TYPE("KeyOperations"),
    .tp_as_mapping = &as_mapping,
    .tp_as_sequence = &as_sequence,
    .tp_iter = iterate,
    .tp_methods = methods,
};
