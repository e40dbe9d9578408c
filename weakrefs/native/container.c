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

static PyObject *get_data(PyObject *self, void *closure)
{
    (void)closure;
    return container_data((Container *)self);
}

/* Only what is of the same kind: the other functions rely on an exact dict or set. */
static int set_data(PyObject *self, PyObject *data, void *closure)
{
    (void)closure;
    PyObject *old = ((Container *)self)->data;
    if (old == NULL || data == NULL || Py_TYPE(data) != Py_TYPE(old)) {
        PyErr_Format(PyExc_TypeError, "'data' of a %.200s must be a plain %s", Py_TYPE(self)->tp_name,
                     PyType_IsSubtype(Py_TYPE(self), &SetOperations_Type) ? "set" : "dict");
        return -1;
    }
    ((Container *)self)->data = Py_NewRef(data);
    Py_DECREF(old);
    return 0;
}

static PyObject *get_remove(PyObject *self, void *closure)
{
    (void)closure;
    PyObject *remove = ((Container *)self)->remove;
    return Py_NewRef(remove ? remove : Py_None);
}

PyGetSetDef container_getset[] = {
    {"data", get_data, set_data, "The references that the container is made of.", NULL},
    {"_remove", get_remove, NULL, "The callback of these references.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};
