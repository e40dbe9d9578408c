/* What a graph of the heap is made of, for the files that walk it and those that ask it. */

#ifndef LEAKWATCH_GRAPH_NATIVE_H
#define LEAKWATCH_GRAPH_NATIVE_H

#include "_walk_native.h"

enum { SPENT_NOTHING, SPENT_OBJECTS, SPENT_SECONDS, SPENT_MEMORY }; /* leakwatch.heap.limits */

#define CHECK_EVERY 4096 /* objects between two looks at the clock */
#define MOST_ATOMS 16
#define UNREACHED UINT32_MAX /* in the table of positions: a leaf that was not reached yet */
#define LEAF (1u << 31)       /* there, beside the position of a leaf; positions are below it */
#define MOST_HOLDERS 3        /* of a leaf, beside the first, that are noted */
#define KNOWN 64              /* types whose numbers are at hand; a power of two */
#define ANY_KIND UINT16_MAX   /* number of the types for which there is none left */
#define NOT_NOTED UINT32_MAX
#define MET 16                /* children that wait for the memory; a power of two */

typedef struct {
    uint32_t leaf;
    int32_t holder;
} Holding;

/* A child that was shown, while the memory is asked for it: see `reach`. */
typedef struct {
    PyObject *child;
    int32_t holder;
} Met;

typedef struct {
    PyObject_HEAD
    PyObject **objects; /* in the order of discovery; references, unless it borrows */
    int32_t *parents;
    char *is_leaf;        /* of a leaf, 1 and how many further holders are noted */
    Holding *holders;     /* of leaves, beside the first of each */
    uint32_t count, room, holder_count, holder_room, holders_in_order;
    Table positions; /* of every object reached, and of every leaf, if only by its address */
    const void *atoms[MOST_ATOMS];
    int atom_count;
    uint64_t atom_bits;
    uint32_t most_objects;
    double deadline;
    int spent;
    int borrows; /* no references are held */
    int32_t holder; /* position being entered */
    uint16_t *kinds; /* numbers of the types that each had when it was reached */
    Table types;     /* the numbers, by type */
    struct {
        const void *type;
        uint16_t number;
    } known[KNOWN]; /* types that were asked for last, by some bits of their addresses */
    int notes;      /* what refers to what is noted: see `Reached` */
    uint32_t *targets, *firsts;
    size_t target_count, target_room;
    Met met[MET];   /* a ring of those that wait */
    unsigned met_first, met_count;
} HeapGraph;

/* A type of which `atom_bits` has no mark is none of them, and most are not. */
static inline uint64_t
bit_of(const void *type)
{
    return (uint64_t)1 << (((uintptr_t)type >> 5) % 64);
}

static inline int
is_atom(const HeapGraph *self, PyObject *found)
{
    if (!(self->atom_bits & bit_of(Py_TYPE(found)))) {
        return 0;
    }
    for (int i = 0; i < self->atom_count; i++) {
        if (self->atoms[i] == (const void *)Py_TYPE(found)) {
            return 1;
        }
    }
    return 0;
}

static inline int
is_reached(const Slot *slot)
{
    return slot->region != 0 && slot->value != UNREACHED;
}

static inline uint32_t
position_in(const Slot *slot)
{
    return slot->value & ~LEAF;
}

/* _walk_native.c */
int graph_check_position(const HeapGraph *self, long long position); /* -1 and an error: none */
int graph_is_spent(HeapGraph *self); /* which budget has ended the walk; it looks at the clock */

/* _asked_native.c, _unreached_native.c, _owned_native.c: see `leakwatch.heap._walk_pure.HeapGraph` */
PyObject *graph_position_of(HeapGraph *self, PyObject *argument);
PyObject *graph_object_at(HeapGraph *self, PyObject *argument);
PyObject *graph_parent_of(HeapGraph *self, PyObject *argument);
PyObject *graph_other_holders(HeapGraph *self, PyObject *argument);
PyObject *graph_leaves_from(HeapGraph *self, PyObject *argument);
PyObject *graph_kinds_from(HeapGraph *self, PyObject *args);
PyObject *graph_code_constants(HeapGraph *self, PyObject *argument);
PyObject *graph_unreached(HeapGraph *self, PyObject *args);
PyObject *graph_unheld(HeapGraph *self, PyObject *args);
PyObject *graph_out_of_reach(HeapGraph *self, PyObject *args);
PyObject *graph_owned(HeapGraph *self, PyObject *args, PyObject *keywords);

#endif
