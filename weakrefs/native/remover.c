/* The callback of a container's references.

   It may run on any thread, at any allocation, inside any other function of this package: so it
   does one atomic thing and takes no lock. It knows its container weakly, or container, references
   and callback would be a cycle. */

#include "native.h"

typedef struct {
    PyObject_HEAD
    vectorcallfunc vectorcall;
    PyObject *container; /* a weak reference */
    PyObject *closure;   /* None: like a function without variables of its own */
} Remover;

PyObject *remover_new(PyObject *container, vectorcallfunc remove)
{
    Remover *self = PyObject_New(Remover, &Remover_Type);
    if (self == NULL)
        return NULL;
    self->vectorcall = remove;
    self->closure = Py_NewRef(Py_None);
    self->container = PyWeakref_NewRef(container, NULL);
    if (self->container == NULL)
        Py_CLEAR(self);
    return (PyObject *)self;
}

/* Return a new reference to the `data` to remove from, or NULL, without an exception, if the
   container is gone. */
PyObject *remover_data(PyObject *self)
{
    Container *container = (Container *)living(((Remover *)self)->container);
    if (container == NULL)
        return NULL;
    PyObject *data;
    Py_BEGIN_CRITICAL_SECTION(container);
    data = Py_XNewRef(container->data);
    Py_END_CRITICAL_SECTION();
    Py_DECREF(container);
    return data;
}

static void remover_dealloc(PyObject *self)
{
    Py_XDECREF(((Remover *)self)->container);
    Py_XDECREF(((Remover *)self)->closure);
    PyObject_Free(self);
}

static PyMemberDef remover_members[] = {
    {"__closure__", T_OBJECT, offsetof(Remover, closure), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

PyTypeObject Remover_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "weakrefs._native.Remover",
    .tp_basicsize = sizeof(Remover),
    .tp_dealloc = remover_dealloc,
    .tp_vectorcall_offset = offsetof(Remover, vectorcall),
    .tp_call = PyVectorcall_Call,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_VECTORCALL | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_members = remover_members,
};
