/* What is noted of many objects for a later look: where they are, and how long they are.

   Numbers only, sorted by address, so that what is noted keeps nothing alive. Memory is made ready,
   and they are sorted, compared and copied, without the interpreter lock: only to read the heap
   stops the program.

   Columns have pages of their own. What `free` gets back from a thread that looks now and then, the
   C library keeps for that thread: after a look at a million objects that was 35 MiB, for good. */

#include "_walk_native.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

typedef struct {
    uint64_t address;
    uint64_t length;
} Measure;

/* Entries of one size, each of which begins with the address that it is sorted by. */
typedef struct {
    char *entries;
    size_t size, count, room;
} Column;

enum { LEAST_ROOM = 4096 }; /* entries */

#ifdef __linux__
static char *
pages_resized(char *pages, size_t from, size_t to)
{
    /* At once, for a fault at each new page takes longer than to read what is written there. */
    char *found = pages == NULL ? mmap(NULL, to, PROT_READ | PROT_WRITE,
                                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0)
                                : mremap(pages, from, to, MREMAP_MAYMOVE);
    return found == MAP_FAILED ? NULL : found;
}

static void
pages_free(char *pages, size_t size)
{
    if (pages != NULL) {
        munmap(pages, size);
    }
}
#else
static char *
pages_resized(char *pages, size_t Py_UNUSED(from), size_t to)
{
    return PyMem_RawRealloc(pages, to);
}

static void
pages_free(char *pages, size_t Py_UNUSED(size))
{
    PyMem_RawFree(pages);
}
#endif

static int
column_reserve(Column *column, size_t room)
{
    char *entries = pages_resized(column->entries, column->room * column->size,
                                  room * column->size);
    if (entries == NULL) {
        return -1;
    }
    column->entries = entries;
    column->room = room;
    return 0;
}

static void
column_free(Column *column)
{
    pages_free(column->entries, column->room * column->size);
    column->entries = NULL;
}

/* Make room for as many entries as are expected; where there is none, `column_add` says so. */
static void
column_expect(Column *column, Py_ssize_t expected)
{
    if (expected > 0) {
        Py_BEGIN_ALLOW_THREADS
        column_reserve(column, (size_t)expected);
        Py_END_ALLOW_THREADS
    }
}

static char *
column_add(Column *column)
{
    if (column->count == column->room
        && column_reserve(column, column->room ? column->room * 2 : LEAST_ROOM) < 0) {
        return NULL;
    }
    return column->entries + column->size * column->count++;
}

/* One digit of a radix sort: the entries in the order of one byte of their addresses. False if that
   byte is the same in all. */
static int
column_deal(const Column *from, Column *to, int digit)
{
    size_t ends[256] = {0}, begin = 0;
    for (size_t i = 0; i < from->count; i++) {
        ends[(*(uint64_t *)(from->entries + i * from->size) >> digit) & 0xff]++;
    }
    for (int value = 0; value < 256; value++) {
        if (ends[value] == from->count) {
            return 0;
        }
        begin += ends[value];
        ends[value] = begin - ends[value];
    }
    for (size_t i = 0; i < from->count; i++) {
        const char *entry = from->entries + i * from->size;
        size_t at = ends[(*(const uint64_t *)entry >> digit) & 0xff]++;
        memcpy(to->entries + at * to->size, entry, to->size);
    }
    to->count = from->count;
    return 1;
}

/* By address. `qsort` would be no sort in place either, and takes five times as long. */
static int
column_sort(Column *column)
{
    Column other = {.size = column->size};
    if (column_reserve(&other, column->room) < 0) {
        return -1;
    }
    for (int digit = 0; digit < 64; digit += 8) {
        if (column_deal(column, &other, digit)) {
            Column sorted = other;
            other = *column;
            *column = sorted;
        }
    }
    column_free(&other);
    return 0;
}

static int
by_address(const void *one, const void *other)
{
    uint64_t first = *(const uint64_t *)one, second = *(const uint64_t *)other;
    return first < second ? -1 : first > second;
}

typedef int (*Keep)(const uint64_t *entry, const uint64_t *before);

static int
is_new(const uint64_t *Py_UNUSED(entry), const uint64_t *before)
{
    return before == NULL;
}

static int
is_longer(const uint64_t *entry, const uint64_t *before)
{
    return before != NULL && entry[1] > before[1];
}

/* Sort, leave each entry once, and of those only what is to be kept beside the entry that was noted
   before at its address. */
static int
column_settle(Column *column, const char *before, size_t count, Keep keep)
{
    if (column->count > 1 && column_sort(column) < 0) {
        return -1;
    }
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < column->count; i++) {
        char *entry = column->entries + i * column->size;
        while (at < count && by_address(before + at * column->size, entry) < 0) {
            at++;
        }
        int known = at < count && by_address(before + at * column->size, entry) == 0;
        int twice = i > 0 && by_address(entry - column->size, entry) == 0;
        const char *noted = known ? before + at * column->size : NULL;
        if (!twice && (before == NULL || keep((uint64_t *)entry, (const uint64_t *)noted))) {
            memmove(column->entries + column->size * kept++, entry, column->size);
        }
    }
    column->count = kept;
    return 0;
}

static PyObject *
no_memory(Column *column)
{
    column_free(column);
    return PyErr_NoMemory();
}

/* The column as bytes; it is let go of. */
static PyObject *
column_bytes(Column *column, PyObject *before, Keep keep)
{
    const char *noted = before == Py_None ? NULL : PyBytes_AS_STRING(before);
    size_t count = before == Py_None ? 0 : (size_t)PyBytes_GET_SIZE(before) / column->size;
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = column_settle(column, noted, count, keep);
    Py_END_ALLOW_THREADS
    if (failed) {
        return no_memory(column);
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(column->size * column->count));
    Py_BEGIN_ALLOW_THREADS
    if (bytes != NULL && column->count) {
        memcpy(PyBytes_AS_STRING(bytes), column->entries, column->size * column->count);
    }
    column_free(column);
    Py_END_ALLOW_THREADS
    return bytes;
}

static int
is_noted_before(PyObject *before)
{
    if (before == Py_None || PyBytes_CheckExact(before)) {
        return 1;
    }
    PyErr_SetString(PyExc_TypeError, "expected bytes or None");
    return 0;
}

PyObject *
addresses(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *objects, *before;
    Py_ssize_t expected = 0;
    Cursor cursor;
    if (!PyArg_ParseTuple(args, "OO|n", &objects, &before, &expected) || !is_noted_before(before)) {
        return NULL;
    }
    Column column = {.size = sizeof(uint64_t)};
    column_expect(&column, expected);
    if (cursor_init(&cursor, objects) < 0) {
        column_free(&column);
        return NULL;
    }
    for (PyObject *found; (found = cursor_next(&cursor)) != NULL;) {
        uint64_t *entry = (uint64_t *)column_add(&column);
        if (entry == NULL) {
            return no_memory(&column);
        }
        *entry = (uint64_t)(uintptr_t)found;
    }
    return column_bytes(&column, before, is_new);
}

/* The number of entries; -1 of what is no container. A deque has it where a tuple has. */
static Py_ssize_t
length_of(PyObject *found, PyObject *deque)
{
    if (PyDict_Check(found)) {
        return ((PyDictObject *)found)->ma_used;
    }
    if (PyList_Check(found) || Py_TYPE(found) == (PyTypeObject *)deque) {
        return Py_SIZE(found);
    }
    return Py_TYPE(found) == &PySet_Type ? PySet_GET_SIZE(found) : -1;
}

static int
column_measure(Column *column, PyObject *found, Py_ssize_t length)
{
    Measure *entry = (Measure *)column_add(column);
    if (entry != NULL) {
        *entry = (Measure){(uint64_t)(uintptr_t)found, (uint64_t)length};
    }
    return entry == NULL ? -1 : 0;
}

/* Before CPython 3.14 the collector does not list a dict of strings and numbers: its holder shows
   it. Those that grow are the values of namespaces and of other dicts, and attributes. */
static int
measure_untracked(PyObject *child, void *column)
{
    if (!PyDict_CheckExact(child) || PyObject_GC_IsTracked(child)) {
        return 0;
    }
    return column_measure(column, child, ((PyDictObject *)child)->ma_used);
}

static int
shows_untracked_dicts(PyObject *holder)
{
    return PY_VERSION_HEX < 0x030E0000
           && (PyDict_CheckExact(holder) || PyType_HasFeature(Py_TYPE(holder), Py_TPFLAGS_HEAPTYPE));
}

static int
column_take(Column *column, PyObject *found, PyObject *deque)
{
    Py_ssize_t length = length_of(found, deque);
    if (length >= 0 && column_measure(column, found, length) < 0) {
        return -1;
    }
    if (!shows_untracked_dicts(found)) {
        return 0;
    }
    return Py_TYPE(found)->tp_traverse(found, measure_untracked, column);
}

PyObject *
lengths(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *objects, *deque, *before;
    Py_ssize_t expected = 0;
    Cursor cursor;
    if (!PyArg_ParseTuple(args, "OO!O|n", &objects, &PyType_Type, &deque, &before, &expected)
        || !is_noted_before(before)) {
        return NULL;
    }
    Column column = {.size = sizeof(Measure)};
    column_expect(&column, expected);
    if (cursor_init(&cursor, objects) < 0) {
        column_free(&column);
        return NULL;
    }
    for (PyObject *found; (found = cursor_next(&cursor)) != NULL;) {
        if (column_take(&column, found, deque) < 0) {
            return no_memory(&column);
        }
    }
    return column_bytes(&column, before, is_longer);
}
