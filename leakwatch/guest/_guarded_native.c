/* What a guest in somebody's process can do in C only.
 *
 * get_objects: the objects of the process, but for those that nobody else may refer to yet.
 * is_in: whether a list has an object, which asks nothing of the others.
 * set_variable, reset_variable: a context variable is set, with no collection in it.
 *
 * Held: a lock that is held while a block runs.
 * Guarded: context managers that are ended whatever interrupts them; see leakwatch/guest/guarded.py.
 * Signals are handled, and exceptions from other threads raised, between two instructions of
 * Python code and never in here. So what a method in Python has left half done is put right
 * by `_end` before anybody sees the exception. */

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Of one interpreter: with a lock of its own it shares no object with another. */
typedef struct {
    PyObject *enter, *exit, *aexit, *end, *acquire, *release; /* names of methods */
    PyObject *get_objects;                /* the collector's, before anybody replaces it */
} State;

/* Call `_end`, and keep the exception that is on its way. What `_end` itself raises is lost:
 * the first exception is the one to be seen. */
static void
end(PyObject *self, const State *state)
{
    PyObject *type, *value, *traceback;
    PyErr_Fetch(&type, &value, &traceback);
    PyObject *done = PyObject_CallMethodNoArgs(self, state->end);
    if (done == NULL) {
        PyErr_Clear();
    }
    Py_XDECREF(done);
    PyErr_Restore(type, value, traceback);
}

/* The state, if the arguments are as many as expected and none has a name. */
static const State *
state_for(PyTypeObject *definer, Py_ssize_t count, PyObject *names, Py_ssize_t expected)
{
    if (count == expected && (names == NULL || PyTuple_GET_SIZE(names) == 0)) {
        return PyType_GetModuleState(definer);
    }
    if (expected == 0) {
        PyErr_SetString(PyExc_TypeError, "__enter__ takes no arguments");
    }
    else {
        PyErr_Format(PyExc_TypeError, "expected the type, the exception and its traceback, "
                     "got %zd arguments", count);
    }
    return NULL;
}

static PyObject *
guarded_enter(PyObject *self, PyTypeObject *definer, PyObject *const *Py_UNUSED(arguments),
              Py_ssize_t count, PyObject *names)
{
    const State *state = state_for(definer, count, names, 0);
    if (state == NULL) {
        return NULL;
    }
    PyObject *entered = PyObject_CallMethodNoArgs(self, state->enter);
    if (entered == NULL) {
        end(self, state);
        return NULL;
    }
    Py_DECREF(entered);
    return Py_NewRef(self);
}

static PyObject *
call_with_error(PyObject *self, const State *state, PyObject *name, PyObject *const *arguments)
{
    PyObject *stack[4] = {self, arguments[0], arguments[1], arguments[2]};
    PyObject *left = PyObject_VectorcallMethod(name, stack, 4, NULL);
    if (left == NULL) {
        end(self, state);
    }
    return left;
}

static PyObject *
guarded_exit(PyObject *self, PyTypeObject *definer, PyObject *const *arguments, Py_ssize_t count,
             PyObject *names)
{
    const State *state = state_for(definer, count, names, 3);
    return state == NULL ? NULL : call_with_error(self, state, state->exit, arguments);
}

static PyObject *
guarded_aexit(PyObject *self, PyTypeObject *definer, PyObject *const *arguments, Py_ssize_t count,
              PyObject *names)
{
    const State *state = state_for(definer, count, names, 3);
    return state == NULL ? NULL : call_with_error(self, state, state->aexit, arguments);
}

#define WITH_STATE (METH_METHOD | METH_FASTCALL | METH_KEYWORDS)

static PyMethodDef guarded_methods[] = {
    {"__enter__", (PyCFunction)(void (*)(void))guarded_enter, WITH_STATE, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))guarded_exit, WITH_STATE, NULL},
    {"__aexit__", (PyCFunction)(void (*)(void))guarded_aexit, WITH_STATE, NULL},
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

/* A lock that is held while a block runs; see leakwatch/guest/guarded.py. */
typedef struct {
    PyObject_HEAD
    PyObject *lock, *patience;
    int taken; /* how often it was */
} Held;

static PyObject *
held_new(PyTypeObject *type, PyObject *arguments, PyObject *names)
{
    PyObject *lock, *patience;
    static char *known[] = {"lock", "patience", NULL};
    if (!PyArg_ParseTupleAndKeywords(arguments, names, "OO:Held", known, &lock, &patience)) {
        return NULL;
    }
    Held *self = (Held *)type->tp_alloc(type, 0);
    if (self != NULL) {
        self->lock = Py_NewRef(lock);
        self->patience = Py_NewRef(patience);
    }
    return (PyObject *)self;
}

static PyObject *
held_enter(PyObject *object, PyObject *Py_UNUSED(nothing))
{
    Held *self = (Held *)object;
    const State *state = PyType_GetModuleState(Py_TYPE(object));
    PyObject *stack[3] = {self->lock, Py_True, self->patience};
    PyObject *taken = PyObject_VectorcallMethod(state->acquire, stack, 3, NULL);
    if (taken == NULL) {
        return NULL;
    }
    self->taken += taken == Py_True;
    Py_DECREF(taken);
    Py_RETURN_NONE;
}

static PyObject *
held_exit(PyObject *object, PyObject *const *Py_UNUSED(failure), Py_ssize_t Py_UNUSED(count))
{
    Held *self = (Held *)object;
    if (self->taken > 0) {
        self->taken--;
        const State *state = PyType_GetModuleState(Py_TYPE(object));
        return PyObject_CallMethodNoArgs(self->lock, state->release);
    }
    Py_RETURN_NONE;
}

static int
held_traverse(PyObject *object, visitproc visit, void *arg)
{
    Held *self = (Held *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(self->lock);
    Py_VISIT(self->patience);
    return 0;
}

static void
held_free(PyObject *object)
{
    Held *self = (Held *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    Py_XDECREF(self->lock);
    Py_XDECREF(self->patience);
    type->tp_free(object);
    Py_DECREF(type);
}

static PyMethodDef held_methods[] = {
    {"__enter__", held_enter, METH_NOARGS, NULL},
    {"__exit__", (PyCFunction)(void (*)(void))held_exit, METH_FASTCALL, NULL},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot held_slots[] = {
    {Py_tp_doc, "A lock that is held while a block runs; see leakwatch.guest.guarded."},
    {Py_tp_new, held_new},
    {Py_tp_traverse, held_traverse},
    {Py_tp_dealloc, held_free},
    {Py_tp_methods, held_methods},
    {0, NULL},
};

static PyType_Spec held_spec = {
    .name = "leakwatch.guest._guarded_native.Held",
    .basicsize = sizeof(Held),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .slots = held_slots,
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
get_objects(PyObject *module, PyObject *arguments)
{
    const State *state = PyModule_GetState(module);
    PyObject *objects = PyObject_CallObject(state->get_objects, arguments);
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
    *name = PyUnicode_InternFromString(text);
    return *name == NULL ? -1 : 0;
}

/* A reference of our own, taken before anybody replaces the function. */
static int
take_get_objects(State *state)
{
    PyObject *gc = PyImport_ImportModule("gc");
    if (gc == NULL) {
        return -1;
    }
    state->get_objects = PyObject_GetAttrString(gc, "get_objects");
    Py_DECREF(gc);
    return state->get_objects == NULL ? -1 : 0;
}

static int
add_type(PyObject *module, const char *name, PyType_Spec *spec)
{
    PyObject *type = PyType_FromModuleAndSpec(module, spec, NULL);
    if (type == NULL) {
        return -1;
    }
    int added = PyModule_AddObjectRef(module, name, type);
    Py_DECREF(type);
    return added;
}

static int
guarded_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    if (intern(&state->enter, "_enter") < 0 || intern(&state->exit, "_exit") < 0 ||
        intern(&state->aexit, "_aexit") < 0 || intern(&state->end, "_end") < 0 ||
        intern(&state->acquire, "acquire") < 0 || intern(&state->release, "release") < 0 ||
        take_get_objects(state) < 0) {
        return -1;
    }
    return add_type(module, "Guarded", &guarded_spec) < 0 ? -1
                                                          : add_type(module, "Held", &held_spec);
}

static int
guarded_traverse(PyObject *module, visitproc visit, void *arg)
{
    const State *state = PyModule_GetState(module);
    Py_VISIT(state->get_objects);
    return 0;
}

static int
guarded_clear(PyObject *module)
{
    State *state = PyModule_GetState(module);
    Py_CLEAR(state->enter);
    Py_CLEAR(state->exit);
    Py_CLEAR(state->aexit);
    Py_CLEAR(state->end);
    Py_CLEAR(state->acquire);
    Py_CLEAR(state->release);
    Py_CLEAR(state->get_objects);
    return 0;
}

static void
guarded_free(void *module)
{
    (void)guarded_clear(module);
}

static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)guarded_exec},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};

static struct PyModuleDef module_def = {
    PyModuleDef_HEAD_INIT,
    .m_name = "leakwatch.guest._guarded_native",
    .m_size = sizeof(State),
    .m_methods = module_methods,
    .m_slots = module_slots,
    .m_traverse = guarded_traverse,
    .m_clear = guarded_clear,
    .m_free = guarded_free,
};

PyMODINIT_FUNC
PyInit__guarded_native(void)
{
    return PyModuleDef_Init(&module_def);
}
