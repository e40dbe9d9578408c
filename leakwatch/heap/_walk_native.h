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

#if defined(__GNUC__) || defined(__clang__)
#define PREFETCH(address) __builtin_prefetch(address)
#else /* MSVC has one for each processor; it is only faster with it */
#define PREFETCH(address) ((void)(address))
#endif

/* _listed_native.c: what is asked of many objects: a list, or what the collector lists. */
PyObject *census(PyObject *module, PyObject *objects);
PyObject *of_kinds(PyObject *module, PyObject *args);
PyObject *of_other_types(PyObject *module, PyObject *args);
PyObject *of_types(PyObject *module, PyObject *args);
PyObject *untracked_containers(PyObject *module, PyObject *holders);

/* _noted_native.c: numbers that are kept of many objects for a later look. */
PyObject *addresses(PyObject *module, PyObject *args);
PyObject *lengths(PyObject *module, PyObject *args);


/* ---- a table from address to number: open addressing, linear probing ----------------------- */

#define STRETCH_BITS 10
#define GRAIN_BITS 5 /* hardly an object takes less than 32 bytes */

#define REGION_BITS 35  /* a region has 32 GiB; addresses in it are told apart by 32 bits */
#define MOST_REGIONS 255

#pragma pack(push, 1) /* 9 bytes and not 16: the table is most of what a walk takes */
typedef struct {
    uint32_t within; /* the key, an address: its place in its region, in words of 8 bytes */
    uint32_t value;
    uint8_t region; /* number of the region, from 1; 0 where the slot is free */
} Slot;
#pragma pack(pop)

typedef struct {
    Slot *slots;
    size_t used;
    size_t size; /* number of slots, below 2 ** 32 */
    unsigned region_count;
    uint32_t regions[MOST_REGIONS]; /* their addresses, without the lower bits */
} Table;

static inline int
table_init(Table *table, size_t size)
{
    table->slots = size <= UINT32_MAX ? PyMem_RawCalloc(size, sizeof(Slot)) : NULL;
    table->used = 0;
    table->size = size;
    table->region_count = 0;
    return table->slots == NULL ? -1 : 0;
}

static inline void
table_free(Table *table)
{
    PyMem_RawFree(table->slots);
    table->slots = NULL;
}

#define LEAST_SIZE 4

/* Forget every key and give the memory back. It needs none, so it succeeds where there is none. */
static inline void
table_empty(Table *table)
{
    memset(table->slots, 0, LEAST_SIZE * sizeof(Slot));
    table->used = 0;
    table->size = LEAST_SIZE;
    table->region_count = 0;
    Slot *smaller = PyMem_RawRealloc(table->slots, LEAST_SIZE * sizeof(Slot));
    table->slots = smaller != NULL ? smaller : table->slots;
}

/* Where to look for a key first. A walk meets neighbours one after the other, so the objects of a
   KiB of memory keep their order in a stretch of slots, which spares a third of the time; the
   stretches are spread by the golden ratio, for they come in runs as well. Of longer ones, several
   that lie over each other make searches long: twenty slots and more with 4 KiB, six with one. */
static inline size_t
table_home(const Table *table, PyObject *key)
{
    uint64_t address = (uint64_t)(uintptr_t)key;
    uint64_t stretch = (address >> STRETCH_BITS) * 0x9E3779B97F4A7C15u;
    uint64_t within = (address & ((1u << STRETCH_BITS) - 1)) >> GRAIN_BITS;
    size_t home = (size_t)((((stretch >> 32) * table->size) >> 32) + within);
    return home < table->size ? home : home % table->size;
}

/* The number of a key's region; 0 where the table has no key of that region. */
static inline uint8_t
table_region(const Table *table, PyObject *key)
{
    uint32_t region = (uint32_t)((uint64_t)(uintptr_t)key >> REGION_BITS);
    for (unsigned i = 0; i < table->region_count; i++) {
        if (table->regions[i] == region) {
            return (uint8_t)(i + 1);
        }
    }
    return 0;
}

/* The slot of a key, or the free one where it belongs. */
static inline Slot *
table_slot(const Table *table, PyObject *key)
{
    uint8_t region = table_region(table, key);
    uint32_t within = (uint32_t)((uintptr_t)key >> 3);
    size_t at = table_home(table, key);
    while (table->slots[at].region
           && (table->slots[at].within != within || table->slots[at].region != region)) {
        at = at + 1 < table->size ? at + 1 : 0;
    }
    return &table->slots[at];
}

static inline PyObject *
table_key(const Table *table, const Slot *slot)
{
    uint64_t region = table->regions[slot->region - 1];
    return (PyObject *)(uintptr_t)((region << REGION_BITS) + ((uint64_t)slot->within << 3));
}

/* A large one grows by half: while it grows, the old and the new one are there at once. */
static inline int
table_grow(Table *table)
{
    Table larger;
    if (table_init(&larger, table->size + (table->size < 1u << 20 ? table->size : table->size / 2)) < 0) {
        return -1;
    }
    larger.region_count = table->region_count;
    memcpy(larger.regions, table->regions, sizeof larger.regions);
    for (size_t at = 0; at < table->size; at++) {
        if (table->slots[at].region) {
            *table_slot(&larger, table_key(table, &table->slots[at])) = table->slots[at];
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
    if (4 * (table->used + 1) > 3 * table->size) {
        if (table_grow(table) < 0) {
            return -1;
        }
        slot = table_slot(table, key);
    }
    uint8_t region = table_region(table, key);
    if (region == 0) {
        if (table->region_count == MOST_REGIONS) {
            return -1;
        }
        table->regions[table->region_count++] = (uint32_t)((uint64_t)(uintptr_t)key >> REGION_BITS);
        region = (uint8_t)table->region_count;
    }
    slot->region = region;
    slot->within = (uint32_t)((uintptr_t)key >> 3);
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


/* ---- many objects -------------------------------------------------------------------------- */

/* In front of every object that the collector knows: the neighbours in its generation. The lowest
   bits are the collector's own marks. The same from CPython 3.8 on. */
typedef struct {
    uintptr_t next, prev;
} Link;

#define LINK(bits) ((Link *)((bits) & ~(uintptr_t)3))
#define GENERATIONS 3

/* _listing_native.c: what the collector lists, without a list and without a reference. */
typedef struct {
    PyObject_HEAD
    Link *generations[GENERATIONS]; /* the youngest first */
    Py_ssize_t count; /* of objects, as the last pass to the end has found; 0 before one */
} Listing;

int is_listing(PyObject *suspect);
int fill_listing(PyObject *module);
PyObject *keep_arenas(PyObject *module, PyObject *nothing);

/* One pass over a list or a `Listing`. What it gives is borrowed. */
typedef struct {
    PyObject *list; /* NULL: the rings of a listing */
    Py_ssize_t at;
    Listing *listing;
    int generation;
    Link *link;
} Cursor;

static inline int
cursor_init(Cursor *cursor, PyObject *objects)
{
    *cursor = (Cursor){0};
    if (PyList_Check(objects)) {
        cursor->list = objects;
        return 0;
    }
    if (!is_listing(objects)) {
        PyErr_SetString(PyExc_TypeError, "expected a list or a Listing");
        return -1;
    }
    cursor->listing = (Listing *)objects;
    cursor->link = cursor->listing->generations[0];
    return 0;
}

static inline PyObject *
cursor_next_in_list(Cursor *cursor)
{
    if (cursor->at >= PyList_GET_SIZE(cursor->list)) {
        return NULL;
    }
    if (cursor->at + AHEAD < PyList_GET_SIZE(cursor->list)) {
        PREFETCH(PyList_GET_ITEM(cursor->list, cursor->at + AHEAD));
    }
    return PyList_GET_ITEM(cursor->list, cursor->at++);
}

static inline PyObject *
cursor_next_in_rings(Cursor *cursor)
{
    /* The listing itself is the last of its time: what comes behind it is younger. */
    Link *end = (Link *)cursor->listing - 1;
    cursor->link = LINK(cursor->link->next);
    while (cursor->link == end || cursor->link == cursor->listing->generations[cursor->generation]) {
        if (++cursor->generation == GENERATIONS) {
            cursor->generation--; /* the ring is at its end, and stays there */
            cursor->listing->count = cursor->at;
            cursor->link = LINK(cursor->listing->generations[cursor->generation]->prev);
            return NULL;
        }
        cursor->link = LINK(cursor->listing->generations[cursor->generation]->next);
    }
    cursor->at++;
    return (PyObject *)(cursor->link + 1);
}

static inline PyObject *
cursor_next(Cursor *cursor)
{
    return cursor->list != NULL ? cursor_next_in_list(cursor) : cursor_next_in_rings(cursor);
}

/* _walk_native.c: what a graph has reached, for a pass over all of it. Valid while the graph is. */
typedef struct {
    PyObject *const *objects;
    const int32_t *parents;
    uint32_t count;
    int borrows; /* nothing goes meanwhile, and nothing is to be held */
    /* What each was seen to refer to, where that was noted: positions, in the order in which it is
       shown, from `firsts` on. Only a hint: an object may have changed since. */
    const uint32_t *targets, *firsts;
    size_t target_count;
} Reached;

int graph_reached(PyObject *graph, Reached *reached);
int64_t graph_find(PyObject *graph, PyObject *wanted); /* its position, or -1 */
int graph_is_atom(PyObject *graph, PyObject *found);

/* _edges_native.c: the whole graph as arrays. */
PyObject *edges_of(PyObject *module, PyObject *args);

/* _equals_native.c: strings and bytes that are there several times, by what they are made of. */
typedef struct {
    PyObject *first; /* a reference, unless they are borrowed */
    uint64_t hash;
    uint32_t holder, copies;
} Equal;

typedef struct {
    Equal *values; /* in the order in which they were first met */
    uint32_t count, room;
    uint32_t *places; /* open addressing: the number of a value, from 1 */
    uint32_t size;
    Table seen; /* by address, what more than one object holds */
    uint64_t seed; /* nobody can choose values that have one hash */
    int borrows;
} Equals;

int equals_init(Equals *equals, uint64_t seed, int borrows);
void equals_free(Equals *equals);
int equals_note(Equals *equals, PyObject *value, uint32_t holder); /* -1: no memory */

/* _inline_native.c: attributes that lie in an instance itself, and no dict shows. */
typedef void (*attribute_visit)(PyObject *name, PyObject *value, void *argument);
void inline_attributes(PyObject *holder, attribute_visit visit, void *argument);

/* _listed_native.c: put types, of which a frozenset has the addresses, into a table. */
int take_types(Table *wanted, PyObject *types);

#endif
