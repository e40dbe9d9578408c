/* What is asked of a whole column before it is believed: `leakwatch.snapshots.bounds` in C. */

#include "_columns_native.h"

typedef uint32_t (*Answer)(Column column, uint32_t low, uint32_t high);

static uint32_t
largest_in(Column column, uint32_t Py_UNUSED(low), uint32_t Py_UNUSED(high))
{
    uint32_t found = 0;
    for (size_t i = 0; i < column.count; i++) {
        found = column.items[i] > found ? column.items[i] : found;
    }
    return found;
}

static uint32_t
rising(Column column, uint32_t Py_UNUSED(low), uint32_t Py_UNUSED(high))
{
    uint32_t falls = 0;
    for (size_t i = 1; i < column.count; i++) {
        falls |= column.items[i - 1] > column.items[i];
    }
    return !falls;
}

static uint32_t
between(Column column, uint32_t low, uint32_t high)
{
    uint32_t found = 0;
    for (size_t i = 0; i < column.count; i++) {
        found |= column.items[i] >= low && column.items[i] < high;
    }
    return found;
}

static int
asked(PyObject *numbers, Answer answer, uint32_t low, uint32_t high, uint32_t *found)
{
    Py_buffer buffer = {0};
    Column column;
    if (PyObject_GetBuffer(numbers, &buffer, PyBUF_SIMPLE) < 0) {
        return -1;
    }
    int failed = as_column(&buffer, &column) < 0;
    if (!failed) {
        Py_BEGIN_ALLOW_THREADS
        *found = answer(column, low, high);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&buffer);
    return failed ? -1 : 0;
}

PyObject *
largest(PyObject *Py_UNUSED(module), PyObject *numbers)
{
    uint32_t found;
    return asked(numbers, largest_in, 0, 0, &found) < 0 ? NULL : PyLong_FromUnsignedLong(found);
}

PyObject *
rises(PyObject *Py_UNUSED(module), PyObject *numbers)
{
    uint32_t found;
    return asked(numbers, rising, 0, 0, &found) < 0 ? NULL : PyBool_FromLong((long)found);
}

PyObject *
any_between(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *numbers;
    unsigned int low, high;
    uint32_t found;
    if (!PyArg_ParseTuple(args, "OII", &numbers, &low, &high)
        || asked(numbers, between, low, high, &found) < 0) {
        return NULL;
    }
    return PyBool_FromLong((long)found);
}
