/* The graph of the heap over tp_traverse and flat arrays: `_walk_pure.py` in C.

   The Python file is the definition of correct; names, arguments and results are the same, and
   the tests compare whole graphs.

   Three rules make this safe. Everything that was reached is held by a strong reference until
   `close`: the graph lives on while Python code runs, and what other threads let go of meanwhile
   must not leave a pointer into freed memory, or a new object at an address that we know. (A
   graph that borrows is for a forked child only: see `leakwatch.heap.listing`.) Nothing
   in here runs Python code or makes an object of the collector's while a tp_traverse is at work:
   its visitors only compare addresses and fill arrays of ours. And no array is touched before the
   room for it is there, so that want of memory ends the walk and not the process. */

#include "_graph_native.h"

#ifdef MS_WINDOWS
#include <windows.h>
#else
#include <time.h>
#endif

static double
now(void)
{
#ifdef MS_WINDOWS
    LARGE_INTEGER ticks, a_second;
    QueryPerformanceCounter(&ticks);
    QueryPerformanceFrequency(&a_second);
    return (double)ticks.QuadPart / (double)a_second.QuadPart;
#else
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
#endif
}

static int
make_room(HeapGraph *self)
{
    if (self->room >= (uint32_t)INT32_MAX) { /* parents have a sign */
        return -1;
    }
    uint32_t room = self->room ? self->room * 2 : 1024;
    void *objects = PyMem_RawRealloc(self->objects, room * sizeof *self->objects);
    if (objects == NULL) {
        return -1;
    }
    self->objects = objects;
    void *parents = PyMem_RawRealloc(self->parents, room * sizeof *self->parents);
    if (parents == NULL) {
        return -1;
    }
    self->parents = parents;
    void *is_leaf = PyMem_RawRealloc(self->is_leaf, room * sizeof *self->is_leaf);
    if (is_leaf == NULL) {
        return -1;
    }
    self->is_leaf = is_leaf;
    void *kinds = PyMem_RawRealloc(self->kinds, room * sizeof *self->kinds);
    if (kinds == NULL) {
        return -1;
    }
    self->kinds = kinds;
    if (self->notes) {
        void *firsts = PyMem_RawRealloc(self->firsts, room * sizeof *self->firsts);
        if (firsts == NULL) {
            return -1;
        }
        self->firsts = firsts;
    }
    self->room = room;
    return 0;
}

/* The number of a type, by the table; a new one if it has none yet. */
static uint16_t
new_kind(HeapGraph *self, PyObject *type)
{
    Slot *slot = table_slot(&self->types, type);
    if (slot->region != 0) {
        return (uint16_t)slot->value;
    }
    size_t number = self->types.used;
    return number < ANY_KIND && table_put(&self->types, slot, type, (uint32_t)number) == 0
               ? (uint16_t)number
               : ANY_KIND;
}

static inline uint16_t
kind_of(HeapGraph *self, const void *type)
{
    unsigned at = ((uintptr_t)type >> 5) % KNOWN;
    if (self->known[at].type != type) {
        self->known[at].number = new_kind(self, (PyObject *)type);
        self->known[at].type = type;
    }
    return self->known[at].number;
}

/* Put an object that was not reached yet at the next position; `slot` is what `table_slot` gives
   for it: a free one, or that of a leaf. */
static int
append(HeapGraph *self, Slot *slot, PyObject *found, int32_t parent)
{
    if (self->count == self->room && make_room(self) < 0) {
        return -1;
    }
    int leaf = slot->region != 0;
    if (leaf) {
        slot->value = self->count | LEAF;
    }
    else if (table_put(&self->positions, slot, found, self->count) < 0) {
        return -1;
    }
    self->objects[self->count] = self->borrows ? found : Py_NewRef(found);
    self->parents[self->count] = parent;
    self->is_leaf[self->count] = (char)leaf;
    self->kinds[self->count] = kind_of(self, Py_TYPE(found));
    if (self->notes) {
        self->firsts[self->count] = NOT_NOTED;
    }
    self->count++;
    return 0;
}

/* ---- walking ---- */

/* Note one more holder of a leaf; where there is no memory for it, it is not noted. */
static void
note_holder(HeapGraph *self, uint32_t leaf, int32_t holder)
{
    if (self->is_leaf[leaf] > MOST_HOLDERS || self->parents[leaf] == holder) {
        return;
    }
    if (self->holder_count == self->holder_room) {
        uint32_t room = self->holder_room ? self->holder_room * 2 : 64;
        Holding *holders = PyMem_RawRealloc(self->holders, room * sizeof *holders);
        if (holders == NULL) {
            return;
        }
        self->holders = holders;
        self->holder_room = room;
    }
    self->is_leaf[leaf]++;
    self->holders[self->holder_count++] = (Holding){leaf, holder};
}

/* Note that one object refers to another; where there is no memory for it, no more is noted. */
static void
note_target(HeapGraph *self, int32_t holder, uint32_t target)
{
    if (self->target_count == self->target_room) {
        size_t room = self->target_room ? self->target_room + self->target_room / 2 : 4096;
        void *targets = room < NOT_NOTED
                            ? PyMem_RawRealloc(self->targets, room * sizeof *self->targets)
                            : NULL;
        if (targets == NULL) {
            self->notes = 0;
            return;
        }
        self->targets = targets;
        self->target_room = room;
    }
    if (self->firsts[holder] == NOT_NOTED) {
        self->firsts[holder] = (uint32_t)self->target_count;
    }
    self->targets[self->target_count++] = target;
}

/* Take the child that waits longest. */
static void
take_met(HeapGraph *self)
{
    Met met = self->met[self->met_first];
    self->met_first = (self->met_first + 1) % MET;
    self->met_count--;
    if (self->spent == SPENT_MEMORY || is_atom(self, met.child)) {
        return;
    }
    Slot *slot = table_slot(&self->positions, met.child);
    uint32_t target = position_in(slot);
    if (!is_reached(slot)) {
        target = self->count;
        if (append(self, slot, met.child, met.holder) < 0) {
            self->spent = SPENT_MEMORY;
            return;
        }
    }
    else if (slot->value & LEAF) {
        note_holder(self, target, met.holder);
    }
    if (self->notes) {
        note_target(self, met.holder, target);
    }
}

/* Nearly all of a walk's time is waiting for the memory: for the type of each child, and for its
   slot in the table. So they wait in a line, all at once, and are taken in the order in which they
   were shown. (Cher, Hosking, Vitek: "Software Prefetching for Mark-Sweep Garbage Collection",
   2004.) Nothing lets go of anything meanwhile. */
static int
reach(PyObject *child, void *argument)
{
    HeapGraph *self = argument;
    if (self->met_count == MET) {
        take_met(self);
    }
    PREFETCH(child);
    PREFETCH(&self->positions.slots[table_home(&self->positions, child)]);
    self->met[(self->met_first + self->met_count++) % MET] = (Met){child, self->holder};
    return self->spent == SPENT_MEMORY ? -1 : 0;
}

static void
take_all_met(HeapGraph *self)
{
    while (self->met_count > 0) {
        take_met(self);
    }
}

int
graph_is_spent(HeapGraph *self)
{
    if (self->spent == SPENT_MEMORY) {
        return 1;
    }
    if (self->count >= self->most_objects) {
        self->spent = SPENT_OBJECTS;
    }
    else if (now() > self->deadline) {
        self->spent = SPENT_SECONDS;
    }
    return self->spent;
}

/* Enter one object; gives whether the walk must end. */
static int
enter(HeapGraph *self, uint32_t position, uint32_t *look)
{
    if (self->count + self->met_count >= *look) {
        take_all_met(self);
        if (graph_is_spent(self)) {
            return 1;
        }
        uint32_t next = self->count + CHECK_EVERY;
        *look = next < self->most_objects ? next : self->most_objects;
    }
    self->holder = (int32_t)position;
    traverse(self->objects[position], reach, self);
    return self->spent == SPENT_MEMORY;
}

/* Whether there is an object at a position, perhaps one that waits. */
static inline int
is_there(HeapGraph *self, uint32_t position)
{
    while (position >= self->count && self->met_count > 0) {
        take_met(self);
    }
    return position < self->count;
}

static void
walk_on(HeapGraph *self, uint32_t first, uint32_t *look, int into_leaves)
{
    for (uint32_t at = first; is_there(self, at); at++) {
        if (at + AHEAD < self->count) {
            PREFETCH(self->objects[at + AHEAD]);
        }
        if ((into_leaves || !self->is_leaf[at]) && enter(self, at, look)) {
            return;
        }
    }
}

int
graph_check_position(const HeapGraph *self, long long position)
{
    if (position < 0 || position >= (long long)self->count) {
        PyErr_Format(PyExc_IndexError, "no position %lld in a graph of %u", position, self->count);
        return -1;
    }
    return 0;
}

static PyObject *
graph_expand(HeapGraph *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"starts", "into_leaves", NULL};
    PyObject *starts;
    int into_leaves;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O!$p", names, &PyList_Type, &starts,
                                     &into_leaves)) {
        return NULL;
    }
    uint32_t first = self->count, look = 0;
    int ended = 0;
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(starts) && !ended; i++) {
        long position = PyLong_AsLong(PyList_GET_ITEM(starts, i));
        ended = PyErr_Occurred() || graph_check_position(self, position) < 0
                || enter(self, (uint32_t)position, &look);
    }
    if (!ended) { /* what is found is queued in the order of its positions, so they are the queue */
        walk_on(self, first, &look, into_leaves);
    }
    take_all_met(self);
    if (PyErr_Occurred()) {
        return NULL;
    }
    Py_RETURN_NONE;
}

static PyObject *
graph_add(HeapGraph *self, PyObject *args)
{
    PyObject *found;
    int parent;
    if (!PyArg_ParseTuple(args, "Oi", &found, &parent)) {
        return NULL;
    }
    Slot *slot = table_slot(&self->positions, found);
    if (is_reached(slot)) {
        return PyLong_FromUnsignedLong(position_in(slot));
    }
    uint32_t position = self->count;
    if (append(self, slot, found, parent) < 0) {
        return PyErr_NoMemory();
    }
    return PyLong_FromUnsignedLong(position);
}

/* ---- life of a graph ---- */

static int
take_atoms(HeapGraph *self, PyObject *atoms)
{
    if (PySet_GET_SIZE(atoms) > MOST_ATOMS) {
        PyErr_Format(PyExc_ValueError, "more than %d atoms", MOST_ATOMS);
        return -1;
    }
    PyObject *identities = PySequence_List(atoms);
    if (identities == NULL) {
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(identities); i++) {
        const void *type = PyLong_AsVoidPtr(PyList_GET_ITEM(identities, i));
        self->atoms[self->atom_count++] = type;
        self->atom_bits |= bit_of(type);
    }
    Py_DECREF(identities);
    return PyErr_Occurred() ? -1 : 0;
}

static int
take_leaves(HeapGraph *self, PyObject *leaves)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(leaves); i++) {
        PyObject *leaf = PyList_GET_ITEM(leaves, i);
        Slot *slot = table_slot(&self->positions, leaf);
        if (slot->region == 0 && table_put(&self->positions, slot, leaf, UNREACHED) < 0) {
            PyErr_NoMemory();
            return -1;
        }
    }
    return 0;
}

static PyObject *
graph_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = {"leaves", "atoms", "most_objects", "seconds", "expected", "borrows", "notes", NULL};
    PyObject *leaves, *atoms;
    long long most_objects;
    double seconds;
    unsigned int expected = 0;
    int borrows = 0, notes = 0;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "O!O!Ld|I$pp", names, &PyList_Type, &leaves,
                                     &PyFrozenSet_Type, &atoms, &most_objects, &seconds, &expected,
                                     &borrows, &notes)) {
        return NULL;
    }
    HeapGraph *self = (HeapGraph *)type->tp_alloc(type, 0);
    if (self == NULL) {
        return NULL;
    }
    self->borrows = borrows;
    self->notes = notes;
    self->most_objects = (uint32_t)Py_MAX(0, Py_MIN(most_objects, INT32_MAX));
    self->deadline = now() + seconds;
    /* Half empty, a walk is fastest; where memory counts, with a little more than must be free,
       since what the collector does not know is reached as well. */
    size_t size = borrows ? (size_t)expected / 5 * 7 : 2 * (size_t)expected;
    if (table_init(&self->positions, 4096 + size) < 0 || table_init(&self->types, 256) < 0) {
        PyErr_NoMemory();
    }
    if (PyErr_Occurred() || take_atoms(self, atoms) < 0 || take_leaves(self, leaves) < 0) {
        Py_DECREF(self);
        return NULL;
    }
    return (PyObject *)self;
}

/* An object may die here and run code that asks the graph again, so it is emptied first. */
static void
let_go(HeapGraph *self)
{
    PyObject **objects = self->objects;
    uint32_t count = self->count;
    self->objects = NULL;
    self->count = self->room = 0;
    table_empty(&self->positions);
    for (uint32_t i = 0; i < count && !self->borrows; i++) {
        Py_DECREF(objects[i]);
    }
    PyMem_RawFree(objects);
}

static PyObject *
graph_close(HeapGraph *self, PyObject *Py_UNUSED(nothing))
{
    let_go(self);
    Py_RETURN_NONE;
}

static void
graph_dealloc(HeapGraph *self)
{
    PyTypeObject *type = Py_TYPE(self);
    for (uint32_t i = 0; i < self->count && !self->borrows; i++) {
        Py_DECREF(self->objects[i]);
    }
    PyMem_RawFree(self->objects);
    PyMem_RawFree(self->parents);
    PyMem_RawFree(self->is_leaf);
    PyMem_RawFree(self->holders);
    PyMem_RawFree(self->targets);
    PyMem_RawFree(self->firsts);
    PyMem_RawFree(self->kinds);
    table_free(&self->types);
    table_free(&self->positions);
    type->tp_free(self);
    Py_DECREF(type);
}

static Py_ssize_t
graph_length(HeapGraph *self)
{
    return self->count;
}

static PyObject *
graph_spent(HeapGraph *self, void *Py_UNUSED(closure))
{
    return PyLong_FromLong(self->spent);
}

/* ---- for a pass over all of it ---- */

int
graph_reached(PyObject *graph, Reached *reached)
{
    if (Py_TYPE(graph)->tp_dealloc != (destructor)graph_dealloc) {
        PyErr_SetString(PyExc_TypeError, "expected a HeapGraph");
        return -1;
    }
    const HeapGraph *self = (HeapGraph *)graph;
    *reached = (Reached){self->objects, self->parents, self->count, self->borrows,
                         self->targets, self->firsts,  self->notes ? self->target_count : 0};
    return 0;
}

int64_t
graph_find(PyObject *graph, PyObject *wanted)
{
    const Slot *slot = table_slot(&((HeapGraph *)graph)->positions, wanted);
    return is_reached(slot) ? (int64_t)position_in(slot) : -1;
}

int
graph_is_atom(PyObject *graph, PyObject *found)
{
    return is_atom((HeapGraph *)graph, found);
}

static PyMethodDef graph_methods[] = {
    {"add", (PyCFunction)graph_add, METH_VARARGS, NULL},
    {"code_constants", (PyCFunction)graph_code_constants, METH_O, NULL},
    {"close", (PyCFunction)graph_close, METH_NOARGS, NULL},
    {"expand", (PyCFunction)(void (*)(void))graph_expand, METH_VARARGS | METH_KEYWORDS, NULL},
    {"kinds_from", (PyCFunction)graph_kinds_from, METH_VARARGS, NULL},
    {"leaves_from", (PyCFunction)graph_leaves_from, METH_O, NULL},
    {"object_at", (PyCFunction)graph_object_at, METH_O, NULL},
    {"other_holders", (PyCFunction)graph_other_holders, METH_O, NULL},
    {"out_of_reach", (PyCFunction)graph_out_of_reach, METH_VARARGS, NULL},
    {"owned", (PyCFunction)(void (*)(void))graph_owned, METH_VARARGS | METH_KEYWORDS, NULL},
    {"parent_of", (PyCFunction)graph_parent_of, METH_O, NULL},
    {"position_of", (PyCFunction)graph_position_of, METH_O, NULL},
    {"unheld", (PyCFunction)graph_unheld, METH_VARARGS, NULL},
    {"unreached", (PyCFunction)graph_unreached, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef graph_fields[] = {
    {"spent", (getter)graph_spent, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

/* Not known to the collector: what we hold would look held by us to everybody who asks it. */
static PyType_Slot graph_slots[] = {
    {Py_tp_doc, "See `leakwatch.heap._walk_pure.HeapGraph`."},
    {Py_tp_new, graph_new},
    {Py_tp_dealloc, graph_dealloc},
    {Py_tp_methods, graph_methods},
    {Py_tp_getset, graph_fields},
    {Py_sq_length, graph_length},
    {0, NULL},
};

static PyType_Spec graph_spec = {
    .name = "leakwatch.heap._walk_native.HeapGraph",
    .basicsize = sizeof(HeapGraph),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE,
    .slots = graph_slots,
};

/* ---- the module ---------------------------------------------------------------------------- */

static PyMethodDef module_methods[] = {
    {"addresses", addresses, METH_VARARGS, "See `leakwatch.heap._walk_pure.addresses`."},
    {"census", census, METH_O, "See `leakwatch.heap._walk_pure.census`."},
    {"edges_of", edges_of, METH_VARARGS, "See `leakwatch.heap._edges_pure.edges_of`."},
    {"keep_arenas", keep_arenas, METH_NOARGS, "Memory of small objects is not given back from now on."},
    {"of_kinds", of_kinds, METH_VARARGS, "See `leakwatch.heap._walk_pure.of_kinds`."},
    {"lengths", lengths, METH_VARARGS, "See `leakwatch.heap._walk_pure.lengths`."},
    {"of_other_types", of_other_types, METH_VARARGS,
     "See `leakwatch.heap._walk_pure.of_other_types`."},
    {"of_types", of_types, METH_VARARGS, "See `leakwatch.heap._walk_pure.of_types`."},
    {"untracked_containers", untracked_containers, METH_O, "See `leakwatch.heap._walk_pure.untracked_containers`."},
    {NULL, NULL, 0, NULL},
};

static int
fill_module(PyObject *module)
{
    PyObject *type = PyType_FromModuleAndSpec(module, &graph_spec, NULL);
    if (type == NULL) {
        return -1;
    }
    int failed = PyModule_AddObjectRef(module, "HeapGraph", type);
    Py_DECREF(type);
    return failed < 0 ? -1 : fill_listing(module);
}

/* Nothing in here belongs to one interpreter: a graph holds what it was given, and what that leads
   to. That no root leads out of an interpreter is for those who give the roots. */
static PyModuleDef_Slot module_slots[] = {
    {Py_mod_exec, (void *)fill_module},
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
    {0, NULL},
};

static PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "leakwatch.heap._walk_native",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__walk_native(void)
{
    return PyModuleDef_Init(&module_definition);
}
