/* What the files of `leakwatch.snapshots._columns_native` share: columns of numbers.

   They see numbers only, which they check themselves, and no object of a heap; so they need no
   lock. The Python files are the definition of correct. */

#ifndef LEAKWATCH_COLUMNS_NATIVE_H
#define LEAKWATCH_COLUMNS_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    const uint32_t *items;
    size_t count;
} Column;

static inline int
as_column(const Py_buffer *buffer, Column *column)
{
    *column = (Column){0};
    if (buffer->len == 0) {
        return 0; /* what it points to may be anything */
    }
    column->items = buffer->buf;
    column->count = (size_t)buffer->len / sizeof(uint32_t);
    if ((size_t)buffer->len % sizeof(uint32_t) || (uintptr_t)buffer->buf % sizeof(uint32_t)) {
        PyErr_SetString(PyExc_ValueError, "a column is not of 32-bit numbers");
        return -1;
    }
    return 0;
}

static inline int
as_columns(const Py_buffer *buffers, Column *columns, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (as_column(&buffers[i], &columns[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static inline void
release(Py_buffer *buffers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (buffers[i].obj != NULL) {
            PyBuffer_Release(&buffers[i]);
        }
    }
}

static inline int
all_below(Column column, size_t bound)
{
    for (size_t i = 0; i < column.count; i++) {
        if (column.items[i] >= bound) {
            return 0;
        }
    }
    return 1;
}

static inline int
rises_to(Column column, size_t end)
{
    if (column.count == 0 || column.items[0] != 0 || column.items[column.count - 1] != end) {
        return 0;
    }
    for (size_t i = 1; i < column.count; i++) {
        if (column.items[i - 1] > column.items[i]) {
            return 0;
        }
    }
    return 1;
}

/* _walking_native.c: a walk over a file. */
PyObject *expand(PyObject *module, PyObject *args);

/* _index_native.c: what an index makes once. */
PyObject *inherit(PyObject *module, PyObject *args);
PyObject *link_below(PyObject *module, PyObject *args);

/* _bounds_native.c: what is asked of a whole column before it is believed. */
PyObject *largest(PyObject *module, PyObject *column);
PyObject *rises(PyObject *module, PyObject *column);
PyObject *any_between(PyObject *module, PyObject *args);

#endif
