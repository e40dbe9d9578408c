/* What a guest in somebody's process can do in C only.
 *
 * get_objects: the objects of the process, but for those that nobody else may refer to yet.
 * is_in: whether a list has an object, which asks nothing of the others.
 * set_variable, reset_variable: a context variable is set, with no collection in it.
 *
 * Guarded: context managers that are ended whatever interrupts them; see leakwatch/guest/guarded.py.
 * Signals are handled, and exceptions from other threads raised, between two instructions of
 * Python code and never in here. So what a method in Python has left half done is put right
 * by `_end` before anybody sees the exception. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

static PyObject *enter_name, *exit_name, *aexit_name, *end_name;
static PyObject *gc_get_objects;

/* Call `_end`, and keep the exception that is on its way. What `_end` itself raises is lost:
 * the first exception is the one to be seen. */
static void
end(PyObject *self)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *done = PyObject_CallMethodNoArgs(self, end_name);
    if (done == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(done);
    PyErr_Restore(type, value, traceback);
}

static PyObject *
guarded_enter(PyObject *self, PyObject *Py_UNUSED(ignored))
{
    PyObject *entered = PyObject_CallMethodNoArgs(self, enter_name);
    if (entered == NULL) {
        end(self);
        return NULL;
    }
    Py_DECREF(entered);
    return Py_NewRef(self);
}

static PyObject *
call_with_error(PyObject *self, PyObject *name, PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 3) {
        PyErr_Format(PyExc_TypeError, "expected the type, the exception and its traceback, "
                     "got %zd arguments", count);
        return NULL;
    }
    PyObject *stack[4] = {self, arguments[0], arguments[1], arguments[2]};
    PyObject *left = PyObject_VectorcallMethod(name, stack, 4, NULL);
    if (left == NULL) {
        end(self);
    }
    return left;
}

static PyObject *
guarded_exit(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    return call_with_error(self, exit_name, arguments, count);
}

static PyObject *
guarded_aexit(PyObject *self, PyObject *const *arguments, Py_ssize_t count)
{
    return call_with_error(self, aexit_name, arguments, count);
}

static PyMethodDef guarded_methods[] = {
    {"__enter__", guarded_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))guarded_exit, METH_FASTCALL, NULL},
    {"__aexit__", (PyCFunction)(void (*)(void))guarded_aexit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot guarded_slots[] = {
    {Py_tp_doc, "A context manager that is ended whatever interrupts it; see leakwatch.guest.guarded."},
    {Py_tp_methods, guarded_methods},
    {0, NULL},
};

static PyType_Spec guarded_spec = {
    .name = "leakwatch.guest._guarded_native.Guarded",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = guarded_slots,
};

/* Put objects among the youngest of the collector's, wherever it has them; see
 * leakwatch/guest/frozen_heap.py. What the collector does not know is left alone. */
static PyObject *
track_anew(PyObject *Py_UNUSED(module), PyObject *objects)
{
    if (!PyList_CheckExact(objects)) {
        PyErr_SetString(PyExc_TypeError, "expected a list");
        return NULL;
    }
    for (Py_ssize_t at = 0; at < PyList_GET_SIZE(objects); at++) {
        PyObject *found = PyList_GET_ITEM(objects, at);
        if (PyObject_IS_GC(found) && PyObject_GC_IsTracked(found)) {
            PyObject_GC_UnTrack(found);
            PyObject_GC_Track(found);
        }
    }
    Py_RETURN_NONE;
}

/* Whether a tuple of the list is still being built: only its maker and the list refer to it, and
 * there is room left in it, or all the room there is before `PySequence_Tuple` makes more. */
static int
is_being_built(PyObject *found)
{
    if (!PyTuple_CheckExact(found) || Py_REFCNT(found) != 2) {
        return 0;
    }
    Py_ssize_t size = PyTuple_GET_SIZE(found), room = 10;
    while (room < size) {
        room += 10;
        room += room >> 2;
    }
    for (Py_ssize_t at = size - 1; at >= 0; at--) {
        if (PyTuple_GET_ITEM(found, at) == NULL) {
            return 1;
        }
    }
    return room == size;
}

/* `gc.get_objects` without tuples that are being built. Who builds one may only resize it while
 * nobody else refers to it: `tuple(generator)` on another thread raises SystemError while a list
 * of all objects is there. */
static PyObject *
get_objects(PyObject *Py_UNUSED(module), PyObject *arguments)
{
    PyObject *objects = PyObject_CallObject(gc_get_objects, arguments);
    if (objects == NULL) {
        return NULL;
    }
    Py_ssize_t size = PyList_GET_SIZE(objects), kept = 0;
    for (Py_ssize_t at = 0; at < size; at++) {
        PyObject *found = PyList_GET_ITEM(objects, at);
        if (!is_being_built(found)) {
            PyList_SET_ITEM(objects, at, PyList_GET_ITEM(objects, kept));
            PyList_SET_ITEM(objects, kept++, found);
        }
    }
    if (kept < size && PyList_SetSlice(objects, kept, size, NULL) < 0) {
        Py_CLEAR(objects);
    }
    return objects;
}

/* Whether a list has this very object; `in` would ask the others whether they are equal to it. */
static PyObject *
is_in(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyList_CheckExact(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "expected an object and a list");
        return NULL;
    }
    for (Py_ssize_t at = 0; at < PyList_GET_SIZE(arguments[1]); at++) {
        if (PyList_GET_ITEM(arguments[1], at) == arguments[0]) {
            Py_RETURN_TRUE;
        }
    }
    Py_RETURN_FALSE;
}

/* `ContextVar.set` and `reset` while the collector stands still. Before CPython 3.12 it runs at an
 * allocation in them, and a callback of it that sets a variable, by opening a scope say, frees the
 * context that they work on: a crash. Nobody sees that it stands still, for no code runs in here. */
static PyObject *
set_variable(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyContextVar_CheckExact(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "expected a context variable and a value");
        return NULL;
    }
    int enabled = PyGC_Disable();
    PyObject *token = PyContextVar_Set(arguments[0], arguments[1]);
    if (enabled) {
        PyGC_Enable();
    }
    return token;
}

static PyObject *
reset_variable(PyObject *Py_UNUSED(module), PyObject *const *arguments, Py_ssize_t count)
{
    if (count != 2 || !PyContextVar_CheckExact(arguments[0]) ||
        !PyContextToken_CheckExact(arguments[1])) {
        PyErr_SetString(PyExc_TypeError, "expected a context variable and a token");
        return NULL;
    }
    int enabled = PyGC_Disable();
    int failed = PyContextVar_Reset(arguments[0], arguments[1]);
    if (enabled) {
        PyGC_Enable();
    }
    return failed ? NULL : Py_NewRef(Py_None);
}

static PyMethodDef module_methods[] = {
    {"is_in", (PyCFunction)(void (*)(void))is_in, METH_FASTCALL,
     "Whether a list has an object, by identity."},
    {"set_variable", (PyCFunction)(void (*)(void))set_variable, METH_FASTCALL,
     "ContextVar.set, with no collection in it."},
    {"reset_variable", (PyCFunction)(void (*)(void))reset_variable, METH_FASTCALL,
     "ContextVar.reset, with no collection in it."},
    {"get_objects", get_objects, METH_VARARGS, "gc.get_objects, without what is being built."},
    {"track_anew", track_anew, METH_O, "Put the objects of a list among the youngest."},
    {NULL, NULL, 0, NULL},
};

static int
intern(PyObject **name, const char *text)
{
    if (*name == NULL) {
        *name = PyUnicode_InternFromString(text);
    }
    return *name == NULL ? -1 : 0;
}

/* A reference of our own, taken before anybody replaces the function. */
static int
take_get_objects(void)
{
    if (gc_get_objects != NULL) {
        return 0;
    }
    PyObject *gc = PyImport_ImportModule("gc");
    if (gc == NULL) {
        return -1;
    }
    gc_get_objects = PyObject_GetAttrString(gc, "get_objects");
    Py_DECREF(gc);
    return gc_get_objects == NULL ? -1 : 0;
}

static int
guarded_exec(PyObject *module)
{
    if (intern(&enter_name, "_enter") < 0 || intern(&exit_name, "_exit") < 0 ||
        intern(&aexit_name, "_aexit") < 0 || intern(&end_name, "_end") < 0 ||
        take_get_objects() < 0) {
        return -1;
    }
    PyObject *type = PyType_FromSpec(&guarded_spec);
    if (type == NULL) {
        return -1;
    }
    int added = PyModule_AddObjectRef(module, "Guarded", type);
    Py_DECREF(type);
    return added;
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)guarded_exec},
    {0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "leakwatch.guest._guarded_native",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__guarded_native(void)
{
    return PyModuleDef_Init(&module_def);
}
