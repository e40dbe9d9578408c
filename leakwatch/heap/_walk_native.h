/* What the files of `leakwatch.heap._walk_native` share.

   They hold the interpreter lock throughout; a free-threaded interpreter is given the Python
   files, which are the definition of correct. */

#ifndef LEAKWATCH_WALK_NATIVE_H
#define LEAKWATCH_WALK_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <string.h>

#ifdef Py_GIL_DISABLED
#error "Reference counts and the heap change under our hands without a global lock."
#endif

#define AHEAD 12 /* objects to ask the memory for before they are entered */

/* _listed_native.c: what is asked of a list of objects. */
PyObject *census(PyObject *module, PyObject *objects);
PyObject *of_kinds(PyObject *module, PyObject *args);
PyObject *of_types(PyObject *module, PyObject *args);
PyObject *untracked_dicts(PyObject *module, PyObject *holders);


/* ---- a table from address to number: open addressing, linear probing ----------------------- */

#define PAGE_BITS 12
#define GRAIN_BITS 5 /* hardly an object takes less than 32 bytes */

#pragma pack(push, 4) /* 12 bytes and not 16: the table is most of what a walk takes */
typedef struct {
    PyObject *key; /* borrowed; NULL where the slot is free */
    uint32_t value;
} Slot;
#pragma pack(pop)

typedef struct {
    Slot *slots;
    size_t used;
    unsigned bits; /* there are 2 ** bits slots */
} Table;

static inline int
table_init(Table *table, unsigned bits)
{
    table->slots = PyMem_RawCalloc((size_t)1 << bits, sizeof(Slot));
    table->used = 0;
    table->bits = bits;
    return table->slots == NULL ? -1 : 0;
}

static inline void
table_free(Table *table)
{
    PyMem_RawFree(table->slots);
    table->slots = NULL;
}

#define LEAST_BITS 2

/* Forget every key and give the memory back. It needs none, so it succeeds where there is none. */
static inline void
table_empty(Table *table)
{
    size_t size = ((size_t)1 << LEAST_BITS) * sizeof(Slot);
    memset(table->slots, 0, size);
    table->used = 0;
    table->bits = LEAST_BITS;
    Slot *smaller = PyMem_RawRealloc(table->slots, size);
    table->slots = smaller != NULL ? smaller : table->slots;
}

/* Where to look for a key first. A walk meets neighbours one after the other, so the objects of a
   page of memory keep their order in a stretch of slots, which spares a third of the time; the
   pages are spread by the golden ratio, for they come in runs as well. */
static inline size_t
table_home(const Table *table, PyObject *key)
{
    uint64_t address = (uint64_t)(uintptr_t)key;
    uint64_t page = (address >> PAGE_BITS) * 0x9E3779B97F4A7C15u;
    uint64_t within = (address & ((1u << PAGE_BITS) - 1)) >> GRAIN_BITS;
    return (size_t)((page >> (64 - table->bits)) + within);
}

/* The slot of a key, or the free one where it belongs. */
static inline Slot *
table_slot(const Table *table, PyObject *key)
{
    size_t mask = ((size_t)1 << table->bits) - 1;
    size_t at = table_home(table, key) & mask;
    while (table->slots[at].key != NULL && table->slots[at].key != key) {
        at = (at + 1) & mask;
    }
    return &table->slots[at];
}

static inline int
table_grow(Table *table)
{
    Table larger;
    if (table_init(&larger, table->bits + 1) < 0) {
        return -1;
    }
    for (size_t at = 0; at < (size_t)1 << table->bits; at++) {
        if (table->slots[at].key != NULL) {
            *table_slot(&larger, table->slots[at].key) = table->slots[at];
        }
    }
    larger.used = table->used;
    table_free(table);
    *table = larger;
    return 0;
}

/* Put a new key into the slot that `table_slot` gave for it; a quarter of the table stays empty.
   With half of it empty a walk is hardly faster, and its peak is the process's peak. */
static inline int
table_put(Table *table, Slot *slot, PyObject *key, uint32_t value)
{
    if (4 * (table->used + 1) > (size_t)3 << table->bits) {
        if (table_grow(table) < 0) {
            return -1;
        }
        slot = table_slot(table, key);
    }
    slot->key = key;
    slot->value = value;
    table->used++;
    return 0;
}


/* ---- what an object refers to -------------------------------------------------------------- */

/* CPython 3.12 shows the collector the list of freed iterators of `_asyncio`: to refer to one
   would revive it, and the next collection would go round in a ring. See interpreter.py. */
static inline int
shows_the_freed(PyObject *holder)
{
#if PY_VERSION_HEX >= 0x030C0000 && PY_VERSION_HEX < 0x030D0000
    if (Py_TYPE(holder) == &PyModule_Type) {
        PyModuleDef *definition = PyModule_GetDef(holder);
        return definition != NULL && strcmp(definition->m_name, "_asyncio") == 0;
    }
#endif
    (void)holder;
    return 0;
}

static inline void
traverse(PyObject *holder, visitproc visit, void *argument)
{
    traverseproc function = Py_TYPE(holder)->tp_traverse;
    if (function != NULL && PyObject_IS_GC(holder) && !shows_the_freed(holder)) {
        (void)function(holder, visit, argument);
    }
}

/* _listed_native.c: put types, of which a frozenset has the addresses, into a table. */
int take_types(Table *wanted, PyObject *types);

#endif
