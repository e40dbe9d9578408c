/* The attributes of an instance that has no `__dict__` yet: values in the instance, names with its
   class. To ask for the dict would make one of each object of the heap, so the interpreter's own
   layout is read, by the headers of the very version that this is compiled for. */

#ifndef Py_BUILD_CORE
#define Py_BUILD_CORE 1
#endif

#include "_walk_native.h"

/* These headers have parameters that some versions do not use (3.13.0): the build stays free of warnings. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-parameter"
#include "internal/pycore_dict.h"
#include "internal/pycore_object.h"
#pragma GCC diagnostic pop

static PyDictValues *
values_in(PyObject *holder)
{
    if (!PyType_HasFeature(Py_TYPE(holder), Py_TPFLAGS_MANAGED_DICT)) {
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030D0000
    if (!PyType_HasFeature(Py_TYPE(holder), Py_TPFLAGS_INLINE_VALUES)) {
        return NULL;
    }
    PyDictValues *values = _PyObject_InlineValues(holder);
    return values->valid ? values : NULL;
#elif PY_VERSION_HEX >= 0x030C0000
    PyDictOrValues found = *_PyObject_DictOrValuesPointer(holder);
    return _PyDictOrValues_IsValues(found) ? _PyDictOrValues_GetValues(found) : NULL;
#else
    return *_PyObject_ValuesPointer(holder);
#endif
}

/* The number of the value that was the i-th to be set, and how many there are: that is the order of
   the dict, and of two attributes with one value the first names it. Another instance of the class,
   with which the keys are shared, may have set them in another order. */
#if PY_VERSION_HEX >= 0x030D0000
#define COUNT(values) ((values)->size)
#define SET_AT(values, i) (get_insertion_order_array(values)[i])
#else
#define COUNT(values) (((const uint8_t *)(values))[-2])
#define SET_AT(values, i) (((const uint8_t *)(values))[-3 - (i)])
#endif

void
inline_attributes(PyObject *holder, attribute_visit visit, void *argument)
{
    PyDictValues *values = values_in(holder);
    PyDictKeysObject *keys = ((PyHeapTypeObject *)Py_TYPE(holder))->ht_cached_keys;
    if (values == NULL || keys == NULL) {
        return;
    }
    for (int i = 0; i < COUNT(values); i++) {
        Py_ssize_t at = SET_AT(values, i);
        PyObject *name = at < keys->dk_nentries ? DK_UNICODE_ENTRIES(keys)[at].me_key : NULL;
        if (name != NULL && values->values[at] != NULL) {
            visit(name, values->values[at], argument);
        }
    }
}
