/* What the collector lists, seen without a list and without a reference to any of it.

   `gc.get_objects` counts a reference to each object, which in a forked child makes a copy of
   every page. The collector has its objects in three rings, one a generation; each begins and
   ends in a link that belongs to the interpreter and to no object. What is tracked last is put
   at the end of the youngest ring, so the link behind it is where that ring begins; the two
   others lie behind it in memory, each with its threshold. That is checked before it is used. */

#include "_walk_native.h"

typedef struct { /* a generation in the interpreter's state, from CPython 3.7 on */
    Link ring;
    int threshold, count;
} Generation;

static int
is_ring(Link *ring)
{
    Link *first = LINK(ring->next), *last = LINK(ring->prev);
    return first != NULL && last != NULL && LINK(first->prev) == ring && LINK(last->next) == ring;
}

/* The thresholds are compared first, since that follows no pointer. That of the oldest generation
   is told as 0 where the collector is incremental. */
static int
are_generations(Generation *youngest, const int *thresholds)
{
    if (youngest[0].threshold != thresholds[0] || youngest[1].threshold != thresholds[1]) {
        return 0;
    }
    return is_ring(&youngest[0].ring) && is_ring(&youngest[1].ring) && is_ring(&youngest[2].ring);
}

static PyObject *
listing_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(keywords))
{
    int thresholds[GENERATIONS];
    if (!PyArg_ParseTuple(args, "(iii)", &thresholds[0], &thresholds[1], &thresholds[2])) {
        return NULL;
    }
    Listing *self = (Listing *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    Generation *youngest = (Generation *)LINK(((Link *)self - 1)->next);
    if (!are_generations(youngest, thresholds)) {
        Py_DECREF(self);
        PyErr_SetString(PyExc_RuntimeError, "this interpreter keeps its objects in another way");
        return NULL;
    }
    for (int i = 0; i < GENERATIONS; i++) {
        self->generations[i] = &youngest[i].ring;
    }
    return (PyObject *)self;
}

static void
listing_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    type->tp_free(self);
    Py_DECREF(type);
}

/* By its destructor: each interpreter has a type of its own. */
int
is_listing(PyObject *suspect)
{
    return Py_TYPE(suspect)->tp_dealloc == listing_dealloc;
}

static int
listing_traverse(PyObject *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    return 0;
}

/* To know it takes a pass; nothing is added, and what goes meanwhile is little. */
static Py_ssize_t
listing_length(PyObject *self)
{
    Cursor cursor;
    if (cursor_init(&cursor, self) < 0) {
        return -1;
    }
    while (cursor.listing->count == 0 && cursor_next(&cursor) != NULL) {
        continue;
    }
    return cursor.listing->count;
}

static PyObject *
listing_clear(PyObject *Py_UNUSED(self), PyObject *Py_UNUSED(nothing))
{
    Py_RETURN_NONE;
}

static PyMethodDef listing_methods[] = {
    {"clear", listing_clear, METH_NOARGS, "Nothing to let go of."},
    {NULL, NULL, 0, NULL},
};

static PyType_Slot listing_slots[] = {
    {Py_tp_doc, "See `leakwatch.heap.listing`."},
    {Py_tp_new, listing_new},
    {Py_tp_dealloc, listing_dealloc},
    {Py_tp_traverse, listing_traverse},
    {Py_tp_methods, listing_methods},
    {Py_sq_length, listing_length},
    {0, NULL},
};

/* Known to the collector, as its own place in the youngest ring is where the listing ends. */
static PyType_Spec listing_spec = {
    .name = "leakwatch.heap._walk_native.Listing",
    .basicsize = sizeof(Listing),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = listing_slots,
};

int
fill_listing(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &listing_spec, NULL);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddObjectRef(module, "Listing", type);
    Py_DECREF(type);
    return failed;
}


/* ---- for a graph that borrows -------------------------------------------------------------- */

static void
keep_arena(void *Py_UNUSED(context), void *Py_UNUSED(arena), size_t Py_UNUSED(size))
{
}

PyObject *
keep_arenas(PyObject *Py_UNUSED(module), PyObject *Py_UNUSED(nothing))
{
    PyObjectArenaAllocator arenas;
    PyObject_GetArenaAllocator(&arenas);
    arenas.free = keep_arena;
    PyObject_SetArenaAllocator(&arenas);
    Py_RETURN_NONE;
}
