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
    PyObject *data;
    Py_BEGIN_CRITICAL_SECTION(self);
    data = Py_XNewRef(self->data);
    Py_END_CRITICAL_SECTION();
    if (data == NULL)
        PyErr_Format(PyExc_AttributeError,
                     "%.200s has no 'data': its __init__ has not been called",
                     Py_TYPE(self)->tp_name);
    return data;
}

/* Return a new reference to the callback of a container that has `data`. */
PyObject *container_remove(Container *self)
{
    PyObject *remove;
    Py_BEGIN_CRITICAL_SECTION(self);
    remove = Py_NewRef(self->remove ? self->remove : Py_None);
    Py_END_CRITICAL_SECTION();
    return remove;
}

/* `len()`, which counts dead references that their callback has not taken out yet. */
Py_ssize_t container_length(PyObject *self)
{
    Py_ssize_t length = 0;
    Py_BEGIN_CRITICAL_SECTION(self);
    PyObject *data = ((Container *)self)->data;
    if (data != NULL)
        length = PyDict_CheckExact(data) ? PyDict_GET_SIZE(data) : PySet_GET_SIZE(data);
    Py_END_CRITICAL_SECTION();
    return length;
}

/* Make the container empty, with `data`, whose reference is taken over. */
PyObject *container_start(Container *self, PyObject *data, vectorcallfunc remove)
{
    PyObject *remover = data ? remover_new((PyObject *)self, remove) : NULL;
    if (remover == NULL) {
        Py_XDECREF(data);
        return NULL;
    }
    PyObject *old_data, *old_remover;
    Py_BEGIN_CRITICAL_SECTION(self);
    old_data = self->data;
    old_remover = self->remove;
    self->data = data;
    self->remove = remover;
    Py_END_CRITICAL_SECTION();
    Py_XDECREF(old_data);
    Py_XDECREF(old_remover);
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
