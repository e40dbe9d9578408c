/* The twin of method_operations.py: a reference to the object of a method, with one to its function. */

#include "native.h"

typedef struct {
    PyWeakReference base;
    PyObject *func_ref;  /* called, it gives the function; never NULL once it is made */
    PyObject *meth_type; /* of function and object, it makes the method */
} Method;

static PyObject *new_method;

static PyObject *method_of(PyTypeObject *cls, PyObject *obj, PyObject *on_death, PyObject *func_ref,
                           PyObject *meth_type)
{
    PyObject *args = PyTuple_Pack(2, obj, on_death);
    PyObject *self = args ? _PyWeakref_RefType.tp_new(cls, args, NULL) : NULL;
    Py_XDECREF(args);
    if (self == NULL) {
        if (PyErr_ExceptionMatches(PyExc_TypeError))
            explain_type_error(obj);
        return NULL;
    }
    ((Method *)self)->func_ref = Py_NewRef(func_ref);
    ((Method *)self)->meth_type = Py_NewRef(meth_type);
    return self;
}

static PyObject *method_from_python(PyObject *module, PyObject *const *args, Py_ssize_t count)
{
    (void)module;
    if (count != 5 || !PyType_Check(args[0]) ||
        !PyType_IsSubtype((PyTypeObject *)args[0], &MethodOperations_Type)) {
        PyErr_SetString(PyExc_TypeError, "new_method: expected a class derived from "
                                         "MethodOperations, an object, a callback, and two more");
        return NULL;
    }
    return method_of((PyTypeObject *)args[0], args[1], args[2], args[3], args[4]);
}

static PyMethodDef new_method_definition =
    METHOD("new_method", method_from_python, METH_FASTCALL, "Make one; see `made`.");

/* Have Python make what is not usual, which is imported when it is first met. */
static PyObject *made(PyTypeObject *cls, PyObject *meth, PyObject *callback)
{
    PyObject *make = import_from("weakrefs.method_operations", "made");
    PyObject *self =
        make ? PyObject_CallFunctionObjArgs(make, new_method, cls, meth, callback, NULL) : NULL;
    Py_XDECREF(make);
    return self;
}

/* The usual case is made here: the method of a Python function, and no callback. */
static PyObject *method_new(PyTypeObject *cls, PyObject *args, PyObject *kwds)
{
    static char *names[] = {"meth", "callback", NULL};
    PyObject *meth, *callback = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwds, "O|O:WeakMethod", names, &meth, &callback))
        return NULL;
    if (callback == Py_None && PyMethod_Check(meth)) {
        PyObject *func_ref = PyWeakref_NewRef(PyMethod_GET_FUNCTION(meth), NULL);
        PyObject *self = func_ref ? method_of(cls, PyMethod_GET_SELF(meth), Py_None, func_ref,
                                              (PyObject *)&PyMethod_Type)
                                  : NULL;
        Py_XDECREF(func_ref);
        return self;
    }
    return made(cls, meth, callback);
}

/* Return a new reference to the function, NULL without an exception where it is dead. */
static PyObject *function_of(Method *self)
{
    if (PyWeakref_CheckRefExact(self->func_ref))
        return living(self->func_ref);
    PyObject *func = PyObject_CallNoArgs(self->func_ref);
    if (func == Py_None)
        Py_CLEAR(func);
    return func;
}

static PyObject *method_call(PyObject *self, PyObject *args, PyObject *kwds)
{
    Method *method = (Method *)self;
    if (PyTuple_GET_SIZE(args) != 0 || (kwds != NULL && PyDict_GET_SIZE(kwds) != 0)) {
        PyErr_SetString(PyExc_TypeError, "a WeakMethod is called without arguments");
        return NULL;
    }
    PyObject *obj = living(self);
    PyObject *func = obj ? function_of(method) : NULL;
    PyObject *found = NULL;
    if (func != NULL && method->meth_type == (PyObject *)&PyMethod_Type)
        found = PyMethod_New(func, obj);
    else if (func != NULL)
        found = PyObject_CallFunctionObjArgs(method->meth_type, func, obj, NULL);
    else if (!PyErr_Occurred())
        found = Py_NewRef(Py_None);
    Py_XDECREF(obj);
    Py_XDECREF(func);
    return found;
}

/* Whether two are equal: 1, 0, or -1 with an exception. */
static int equal(PyObject *self, PyObject *other)
{
    PyObject *same = _PyWeakref_RefType.tp_richcompare(self, other, Py_EQ);
    int equals = same == NULL ? -1 : same == Py_True;
    Py_XDECREF(same);
    PyObject *func_ref = ((Method *)self)->func_ref;
    if (equals == 1)
        equals = PyObject_RichCompareBool(func_ref, ((Method *)other)->func_ref, Py_EQ);
    if (equals != 1 || self == other)
        return equals;
    /* References to a dead object differ, but those to a dead function may be one and the same. */
    PyObject *func = function_of((Method *)self);
    Py_XDECREF(func);
    return func != NULL ? 1 : PyErr_Occurred() ? -1 : 0;
}

static PyObject *method_compare(PyObject *self, PyObject *other, int how)
{
    if ((how != Py_EQ && how != Py_NE) || !PyObject_TypeCheck(other, &MethodOperations_Type))
        Py_RETURN_NOTIMPLEMENTED;
    int equals = equal(self, other);
    return equals < 0 ? NULL : PyBool_FromLong(equals == (how == Py_EQ));
}

static int method_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Method *)self)->func_ref);
    Py_VISIT(((Method *)self)->meth_type);
    return _PyWeakref_RefType.tp_traverse(self, visit, arg);
}

/* The parts stay, because a reference may be called after the collector has cleared it: they lead
   to nothing that could close a cycle but the callback, and that is cleared. */
static int method_clear(PyObject *self)
{
    return _PyWeakref_RefType.tp_clear(self);
}

static void method_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    Py_CLEAR(((Method *)self)->func_ref);
    Py_CLEAR(((Method *)self)->meth_type);
    _PyWeakref_RefType.tp_dealloc(self);
}

static PyMemberDef method_members[] = {
    {"_func_ref", T_OBJECT_EX, offsetof(Method, func_ref), READONLY, "Gives the function."},
    {"_meth_type", T_OBJECT_EX, offsetof(Method, meth_type), READONLY, "Makes the method."},
    {NULL, 0, 0, 0, NULL},
};

static PyMethodDef method_methods[] = {
    {"__class_getitem__", Py_GenericAlias, METH_O | METH_CLASS, "See PEP 585."},
    {NULL, NULL, 0, NULL},
};

PyTypeObject MethodOperations_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "weakrefs._native.MethodOperations",
    .tp_basicsize = sizeof(Method),
    .tp_dealloc = method_dealloc,
    .tp_call = method_call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC,
    .tp_traverse = method_traverse,
    .tp_clear = method_clear,
    .tp_richcompare = method_compare,
    .tp_members = method_members,
    .tp_methods = method_methods,
    .tp_new = method_new,
};

/* Its base and its hash are the interpreter's: no constant expression for some compilers. */
int methods_ready(void)
{
    MethodOperations_Type.tp_base = &_PyWeakref_RefType;
    MethodOperations_Type.tp_hash = _PyWeakref_RefType.tp_hash;
    new_method = PyCFunction_New(&new_method_definition, NULL);
    return new_method == NULL ? -1 : PyType_Ready(&MethodOperations_Type);
}
