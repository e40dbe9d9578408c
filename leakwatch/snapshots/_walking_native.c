/* A walk over a file, breadth first: `leakwatch.snapshots.walking.expand` in C. */

#include "_columns_native.h"

#define UNREACHED INT32_MIN

enum { OFFSETS, TARGETS, LEAVES, PARENTS, EDGES, NOTED, STARTS, BUFFERS };

typedef struct {
    uint32_t *items;
    size_t count, room;
} Numbers;

typedef struct {
    Column offsets, targets, starts;
    const unsigned char *leaves;
    unsigned char *noted; /* how many further holders of each leaf are noted */
    int32_t *parents;
    uint32_t *edges;
    uint32_t count; /* of objects */
    unsigned int most_holders;
    Numbers found, held, holders;
} Walk;

enum { WHOLE, NO_MEMORY, ODD };

static int
push(Numbers *numbers, uint32_t number)
{
    if (numbers->count == numbers->room) {
        size_t room = numbers->room ? numbers->room * 2 : 1024;
        void *items = PyMem_RawRealloc(numbers->items, room * sizeof *numbers->items);
        if (items == NULL) {
            return NO_MEMORY;
        }
        numbers->items = items;
        numbers->room = room;
    }
    numbers->items[numbers->count++] = number;
    return WHOLE;
}

static int
note_holder(Walk *self, uint32_t leaf, uint32_t holder)
{
    if (self->noted[leaf] >= self->most_holders) {
        return WHOLE;
    }
    self->noted[leaf]++;
    return push(&self->held, leaf) || push(&self->holders, holder) ? NO_MEMORY : WHOLE;
}

static int
enter(Walk *self, uint32_t holder)
{
    uint32_t edge = self->offsets.items[holder], end = self->offsets.items[holder + 1];
    if (end > self->targets.count) {
        return ODD;
    }
    for (; edge < end; edge++) {
        uint32_t target = self->targets.items[edge];
        if (target >= self->count) {
            return ODD;
        }
        int failed = WHOLE;
        if (self->parents[target] == UNREACHED) {
            self->parents[target] = (int32_t)holder;
            self->edges[target] = edge;
            failed = push(&self->found, target);
        }
        else if (self->leaves[target] && self->parents[target] != (int32_t)holder) {
            failed = note_holder(self, target, holder);
        }
        if (failed) {
            return failed;
        }
    }
    return WHOLE;
}

/* What is found is queued in its order, so it is the queue. */
static int
walk_on(Walk *self)
{
    int failed = WHOLE;
    for (size_t i = 0; i < self->starts.count && !failed; i++) {
        failed = self->starts.items[i] < self->count ? enter(self, self->starts.items[i]) : ODD;
    }
    for (size_t i = 0; i < self->found.count && !failed; i++) {
        if (!self->leaves[self->found.items[i]]) {
            failed = enter(self, self->found.items[i]);
        }
    }
    return failed;
}

static int
take(Walk *self, const Py_buffer *buffers)
{
    if (as_column(&buffers[OFFSETS], &self->offsets) < 0
        || as_column(&buffers[TARGETS], &self->targets) < 0
        || as_column(&buffers[STARTS], &self->starts) < 0) {
        return -1;
    }
    size_t count = (size_t)buffers[LEAVES].len;
    int whole = count < INT32_MAX && self->offsets.count == count + 1 && self->most_holders < 256
                && (size_t)buffers[NOTED].len == count
                && (size_t)buffers[PARENTS].len == count * sizeof *self->parents
                && (size_t)buffers[EDGES].len == count * sizeof *self->edges;
    self->count = (uint32_t)count;
    self->leaves = buffers[LEAVES].buf;
    self->noted = buffers[NOTED].buf;
    self->parents = buffers[PARENTS].buf;
    self->edges = buffers[EDGES].buf;
    return whole ? WHOLE : ODD;
}

static PyObject *
as_bytes(const Numbers *numbers)
{
    return PyBytes_FromStringAndSize((const char *)numbers->items,
                                     (Py_ssize_t)(numbers->count * sizeof *numbers->items));
}

static PyObject *
answer_of(Walk *self, int failed)
{
    PyObject *answer = NULL;
    if (failed == NO_MEMORY) {
        PyErr_NoMemory();
    }
    else if (failed == ODD) {
        PyErr_SetString(PyExc_ValueError, "the columns are not those of a heap");
    }
    else if (!failed) {
        answer = Py_BuildValue("(NNN)", as_bytes(&self->found), as_bytes(&self->held),
                               as_bytes(&self->holders));
    }
    PyMem_RawFree(self->found.items);
    PyMem_RawFree(self->held.items);
    PyMem_RawFree(self->holders.items);
    return answer;
}

PyObject *
expand(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer buffers[BUFFERS] = {0};
    Walk self = {0};
    if (!PyArg_ParseTuple(args, "(y*y*y*w*w*w*)y*I", &buffers[OFFSETS], &buffers[TARGETS],
                          &buffers[LEAVES], &buffers[PARENTS], &buffers[EDGES], &buffers[NOTED],
                          &buffers[STARTS], &self.most_holders)) {
        return NULL; /* it has released what it had taken */
    }
    int failed = take(&self, buffers);
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = walk_on(&self);
        Py_END_ALLOW_THREADS
    }
    PyObject *answer = answer_of(&self, failed);
    release(buffers, BUFFERS);
    return answer;
}
