/* What an index makes once of the dominators: owners, and the tree from above; in C. */

#include "_columns_native.h"

#define NOBODY (-1)
#define UNKNOWN 0xFFFF /* leakwatch.snapshots.owners */

enum { WHOLE, NO_MEMORY, ODD };

/* ---- owners: `leakwatch.snapshots.owners.inherit` ---------------------------------------------- */

typedef struct {
    const int32_t *above;
    uint16_t *owners;
    uint32_t count;
    uint16_t standard;
    char *settled;
    uint32_t *path; /* from an object up to one that is settled */
    size_t length, room;
} Owners;

static int
climb(Owners *self, int32_t *at)
{
    for (self->length = 0; *at >= 0 && !self->settled[*at]; *at = self->above[*at]) {
        if (self->above[*at] < NOBODY || self->above[*at] >= (int64_t)self->count
            || self->length >= self->count) {
            return ODD; /* it leads nowhere, or in a ring */
        }
        if (self->length == self->room) {
            size_t room = self->room ? self->room * 2 : 1024;
            void *path = PyMem_RawRealloc(self->path, room * sizeof *self->path);
            if (path == NULL) {
                return NO_MEMORY;
            }
            self->path = path;
            self->room = room;
        }
        self->path[self->length++] = (uint32_t)*at;
    }
    return WHOLE;
}

static int
inherit_all(Owners *self)
{
    for (uint32_t number = 0; number < self->count; number++) {
        int32_t at = (int32_t)number;
        int failed = climb(self, &at);
        if (failed) {
            return failed;
        }
        uint16_t inherited = at >= 0 ? self->owners[at] : UNKNOWN;
        while (self->length > 0) {
            uint32_t below = self->path[--self->length];
            uint16_t own = self->owners[below];
            if (own != UNKNOWN && !(own == self->standard && inherited != UNKNOWN)) {
                inherited = own;
            }
            self->owners[below] = inherited;
            self->settled[below] = 1;
        }
    }
    for (uint32_t number = 0; number < self->count; number++) {
        self->owners[number] = self->owners[number] == UNKNOWN ? 0 : self->owners[number];
    }
    return WHOLE;
}

static PyObject *
none_or_error(int failed)
{
    if (failed == NO_MEMORY) {
        return PyErr_NoMemory();
    }
    if (failed == ODD) {
        PyErr_SetString(PyExc_ValueError, "the columns are not those of a heap");
        return NULL;
    }
    Py_RETURN_NONE;
}

PyObject *
inherit(PyObject *Py_UNUSED(module), PyObject *args)
{
    enum { ABOVE, OWNERS, BUFFERS };
    Py_buffer buffers[BUFFERS] = {0};
    unsigned int standard;
    if (!PyArg_ParseTuple(args, "y*w*I", &buffers[ABOVE], &buffers[OWNERS], &standard)) {
        return NULL;
    }
    size_t count = (size_t)buffers[OWNERS].len / sizeof(uint16_t);
    Owners self = {.above = buffers[ABOVE].buf, .owners = buffers[OWNERS].buf,
                   .count = (uint32_t)count, .standard = (uint16_t)standard};
    int failed = count < INT32_MAX && (size_t)buffers[ABOVE].len == count * sizeof(int32_t) ? WHOLE : ODD;
    self.settled = failed ? NULL : PyMem_RawCalloc(count + 1, 1);
    if (!failed && self.settled == NULL) {
        failed = NO_MEMORY;
    }
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = inherit_all(&self);
        Py_END_ALLOW_THREADS
    }
    PyMem_RawFree(self.settled);
    PyMem_RawFree(self.path);
    release(buffers, BUFFERS);
    return none_or_error(failed);
}

/* ---- the tree: `leakwatch.snapshots.index.link` ------------------------------------------------ */

static int
link_all(const int32_t *above, size_t count, int32_t *firsts, int32_t *nexts, int32_t *counts)
{
    for (size_t number = 0; number < count; number++) {
        if (above[number] < NOBODY || above[number] >= (int64_t)count) {
            return ODD;
        }
        size_t place = above[number] == NOBODY ? count : (size_t)above[number];
        nexts[number] = firsts[place];
        firsts[place] = (int32_t)number;
        counts[place]++;
    }
    return WHOLE;
}

PyObject *
link_below(PyObject *Py_UNUSED(module), PyObject *args)
{
    enum { ABOVE, FIRSTS, NEXTS, COUNTS, BUFFERS };
    Py_buffer buffers[BUFFERS] = {0};
    if (!PyArg_ParseTuple(args, "y*w*w*w*", &buffers[ABOVE], &buffers[FIRSTS], &buffers[NEXTS],
                          &buffers[COUNTS])) {
        return NULL;
    }
    size_t count = (size_t)buffers[ABOVE].len / sizeof(int32_t);
    Py_ssize_t longer = buffers[ABOVE].len + (Py_ssize_t)sizeof(int32_t);
    int failed = count < INT32_MAX && buffers[FIRSTS].len == longer && buffers[COUNTS].len == longer
                         && buffers[NEXTS].len == buffers[ABOVE].len
                     ? WHOLE
                     : ODD;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        failed = link_all(buffers[ABOVE].buf, count, buffers[FIRSTS].buf, buffers[NEXTS].buf,
                          buffers[COUNTS].buf);
        Py_END_ALLOW_THREADS
    }
    release(buffers, BUFFERS);
    return none_or_error(failed);
}
