/* The twin of finalizer_operations.py: how a call is registered, made and given up. */

#include "native.h"

typedef struct {
    PyWeakReference base; /* to the object */
    PyObject *func;
    PyObject *args;   /* an exact tuple */
    PyObject *kwargs; /* an exact dict */
    long pid;
    char atexit;
    char this_process_only;
} Info;

static PyTypeObject Info_Type;
static PyObject *registry; /* finalizers and their Info; it belongs to the class `finalize` */
static PyObject *warn_if_futile; /* at exit it is too late to import it */
static PyObject *registered_name, *register_name, *shutdown_name;
static long process; /* the process we are in, without a system call each time */
static Py_ssize_t made;

/* -- what is known of one finalizer ----------------------------------------------------------- */

static int info_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Info *)self)->func);
    Py_VISIT(((Info *)self)->args);
    Py_VISIT(((Info *)self)->kwargs);
    return _PyWeakref_RefType.tp_traverse(self, visit, arg);
}

static int info_clear(PyObject *self)
{
    Py_CLEAR(((Info *)self)->func);
    Py_CLEAR(((Info *)self)->args);
    Py_CLEAR(((Info *)self)->kwargs);
    return _PyWeakref_RefType.tp_clear(self);
}

static void info_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((Info *)self)->func);
    Py_CLEAR(((Info *)self)->args);
    Py_CLEAR(((Info *)self)->kwargs);
    _PyWeakref_RefType.tp_dealloc(self);
}

static PyObject *info_weakref(PyObject *self, void *closure)
{
    (void)closure;
    return Py_NewRef(self);
}

static PyMemberDef info_members[] = {
    {"func", T_OBJECT_EX, offsetof(Info, func), READONLY, "What is called."},
    {"args", T_OBJECT_EX, offsetof(Info, args), READONLY, "With these arguments,"},
    {"kwargs", T_OBJECT_EX, offsetof(Info, kwargs), READONLY, "and these."},
    {"pid", T_LONG, offsetof(Info, pid), READONLY, "The process that made it."},
    {"atexit", T_BOOL, offsetof(Info, atexit), 0, "Whether it is called at exit."},
    {"this_process_only", T_BOOL, offsetof(Info, this_process_only), 0, "Not in a child."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef info_properties[] = {
    {"weakref", info_weakref, NULL, "The reference to the object, as in the standard library.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyTypeObject Info_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "weakrefs._native.Info",
    .tp_basicsize = sizeof(Info),
    .tp_dealloc = info_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = info_traverse,
    .tp_clear = info_clear,
    .tp_members = info_members,
    .tp_getset = info_properties,
};

/* Return the record of a call `args[1](*args[2:], **kwds)` when `args[0]` dies. */
static Info *info_new(PyObject *finalizer, PyObject *args, PyObject *kwds)
{
    PyObject *obj = PyTuple_GET_ITEM(args, 0);
    PyObject *watch = PyTuple_Pack(2, obj, finalizer);
    Info *info = watch ? (Info *)_PyWeakref_RefType.tp_new(&Info_Type, watch, NULL) : NULL;
    Py_XDECREF(watch);
    if (info == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError))
            explain_type_error(obj);
        return NULL;
    }
    info->func = Py_NewRef(PyTuple_GET_ITEM(args, 1));
    info->args = PyTuple_GetSlice(args, 2, PyTuple_GET_SIZE(args));
    info->kwargs = kwds ? PyDict_Copy(kwds) : PyDict_New();
    info->pid = process;
    info->atexit = 1;
    if (info->args == NULL || info->kwargs == NULL)
        Py_CLEAR(info);
    return info;
}

/* -- the operations --------------------------------------------------------------------------- */

/* Whether a function without arguments is plain, the usual case: it cannot hold anything. */
static int is_plain(Info *info)
{
    return PyTuple_GET_SIZE(info->args) == 0 && PyDict_GET_SIZE(info->kwargs) == 0 &&
           Py_IS_TYPE(info->func, &PyFunction_Type) &&
           PyFunction_GET_CLOSURE(info->func) == NULL && PyFunction_GET_DEFAULTS(info->func) == NULL;
}

/* Warn where the call holds the object, or cannot see it. */
static int warn(Info *info, PyObject *obj)
{
    PyObject *done = PyObject_CallFunction(warn_if_futile, "sOOOO", "this finalizer", obj,
                                           info->func, info->args, info->kwargs);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

/* Whether a switch of the class is on: 1, 0, or -1 with an exception. */
static int is_on(PyObject *self, PyObject *name)
{
    PyObject *value = PyObject_GetAttr((PyObject *)Py_TYPE(self), name);
    int on = value == NULL ? -1 : PyObject_IsTrue(value);
    Py_XDECREF(value);
    return on;
}

static int register_with_atexit(PyObject *self)
{
    int registered = is_on(self, registered_name);
    if (registered != 0)
        return registered < 0 ? -1 : 0;
    PyObject *done = PyObject_CallMethodNoArgs(self, register_name);
    Py_XDECREF(done);
    return done == NULL ? -1 : 0;
}

static int finalizer_init(PyObject *self, PyObject *args, PyObject *kwds)
{
    if (PyTuple_GET_SIZE(args) < 2 || registry == NULL) {
        PyErr_Format(PyExc_TypeError, "finalize: expected an object and a function, got %zd arguments",
                     PyTuple_GET_SIZE(args));
        return -1;
    }
    Info *info = info_new(self, args, kwds);
    int failed = info == NULL ||
                 (!is_plain(info) && warn(info, PyTuple_GET_ITEM(args, 0)) < 0) ||
                 register_with_atexit(self) < 0 ||
                 PyDict_SetItem(registry, self, (PyObject *)info) < 0;
    Py_XDECREF(info);
    made++;
    return failed ? -1 : 0;
}

static PyObject *finalizer_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    (void)kwds;
    if (PyTuple_GET_SIZE(args) > 1) {
        PyErr_SetString(PyExc_TypeError, "a finalizer is called without arguments");
        return NULL;
    }
    PyObject *item;
    int found = dict_pop(registry, self, &item);
    if (found <= 0)
        return found < 0 ? NULL : Py_NewRef(Py_None);
    Info *info = (Info *)item;
    PyObject *result = NULL;
    int over = is_on(self, shutdown_name);
    if (over > 0 || (info->this_process_only && info->pid != process))
        result = Py_NewRef(Py_None);
    else if (over == 0)
        result = PyObject_Call(info->func, info->args,
                               PyDict_GET_SIZE(info->kwargs) ? info->kwargs : NULL);
    Py_DECREF(item);
    return result;
}

static PyObject *finalizer_peek(PyObject *self, PyObject *unused)
{
    (void)unused;
    PyObject *item, *call = NULL;
    int found = dict_get(registry, self, &item);
    if (found <= 0)
        return found < 0 ? NULL : Py_NewRef(Py_None);
    Info *info = (Info *)item;
    PyObject *obj = living(item);
    call = obj ? PyTuple_Pack(4, obj, info->func, info->args, info->kwargs) : Py_NewRef(Py_None);
    Py_XDECREF(obj);
    Py_DECREF(item);
    return call;
}

static PyObject *finalizer_detach(PyObject *self, PyObject *unused)
{
    PyObject *item, *call = finalizer_peek(self, unused);
    if (call == NULL || call == Py_None)
        return call;
    int found = dict_pop(registry, self, &item);
    if (found == 1) {
        Py_DECREF(item);
        return call;
    }
    Py_DECREF(call); /* another thread was first, or it failed */
    return found < 0 ? NULL : Py_NewRef(Py_None);
}

static PyObject *finalizer_alive(PyObject *self, void *closure)
{
    (void)closure;
    int found = PyDict_Contains(registry, self);
    return found < 0 ? NULL : PyBool_FromLong(found);
}

static PyMethodDef finalizer_methods[] = {
    METHOD("peek", finalizer_peek, METH_NOARGS,
           "Return ``(obj, func, args, kwargs)`` if the call is to be made, or None."),
    METHOD("detach", finalizer_detach, METH_NOARGS,
           "Give up the call. Return ``(obj, func, args, kwargs)`` if it was to be made, or None."),
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef finalizer_properties[] = {
    {"alive", finalizer_alive, NULL, "Whether the call is still to be made.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

PyTypeObject FinalizerOperations_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "weakrefs._native.FinalizerOperations",
    .tp_basicsize = sizeof(PyObject),
    .tp_call = finalizer_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_methods = finalizer_methods,
    .tp_getset = finalizer_properties,
    .tp_init = finalizer_init,
    .tp_new = PyType_GenericNew,
};

/* -- the module ------------------------------------------------------------------------------- */

PyObject *keep_finalizers(PyObject *module, PyObject *args)
{
    PyObject *where, *warn;
    (void)module;
    if (!PyArg_ParseTuple(args, "O!Ol:keep_finalizers", &PyDict_Type, &where, &warn, &process))
        return NULL;
    Py_XSETREF(registry, Py_NewRef(where));
    Py_XSETREF(warn_if_futile, Py_NewRef(warn));
    Py_RETURN_NONE;
}

PyObject *finalizers_made(PyObject *module, PyObject *unused)
{
    (void)module;
    (void)unused;
    return PyLong_FromSsize_t(made);
}

int finalizers_ready(void)
{
    registered_name = PyUnicode_InternFromString("_registered_with_atexit");
    register_name = PyUnicode_InternFromString("_register_with_atexit");
    shutdown_name = PyUnicode_InternFromString("_shutdown");
    if (registered_name == NULL || register_name == NULL || shutdown_name == NULL)
        return -1;
    Info_Type.tp_base = &_PyWeakref_RefType;
    Info_Type.tp_hash = _PyWeakref_RefType.tp_hash;
    Info_Type.tp_richcompare = _PyWeakref_RefType.tp_richcompare;
    return PyType_Ready(&Info_Type) < 0 ? -1 : PyType_Ready(&FinalizerOperations_Type);
}
