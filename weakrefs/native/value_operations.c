/* The hot operations of WeakValueDictionary; value_operations.py says what is right. */

#include "native.h"

static PyObject *remove_value(PyObject *remover, PyObject *const *args, size_t nargsf,
                              PyObject *names)
{
    (void)names;
    if (PyVectorcall_NARGS(nargsf) != 1) {
        PyErr_SetString(PyExc_TypeError, "expected one argument, the dead reference");
        return NULL;
    }
    PyObject *data = remover_data(remover);
    if (data == NULL)
        Py_RETURN_NONE;
    PyObject *key = entry_key(args[0]);
    int failed = key == NULL || remove_if_dead(data, key) < 0;
    Py_XDECREF(key);
    Py_DECREF(data);
    return failed ? NULL : Py_NewRef(Py_None);
}

static PyObject *start(PyObject *self, PyObject *unused)
{
    (void)unused;
    return container_start((Container *)self, PyDict_New(), remove_value);
}

/* Return a new reference to the living value, or NULL, with an exception only if `key` raised. */
static PyObject *look_up(PyObject *self, PyObject *key)
{
    PyObject *data = container_data((Container *)self);
    PyObject *entry = NULL;
    if (data != NULL)
        dict_get(data, key, &entry);
    PyObject *value = entry ? living(entry) : NULL;
    Py_XDECREF(entry);
    Py_XDECREF(data);
    return value;
}

static PyObject *getitem(PyObject *self, PyObject *key)
{
    PyObject *value = look_up(self, key);
    if (value == NULL && !PyErr_Occurred())
        set_key_error(key);
    return value;
}

static int contains(PyObject *self, PyObject *key)
{
    PyObject *value = look_up(self, key);
    if (value == NULL)
        return PyErr_Occurred() ? -1 : 0;
    Py_DECREF(value);
    return 1;
}

static PyObject *get(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *key, *fallback;
    if (key_and_default("get", 1, args, count, names, &key, &fallback) < 0)
        return NULL;
    PyObject *value = look_up(self, key);
    if (value == NULL && !PyErr_Occurred())
        value = Py_NewRef(fallback ? fallback : Py_None);
    return value;
}

/* A dict keeps the first of equal keys; the entry names the one that the dict keeps. */
static int name_kept_key(PyObject *data, PyObject *key, PyObject *entry)
{
    PyObject *old;
    int found = dict_get(data, key, &old);
    if (found <= 0)
        return found;
    found = entry_set_key(entry, entry_key(old));
    Py_DECREF(old);
    return found;
}

static int set(Container *self, PyObject *key, PyObject *value)
{
    PyObject *data = container_data(self);
    PyObject *entry = data ? keyed_ref(self, key, value) : NULL;
    int failed = entry == NULL || name_kept_key(data, key, entry) < 0
                 || PyDict_SetItem(data, key, entry) < 0;
    Py_XDECREF(entry);
    Py_XDECREF(data);
    return failed ? -1 : 0;
}

static int set_or_delete(PyObject *self, PyObject *key, PyObject *value)
{
    if (value != NULL)
        return set((Container *)self, key, value);
    PyObject *data = container_data((Container *)self);
    int failed = data == NULL || PyDict_DelItem(data, key) < 0;
    Py_XDECREF(data);
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

/* Return the living value of `key` after offering `entry`; a dead one found there gives way. */
static PyObject *offer(PyObject *data, PyObject *key, PyObject *entry)
{
    PyObject *winner, *value;
    while ((winner = dict_set_default(data, key, entry)) != NULL) {
        value = living(winner);
        Py_DECREF(winner);
        if (value != NULL)
            return value;
        if (remove_if_dead(data, key) < 0)
            break;
    }
    return NULL;
}

static PyObject *setdefault(PyObject *self, PyObject *const *args, Py_ssize_t count,
                            PyObject *names)
{
    PyObject *key, *value;
    if (key_and_default("setdefault", 2, args, count, names, &key, &value) < 0)
        return NULL;
    PyObject *found = look_up(self, key);
    if (found != NULL || PyErr_Occurred())
        return found;
    PyObject *data = container_data((Container *)self);
    PyObject *entry = data ? keyed_ref((Container *)self, key, value) : NULL;
    found = entry ? offer(data, key, entry) : NULL;
    Py_XDECREF(entry);
    Py_XDECREF(data);
    return found;
}

static PyObject *take(PyObject *self, PyObject *key)
{
    PyObject *data = container_data((Container *)self), *entry = NULL, *value = NULL;
    if (data != NULL && dict_pop(data, key, &entry) > 0)
        value = living(entry);
    Py_XDECREF(entry);
    Py_XDECREF(data);
    return value;
}

static PyObject *pop(PyObject *self, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    PyObject *key, *fallback;
    if (key_and_default("pop", 1, args, count, names, &key, &fallback) < 0)
        return NULL;
    PyObject *value = take(self, key);
    if (value != NULL || PyErr_Occurred())
        return value;
    if (fallback == NULL)
        set_key_error(key);
    return Py_XNewRef(fallback);
}

static PyObject *popitem(PyObject *self, PyObject *unused)
{
    (void)unused;
    return pop_living_pair(self, 1);
}

static PyObject *iterate(PyObject *self)
{
    return living_new((Container *)self, PyDict_Values, KEY);
}

static PyObject *values(PyObject *self, PyObject *unused)
{
    (void)unused;
    return living_new((Container *)self, PyDict_Values, REFERENT);
}

static PyObject *items(PyObject *self, PyObject *unused)
{
    (void)unused;
    return living_new((Container *)self, PyDict_Values, KEY_AND_REFERENT);
}

static PyObject *valuerefs(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *data = container_data((Container *)self);
    PyObject *refs = data ? PyDict_Values(data) : NULL;
    Py_XDECREF(data);
    return refs;
}

static PyMethodDef methods[] = {
    METHOD("_start", start, METH_NOARGS, NULL),
    METHOD("_set_all", set_all, METH_O, NULL),
    METHOD("get", get, WITH_KEYWORDS,
           "get($self, /, key, default=None)\n--\n\n"
           "Return the living value of `key`, or `default`."),
    METHOD("setdefault", setdefault, WITH_KEYWORDS,
           "setdefault($self, /, key, default)\n--\n\n"
           "Return the living value of `key`; when there is none, make it `default`.\n\n"
           "Threads that race for a key all get the same object.\n\n"
           "Raises:\n    TypeError: `default` is needed and cannot be weakly referenced."),
    METHOD("pop", pop, WITH_KEYWORDS,
           "Remove `key` and return its value, or `default` if there is no living one.\n\n"
           "Raises:\n    KeyError: no living value and no default."),
    METHOD("popitem", popitem, METH_NOARGS,
           "popitem($self, /)\n--\n\n"
           "Remove and return the newest pair that is alive.\n\n"
           "Raises:\n    KeyError: the mapping is empty."),
    METHOD("values", values, METH_NOARGS,
           "values($self, /)\n--\n\nReturn an iterator over the living values."),
    METHOD("items", items, METH_NOARGS,
           "items($self, /)\n--\n\nReturn an iterator over pairs of key and living value."),
    METHOD("valuerefs", valuerefs, METH_NOARGS,
           "valuerefs($self, /)\n--\n\n"
           "Return a list of the references to the values; a reference may be dead when used."),
    {NULL, NULL, 0, NULL},
};

static PyMappingMethods as_mapping = {
    .mp_length = container_length,
    .mp_subscript = getitem,
    .mp_ass_subscript = set_or_delete,
};

static PySequenceMethods as_sequence = {.sq_contains = contains};

PyTypeObject ValueOperations_Type = {
    CONTAINER_TYPE("ValueOperations"),
    .tp_as_mapping = &as_mapping,
    .tp_as_sequence = &as_sequence,
    .tp_iter = iterate,
    .tp_methods = methods,
};
