/* References, the keys they carry, and what is said when one cannot be made. */

#include "native.h"

static PyTypeObject *KeyedRef;
static Py_ssize_t key_offset; /* of the slot `key` in a KeyedRef */
static PyObject *remove_dead_weakref;
static PyObject *check;
static PyObject *key_name; /* "key", one object: the interpreter caches attributes by its address */

PyObject *import_from(const char *module, const char *name)
{
    PyObject *imported = PyImport_ImportModule(module);
    PyObject *found = imported ? PyObject_GetAttrString(imported, name) : NULL;
    Py_XDECREF(imported);
    return found;
}

static int find_key_slot(void)
{
    PyObject *slot = PyObject_GetAttrString((PyObject *)KeyedRef, "key");
    if (slot == NULL)
        return -1;
    if (Py_TYPE(slot) != &PyMemberDescr_Type) {
        PyErr_SetString(PyExc_ImportError, "KeyedRef.key is no slot");
        Py_DECREF(slot);
        return -1;
    }
    key_offset = ((PyMemberDescrObject *)slot)->d_member->offset;
    Py_DECREF(slot);
    return 0;
}

int entries_import(void)
{
    KeyedRef = (PyTypeObject *)import_from("weakrefs.references", "KeyedRef");
    remove_dead_weakref = import_from("_weakref", "_remove_dead_weakref");
    check = import_from("weakrefs.weakrefable", "check");
    key_name = PyUnicode_InternFromString("key");
    if (KeyedRef == NULL || remove_dead_weakref == NULL || check == NULL || key_name == NULL)
        return -1;
    return find_key_slot();
}

/* Return a new reference to what `ref` refers to, or NULL, without an exception, if it is dead.
   What is no reference counts as dead: `data` is open to everybody. */
PyObject *living(PyObject *ref)
{
    if (Py_TYPE(ref) != KeyedRef && !PyWeakref_CheckRef(ref))
        return NULL;
#ifdef Py_GIL_DISABLED
    PyObject *obj;
    PyWeakref_GetRef(ref, &obj); /* cannot fail: it is a reference */
    return obj;
#else
    /* The count is 0 while the object is being deallocated, before its references are cleared. */
    PyObject *obj = ((PyWeakReference *)ref)->wr_object;
    return obj == Py_None || Py_REFCNT(obj) == 0 ? NULL : Py_NewRef(obj);
#endif
}

/* Make `ref` a new reference by which `obj` is found in a container: 1, or 0, without an exception,
   where there can be none, so that `obj` is in no container, or -1. */
int look_up_ref(PyObject *obj, PyObject **ref)
{
    *ref = PyWeakref_NewRef(obj, NULL);
    if (*ref != NULL)
        return 1;
    if (!PyErr_ExceptionMatches(PyExc_TypeError))
        return -1;
    PyErr_Clear();
    return 0;
}

static PyObject **key_slot(PyObject *entry)
{
    return (PyObject **)((char *)entry + key_offset);
}

/* Return a new reference to `obj` with the callback of `container`. */
PyObject *own_ref(Container *container, PyObject *obj)
{
    PyObject *callback = container_remove(container);
    PyObject *ref = PyWeakref_NewRef(obj, callback);
    Py_DECREF(callback);
    return ref;
}

/* Return a new KeyedRef with the callback of `container`, made without its Python constructor. */
PyObject *keyed_ref(Container *container, PyObject *key, PyObject *value)
{
    PyObject *callback = container_remove(container);
    PyObject *args = PyTuple_Pack(2, value, callback);
    Py_DECREF(callback);
    if (args == NULL)
        return NULL;
    PyObject *entry = _PyWeakref_RefType.tp_new(KeyedRef, args, NULL);
    Py_DECREF(args);
    if (entry != NULL)
        *key_slot(entry) = Py_NewRef(key);
    else if (PyErr_ExceptionMatches(PyExc_TypeError))
        explain_type_error(value);
    return entry;
}

/* Return a new reference to the key that `entry` carries. */
PyObject *entry_key(PyObject *entry)
{
    PyObject *key = NULL;
    if (Py_TYPE(entry) == KeyedRef) {
        Py_BEGIN_CRITICAL_SECTION(entry);
        key = Py_XNewRef(*key_slot(entry));
        Py_END_CRITICAL_SECTION();
    }
    return key ? key : PyObject_GetAttr(entry, key_name);
}

/* Make `entry`, a new KeyedRef that only the caller knows, carry `key`, whose reference is taken over. */
int entry_set_key(PyObject *entry, PyObject *key)
{
    if (key == NULL)
        return -1;
    Py_XSETREF(*key_slot(entry), key);
    return 0;
}

/* Delete an entry if its reference is dead, in one atomic step. */
int remove_if_dead(PyObject *dict, PyObject *key)
{
    PyObject *args[] = {dict, key};
    PyObject *done = PyObject_Vectorcall(remove_dead_weakref, args, 2, NULL);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* Where `obj` cannot be weakly referenced, put the TypeError that names the remedy in place of the
   exception that is set. */
void explain_type_error(PyObject *obj)
{
    PyObject *type, *exception, *traceback;
    PyErr_Fetch(&type, &exception, &traceback);
    PyObject *fine = PyObject_CallOneArg(check, obj);
    if (fine != NULL) {
        Py_DECREF(fine);
        PyErr_Restore(type, exception, traceback);
        return;
    }
    Py_XDECREF(type);
    Py_XDECREF(exception);
    Py_XDECREF(traceback);
}
