/* Iteration over the entries of one moment, leaving out what is dead by then. */

#include "native.h"

typedef struct {
    PyObject_HEAD
    Container *container; /* until the first item is asked for */
    PyObject *(*take)(PyObject *);
    PyObject *pair;     /* what was yielded last, if that is a pair */
    PyObject *snapshot; /* a list of references, or of each reference and its value in turn */
    Py_ssize_t position;
    Shape shape;
} Living;

/* Return an iterator over what `take(container.data)` returns when the first item is asked for. */
PyObject *living_new(Container *container, PyObject *(*take)(PyObject *), Shape shape)
{
    Living *self = PyObject_GC_New(Living, &Living_Type);
    if (self == NULL)
        return NULL;
    self->container = (Container *)Py_NewRef(container);
    self->take = take;
    self->pair = NULL;
    self->snapshot = NULL;
    self->position = 0;
    self->shape = shape;
    PyObject_GC_Track(self);
    return (PyObject *)self;
}

static int take_snapshot(Living *self)
{
    Container *container = self->container;
    self->container = NULL;
    PyObject *data = container_data(container);
    self->snapshot = data ? self->take(data) : NULL;
    Py_XDECREF(data);
    Py_DECREF(container);
    return self->snapshot ? 0 : -1;
}

/* Return the next reference, and its value where there is one; both new. */
static PyObject *next_entry(Living *self, PyObject **value)
{
    if (self->position >= PyList_GET_SIZE(self->snapshot))
        return NULL;
    PyObject *entry = Py_NewRef(PyList_GET_ITEM(self->snapshot, self->position++));
    if (self->shape == VALUE || self->shape == REFERENT_AND_VALUE)
        *value = Py_NewRef(PyList_GET_ITEM(self->snapshot, self->position++));
    return entry;
}

/* A tuple keeps its hash since CPython 3.14. Where the interpreter uses one again, as in the iterator
   of a dict, it calls `_PyTuple_Recycle`, which is not for us. */
static void forget_hash(PyObject *tuple)
{
#if PY_VERSION_HEX >= 0x030E0000
    ((PyTupleObject *)tuple)->ob_hash = -1;
#else
    (void)tuple;
#endif
}

/* Whether nobody but its iterator has `pair`. A count that is kept by several threads does not say. */
static int is_unshared(PyObject *pair)
{
#ifdef Py_GIL_DISABLED
    (void)pair;
    return 0;
#else
    return Py_REFCNT(pair) == 1;
#endif
}

/* Return a pair. Both references are taken over; either may be NULL after an exception. The last
   pair is used again if nobody has kept it, as by the iterator of a dict: a loop that takes pairs
   apart then makes none. */
static PyObject *pair(Living *self, PyObject *first, PyObject *second)
{
    PyObject *last = self->pair;
    if (first == NULL || second == NULL) {
        Py_XDECREF(first);
        Py_XDECREF(second);
        return NULL;
    }
    if (last == NULL || !is_unshared(last)) {
        PyObject *fresh = PyTuple_Pack(2, first, second);
        Py_DECREF(first);
        Py_DECREF(second);
        Py_XSETREF(self->pair, Py_XNewRef(fresh));
        return fresh;
    }
    Py_INCREF(last); /* now it is shared, whatever the lines below set off */
    Py_SETREF(PyTuple_GET_ITEM(last, 0), first);
    Py_SETREF(PyTuple_GET_ITEM(last, 1), second);
    forget_hash(last);
    if (!PyObject_GC_IsTracked(last)) /* the collector lets go of pairs of atoms */
        PyObject_GC_Track(last);
    return last;
}

/* Return what the iterator yields for an entry. The reference to `obj` is taken over. */
static PyObject *shaped(Living *self, PyObject *entry, PyObject *obj, PyObject *value)
{
    PyObject *result;
    switch (self->shape) {
    case REFERENT:
        return obj;
    case KEY_AND_REFERENT:
        return pair(self, entry_key(entry), obj);
    case REFERENT_AND_VALUE:
        return pair(self, obj, Py_NewRef(value));
    case KEY:
        result = entry_key(entry);
        break;
    default:
        result = Py_NewRef(value);
    }
    Py_DECREF(obj);
    return result;
}

static int living_clear(PyObject *self)
{
    Py_CLEAR(((Living *)self)->container);
    Py_CLEAR(((Living *)self)->pair);
    Py_CLEAR(((Living *)self)->snapshot);
    return 0;
}

static PyObject *next_living(Living *self)
{
    PyObject *entry, *obj, *value = NULL, *result = NULL;
    if (self->container != NULL && take_snapshot(self) < 0)
        return NULL;
    while (self->snapshot != NULL && (entry = next_entry(self, &value)) != NULL) {
        obj = living(entry);
        if (obj != NULL)
            result = shaped(self, entry, obj, value);
        Py_DECREF(entry);
        Py_CLEAR(value);
        if (obj != NULL)
            return result;
    }
    living_clear((PyObject *)self);
    return NULL;
}

static PyObject *living_next(PyObject *self)
{
    PyObject *result;
    Py_BEGIN_CRITICAL_SECTION(self);
    result = next_living((Living *)self);
    Py_END_CRITICAL_SECTION();
    return result;
}

static int living_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(((Living *)self)->container);
    Py_VISIT(((Living *)self)->pair);
    Py_VISIT(((Living *)self)->snapshot);
    return 0;
}

static void living_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    living_clear(self);
    PyObject_GC_Del(self);
}

PyTypeObject Living_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "weakrefs._native.Living",
    .tp_basicsize = sizeof(Living),
    .tp_dealloc = living_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_DISALLOW_INSTANTIATION,
    .tp_traverse = living_traverse,
    .tp_clear = living_clear,
    .tp_iter = PyObject_SelfIter,
    .tp_iternext = living_next,
};
