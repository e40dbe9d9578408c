/* What the three bases have in common: their attributes, their life, their `data`. */

#include "native.h"

int container_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Container *)self)->data);
    Py_VISIT(((Container *)self)->remove);
    return 0;
}

int container_clear(PyObject *self)
{
    Py_CLEAR(((Container *)self)->data);
    Py_CLEAR(((Container *)self)->remove);
    return 0;
}

void container_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    container_clear(self);
    Py_TYPE(self)->tp_free(self);
}

/* Return a new reference to `data`. Owned, because `__eq__` of a key is user code, and may put
   another dict in its place during the look-up. */
PyObject *container_data(Container *self)
{
    if (self->data == NULL || self->remove == NULL) {
        PyErr_Format(PyExc_AttributeError,
                     "%.200s has no 'data': its __init__ has not been called",
                     Py_TYPE(self)->tp_name);
        return NULL;
    }
    return Py_NewRef(self->data);
}

/* `len()`, which counts dead references that their callback has not taken out yet. */
Py_ssize_t container_length(PyObject *self)
{
    PyObject *data = ((Container *)self)->data;
    return data == NULL ? 0 : PyDict_CheckExact(data) ? PyDict_GET_SIZE(data) : PySet_GET_SIZE(data);
}

/* Make the container empty, with `data`, whose reference is taken over. */
PyObject *container_start(Container *self, PyObject *data, vectorcallfunc remove)
{
    PyObject *remover = data ? remover_new((PyObject *)self, remove) : NULL;
    if (remover == NULL) {
        Py_XDECREF(data);
        return NULL;
    }
    Py_XSETREF(self->data, data);
    Py_XSETREF(self->remove, remover);
    Py_RETURN_NONE;
}

/* Members and not properties: leakwatch names what it finds in a slot, and calls no property.
   Read-only, since the other functions rely on an exact dict or set. */
PyMemberDef container_members[] = {
    {"data", T_OBJECT_EX, offsetof(Container, data), READONLY,
     "The references that the container is made of."},
    {"_remove", T_OBJECT_EX, offsetof(Container, remove), READONLY,
     "The callback of these references."},
    {NULL, 0, 0, 0, NULL},
};
