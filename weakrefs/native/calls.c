/* Arguments, pairs, and what the C interface of dict lacks. */

#include "native.h"

static PyObject *popitem; /* `dict.popitem`, which gives a tuple of our own */

int calls_import(void)
{
    popitem = PyObject_GetAttrString((PyObject *)&PyDict_Type, "popitem");
    return popitem == NULL ? -1 : 0;
}

static int take_keywords(const char *function, PyObject *const *values, PyObject *names,
                         PyObject **key, PyObject **fallback)
{
    for (Py_ssize_t n = 0; n < PyTuple_GET_SIZE(names); n++) {
        PyObject *name = PyTuple_GET_ITEM(names, n);
        PyObject **target = PyUnicode_CompareWithASCIIString(name, "key") == 0 ? key
                          : PyUnicode_CompareWithASCIIString(name, "default") == 0 ? fallback
                          : NULL;
        if (target == NULL || *target != NULL) {
            PyErr_Format(PyExc_TypeError, target ? "%s() got multiple values for argument %R"
                                                 : "%s() got an unexpected keyword argument %R",
                         function, name);
            return -1;
        }
        *target = values[n];
    }
    return 0;
}

/* Read the arguments `key` and `default`, by position or by name, as borrowed references. What is
   not given is NULL; `required` is how many have to be. */
int key_and_default(const char *function, int required, PyObject *const *args, Py_ssize_t count,
                    PyObject *names, PyObject **key, PyObject **fallback)
{
    if (count > 2) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most 2 arguments (%zd given)", function, count);
        return -1;
    }
    *key = count > 0 ? args[0] : NULL;
    *fallback = count > 1 ? args[1] : NULL;
    if (names != NULL && take_keywords(function, args + count, names, key, fallback) < 0)
        return -1;
    if (*key == NULL || (required == 2 && *fallback == NULL)) {
        PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s'", function,
                     *key == NULL ? "key" : "default");
        return -1;
    }
    return 0;
}

/* Call `work` for each of `items`, an iterable, until it fails. */
int for_each(PyObject *items, int (*work)(Container *, PyObject *), Container *self)
{
    PyObject *iterator = PyObject_GetIter(items);
    if (iterator == NULL)
        return -1;
    PyObject *item;
    int result = 0;
    while (result == 0 && (item = PyIter_Next(iterator)) != NULL) {
        result = work(self, item);
        Py_DECREF(item);
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? -1 : 0;
}

/* Return new references to the two members of `pair`, any iterable of two. */
int unpack_pair(PyObject *pair, PyObject **key, PyObject **value)
{
    PyObject *members = PySequence_Tuple(pair);
    if (members == NULL)
        return -1;
    if (PyTuple_GET_SIZE(members) != 2) {
        PyErr_Format(PyExc_ValueError, "expected pairs of key and value, but one has %zd members",
                     PyTuple_GET_SIZE(members));
        Py_DECREF(members);
        return -1;
    }
    *key = Py_NewRef(PyTuple_GET_ITEM(members, 0));
    *value = Py_NewRef(PyTuple_GET_ITEM(members, 1));
    Py_DECREF(members);
    return 0;
}

/* Like PyDict_GetItemRef of 3.13: 1 and a new reference, or 0 where there is no such key, or -1. */
int dict_get(PyObject *dict, PyObject *key, PyObject **item)
{
#if PY_VERSION_HEX >= 0x030D0000
    return PyDict_GetItemRef(dict, key, item);
#else
    *item = Py_XNewRef(PyDict_GetItemWithError(dict, key));
    return *item != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
#endif
}

static PyObject *flat(PyObject *dict)
{
    PyObject *list, *key, *value;
    Py_ssize_t size, place = 0, position = 0;
    for (;;) {
        size = PyDict_GET_SIZE(dict);
        list = PyList_New(2 * size);
        if (list == NULL || size == PyDict_GET_SIZE(dict))
            break;
        Py_DECREF(list); /* on 3.11 a new list can set off a collection, whose callbacks do that */
    }
    while (list != NULL && PyDict_Next(dict, &position, &key, &value)) {
        PyList_SET_ITEM(list, place++, Py_NewRef(key));
        PyList_SET_ITEM(list, place++, Py_NewRef(value));
    }
    return list;
}

/* Return a list of each key and its value, in turn: one step, and no `__eq__`. (PyDict_Copy inserts
   what it copies one by one, and so compares, if a third of the entries were removed before.) */
PyObject *dict_flat(PyObject *dict)
{
    PyObject *list;
    Py_BEGIN_CRITICAL_SECTION(dict);
    list = flat(dict);
    Py_END_CRITICAL_SECTION();
    return list;
}

/* Return a new reference to the item of `key`, which is `item` now if there was none. */
PyObject *dict_set_default(PyObject *dict, PyObject *key, PyObject *item)
{
#if PY_VERSION_HEX >= 0x030D0000
    PyObject *winner;
    return PyDict_SetDefaultRef(dict, key, item, &winner) < 0 ? NULL : winner;
#else
    return Py_XNewRef(PyDict_SetDefault(dict, key, item));
#endif
}

/* Like PyDict_Pop of 3.13: 1 and a new reference, or 0 where there is no such key, or -1. */
int dict_pop(PyObject *dict, PyObject *key, PyObject **item)
{
#if PY_VERSION_HEX >= 0x030D0000
    return PyDict_Pop(dict, key, item);
#else
    PyObject *missing = (PyObject *)&Remover_Type; /* out of reach, so it is nobody's value */
    *item = _PyDict_Pop(dict, key, missing);
    if (*item != missing)
        return *item == NULL ? -1 : 1;
    Py_CLEAR(*item);
    return 0;
#endif
}

/* Return the newest pair of a container whose member `n`, a reference, is alive, with what it
   refers to in its place; and remove it. */
PyObject *pop_living_pair(PyObject *self, Py_ssize_t n)
{
    PyObject *data = container_data((Container *)self), *pair = NULL;
    while (data != NULL && (pair = PyObject_CallOneArg(popitem, data)) != NULL) {
        PyObject *obj = living(PyTuple_GET_ITEM(pair, n));
        if (obj != NULL) {
            Py_SETREF(PyTuple_GET_ITEM(pair, n), obj);
            break;
        }
        Py_DECREF(pair);
    }
    Py_XDECREF(data);
    return pair;
}

/* A KeyError made by a call, since PyErr_SetObject would take a tuple apart. */
void set_key_error(PyObject *key)
{
    PyObject *error = PyObject_CallOneArg(PyExc_KeyError, key);
    if (error != NULL)
        PyErr_SetObject(PyExc_KeyError, error);
    Py_XDECREF(error);
}
