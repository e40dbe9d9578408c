/* What takes long over the columns of a file: `leakwatch.snapshots.retained` in C.

   It sees numbers only, which it checks itself, and no object of a heap; so it needs no lock, and
   lets other threads go on meanwhile. The Python files are the definition of correct. */

#include "_columns_native.h"

#define TOP 0 /* the number in the search of what stands above all roots */

/* ---- the heap --------------------------------------------------------------------------------- */

enum { OFFSETS, TARGETS, HOLDERS, HELD, ROOTS, SIZES, ATOMS, COLUMNS };

typedef struct {
    Column columns[COLUMNS];
    uint32_t count;    /* of objects */
    uint32_t reached;  /* so many of them a root leads to; they come first */
    uint32_t *hidden;  /* what is not shown, by holder: where those of each begin; or NULL */
    uint32_t *behind;  /* and the objects */
} Heap;

static int
is_whole(const Heap *heap)
{
    const Column *columns = heap->columns;
    size_t count = heap->count;
    return columns[OFFSETS].count == count + 1 && rises_to(columns[OFFSETS], columns[TARGETS].count)
           && all_below(columns[TARGETS], count) && all_below(columns[HOLDERS], count)
           && all_below(columns[HELD], count) && columns[HELD].count == columns[HOLDERS].count
           && all_below(columns[ROOTS], count) && columns[ATOMS].count == count
           && heap->reached <= count;
}

/* Sort by holder, in the order in which they stand. */
static int
sort_hidden(Heap *heap)
{
    Column holders = heap->columns[HOLDERS], held = heap->columns[HELD];
    if (holders.count == 0) {
        return 0;
    }
    heap->hidden = PyMem_RawCalloc((size_t)heap->count + 2, sizeof *heap->hidden);
    heap->behind = PyMem_RawCalloc(holders.count, sizeof *heap->behind);
    if (heap->hidden == NULL || heap->behind == NULL) {
        return -1;
    }
    /* The beginning of each is one place further on, until all have been put. */
    uint32_t *starts = heap->hidden + 1;
    for (size_t i = 0; i < holders.count; i++) {
        if (holders.items[i] + 1 < heap->count) {
            starts[holders.items[i] + 1]++;
        }
    }
    for (uint32_t number = 1; number < heap->count; number++) {
        starts[number] += starts[number - 1];
    }
    for (size_t i = 0; i < holders.count; i++) {
        heap->behind[starts[holders.items[i]]++] = held.items[i];
    }
    return 0;
}

static inline uint32_t
degree(const Heap *heap, uint32_t object)
{
    const uint32_t *offsets = heap->columns[OFFSETS].items;
    uint32_t shown = offsets[object + 1] - offsets[object];
    return heap->hidden == NULL ? shown : shown + heap->hidden[object + 1] - heap->hidden[object];
}

static inline uint32_t
held_by(const Heap *heap, uint32_t object, uint32_t number)
{
    const uint32_t *offsets = heap->columns[OFFSETS].items;
    uint32_t shown = offsets[object + 1] - offsets[object];
    return number < shown ? heap->columns[TARGETS].items[offsets[object] + number]
                          : heap->behind[heap->hidden[object] + number - shown];
}

/* ---- dominators, after Georgiadis, Tarjan and Werneck: see retained.py ------------------------- */

typedef struct {
    const Heap *heap;
    uint32_t count;    /* of numbers in the search: one more than objects */
    uint32_t *numbers; /* in the search, by object; TOP: not seen yet */
    uint32_t *found;   /* the objects, by number */
    uint32_t *parents, *above, *labels, *linked, *nearest;
    uint32_t *starts, *holders; /* who refers to each */
    char *rooted;               /* whether what stands above all holds it */
} Search;

static void
number(Search *self, uint32_t object, uint32_t parent)
{
    self->numbers[object] = self->count;
    self->found[self->count] = object;
    self->parents[self->count++] = parent;
}

/* `labels` has no other use yet: here it says how far each has looked. */
static void
search_from(Search *self, uint32_t start)
{
    if (self->numbers[start] != TOP) {
        return;
    }
    uint32_t at = self->count;
    number(self, start, TOP);
    self->rooted[at] = 1;
    while (at != TOP) {
        uint32_t object = self->found[at], count = degree(self->heap, object), next = TOP;
        while (next == TOP && self->labels[at] < count) {
            uint32_t held = held_by(self->heap, object, self->labels[at]++);
            if (self->numbers[held] == TOP) {
                next = self->count;
                number(self, held, at);
            }
        }
        at = next != TOP ? next : self->parents[at];
    }
}

static void
search(Search *self)
{
    Column roots = self->heap->columns[ROOTS];
    self->count = 1;
    for (size_t i = 0; i < roots.count; i++) {
        search_from(self, roots.items[i]);
    }
    /* What no root leads to is held by something that cannot be seen. */
    for (uint32_t object = self->heap->reached; object < self->heap->count; object++) {
        search_from(self, object);
    }
    /* And the others that say they are reached: such a file is not to be believed. */
    for (uint32_t object = 0; object < self->heap->reached; object++) {
        search_from(self, object);
    }
    for (size_t i = 0; i < roots.count; i++) {
        self->rooted[self->numbers[roots.items[i]]] = 1;
    }
}

/* Note who refers to each: counted first, then put from the end of each place to its start. */
static int
note_holders(Search *self)
{
    const Heap *heap = self->heap;
    size_t all = heap->columns[TARGETS].count + heap->columns[HOLDERS].count;
    self->holders = all <= UINT32_MAX ? PyMem_RawMalloc((all + 1) * sizeof *self->holders) : NULL;
    if (self->holders == NULL) {
        return -1;
    }
    for (uint32_t object = 0; object < heap->count; object++) {
        for (uint32_t i = 0; i < degree(heap, object); i++) {
            self->starts[self->numbers[held_by(heap, object, i)]]++;
        }
    }
    for (uint32_t at = 1; at <= self->count; at++) {
        self->starts[at] += self->starts[at - 1];
    }
    for (uint32_t at = 1; at < self->count; at++) {
        for (uint32_t i = 0; i < degree(heap, self->found[at]); i++) {
            uint32_t held = self->numbers[held_by(heap, self->found[at], i)];
            self->holders[--self->starts[held]] = at;
        }
    }
    return 0;
}

/* `nearest` has no other use yet: here it is the path. */
static uint32_t
lowest(Search *self, uint32_t at, uint32_t last)
{
    uint32_t *linked = self->linked, *labels = self->labels, *above = self->above;
    uint32_t *path = self->nearest, length = 0;
    if (linked[at] <= last) {
        return labels[at];
    }
    while (linked[at] > last) {
        path[length++] = at;
        at = linked[at];
    }
    uint32_t best = labels[at], top = linked[at];
    while (length > 0) {
        uint32_t lower = path[--length];
        linked[lower] = top;
        if (above[best] < above[labels[lower]]) {
            labels[lower] = best;
        }
        else {
            best = labels[lower];
        }
        at = lower;
    }
    return labels[at];
}

static void
find_semidominators(Search *self)
{
    for (uint32_t at = 0; at < self->count; at++) {
        self->labels[at] = self->above[at] = at;
        self->linked[at] = self->parents[at];
    }
    for (uint32_t at = self->count - 1; at > TOP; at--) {
        uint32_t least = self->rooted[at] ? TOP : self->linked[at];
        for (uint32_t i = self->starts[at]; i < self->starts[at + 1] && least != TOP; i++) {
            uint32_t found = self->above[lowest(self, self->holders[i], at)];
            least = found < least ? found : least;
        }
        self->above[at] = least;
    }
}

static void
find_dominators(Search *self)
{
    memcpy(self->nearest, self->parents, self->count * sizeof *self->nearest);
    for (uint32_t at = 1; at < self->count; at++) {
        uint32_t candidate = self->nearest[at];
        while (candidate > self->above[at]) {
            candidate = self->nearest[candidate];
        }
        self->nearest[at] = candidate;
    }
}

static int
make_room(Search *self)
{
    uint32_t **all[] = {&self->numbers, &self->found,  &self->parents, &self->above,
                        &self->labels,  &self->linked, &self->nearest, &self->starts};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        *all[i] = PyMem_RawCalloc((size_t)self->heap->count + 2, sizeof **all[i]);
        if (*all[i] == NULL) {
            return -1;
        }
    }
    self->rooted = PyMem_RawCalloc((size_t)self->heap->count + 2, 1);
    return self->rooted == NULL ? -1 : 0;
}

static void
free_search(Search *self)
{
    uint32_t *all[] = {self->numbers, self->found,  self->parents, self->above,  self->labels,
                       self->linked,  self->nearest, self->starts,  self->holders};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        PyMem_RawFree(all[i]);
    }
    PyMem_RawFree(self->rooted);
}

/* By object: the immediate dominator, -1 for none, and what each retains. */
static void
fill(const Search *self, int32_t *dominators, uint64_t *retained)
{
    const uint32_t *sizes = self->heap->columns[SIZES].items;
    const uint32_t *atoms = self->heap->columns[ATOMS].items;
    for (uint32_t at = self->count - 1; at > TOP; at--) {
        uint32_t object = self->found[at];
        retained[object] += (uint64_t)sizes[object] + atoms[object];
        dominators[object] = -1;
        if (self->nearest[at] != TOP) {
            uint32_t dominator = self->found[self->nearest[at]];
            dominators[object] = (int32_t)dominator;
            retained[dominator] += retained[object];
        }
    }
}

static int
find_all(Heap *heap, int32_t *dominators, uint64_t *retained)
{
    Search self = {.heap = heap};
    int failed = sort_hidden(heap) < 0 || make_room(&self) < 0;
    if (!failed) {
        search(&self);
        failed = note_holders(&self) < 0;
    }
    if (!failed) {
        find_semidominators(&self);
        find_dominators(&self);
        fill(&self, dominators, retained);
    }
    free_search(&self);
    PyMem_RawFree(heap->hidden);
    PyMem_RawFree(heap->behind);
    return failed ? -1 : 0;
}

static PyObject *
found_in(Heap *heap)
{
    Py_ssize_t count = (Py_ssize_t)heap->count;
    PyObject *dominators = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(int32_t));
    PyObject *retained = PyBytes_FromStringAndSize(NULL, count * (Py_ssize_t)sizeof(uint64_t));
    int failed = dominators == NULL || retained == NULL;
    if (!failed) {
        int32_t *by_object = (int32_t *)PyBytes_AS_STRING(dominators);
        uint64_t *sizes = (uint64_t *)PyBytes_AS_STRING(retained);
        memset(sizes, 0, heap->count * sizeof *sizes);
        Py_BEGIN_ALLOW_THREADS
        failed = find_all(heap, by_object, sizes) < 0;
        Py_END_ALLOW_THREADS
        if (failed) {
            PyErr_NoMemory();
        }
    }
    PyObject *answer = failed ? NULL : PyTuple_Pack(2, dominators, retained);
    Py_XDECREF(dominators);
    Py_XDECREF(retained);
    return answer;
}

static PyObject *
find_dominated(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer buffers[COLUMNS] = {0};
    Heap heap = {0};
    PyObject *answer = NULL;
    if (!PyArg_ParseTuple(args, "(y*y*y*y*y*y*y*)I", &buffers[OFFSETS], &buffers[TARGETS],
                          &buffers[HOLDERS], &buffers[HELD], &buffers[ROOTS], &buffers[SIZES],
                          &buffers[ATOMS], &heap.reached)) {
        return NULL; /* it has released what it had taken */
    }
    if (as_columns(buffers, heap.columns, COLUMNS) == 0) {
        size_t count = heap.columns[SIZES].count;
        heap.count = (uint32_t)count;
        if (count < INT32_MAX && is_whole(&heap)) {
            answer = found_in(&heap);
        }
        else {
            PyErr_SetString(PyExc_ValueError, "the columns are not those of a heap");
        }
    }
    release(buffers, COLUMNS);
    return answer;
}

/* ---- groups: see grouped.py ------------------------------------------------------------------- */

enum { DOMINATORS, OWN, INNER, GROUPS, TREE };

typedef struct {
    uint32_t count, groups, entries; /* of `below` */
    const uint32_t *dominators, *sizes, *atoms, *group_of; /* a dominator of `NOTHING`: none */
    const uint64_t *retained;
    uint32_t *starts, *below; /* what each dominates */
    uint32_t *path, *group, *open;
    uint64_t *totals; /* of each group: retained, own bytes, objects */
} Tree;

#define NOTHING UINT32_MAX
#define INHERITED UINT32_MAX

static int
make_tree(Tree *tree)
{
    size_t count = tree->count;
    tree->starts = PyMem_RawCalloc(count + 2, sizeof *tree->starts);
    tree->below = PyMem_RawCalloc(count + 1, sizeof *tree->below);
    tree->path = PyMem_RawCalloc(count + 1, sizeof *tree->path);
    tree->group = PyMem_RawCalloc(count + 1, sizeof *tree->group);
    tree->open = PyMem_RawCalloc((size_t)tree->groups + 1, sizeof *tree->open);
    if (!tree->starts || !tree->below || !tree->path || !tree->group || !tree->open) {
        return -1;
    }
    for (uint32_t at = 0; at < tree->count; at++) {
        if (tree->dominators[at] != NOTHING) {
            tree->starts[tree->dominators[at]]++;
        }
    }
    for (uint32_t at = 1; at <= tree->count; at++) {
        tree->starts[at] += tree->starts[at - 1];
    }
    tree->entries = tree->starts[tree->count];
    for (uint32_t at = tree->count; at-- > 0;) {
        if (tree->dominators[at] != NOTHING) {
            tree->below[--tree->starts[tree->dominators[at]]] = at;
        }
    }
    return 0;
}

static void
enter_group(Tree *tree, uint32_t object, uint32_t inherited)
{
    uint32_t group = tree->group_of[object] == INHERITED ? inherited : tree->group_of[object];
    uint64_t *totals = &tree->totals[3 * (size_t)group];
    tree->group[object] = group;
    if (tree->open[group]++ == 0) {
        totals[0] += tree->retained[object];
    }
    totals[1] += (uint64_t)tree->sizes[object] + tree->atoms[object];
    totals[2]++;
}

/* From one that nothing dominates, depth first; `starts` moves on to what was looked at. */
static void
descend(Tree *tree, uint32_t top)
{
    size_t depth = 0;
    enter_group(tree, top, 0);
    tree->path[depth++] = top;
    while (depth > 0) {
        uint32_t at = tree->path[depth - 1], next = tree->starts[at];
        if (next < tree->entries && tree->dominators[tree->below[next]] == at) {
            tree->starts[at]++;
            enter_group(tree, tree->below[next], tree->group[at]);
            tree->path[depth++] = tree->below[next];
        }
        else {
            tree->open[tree->group[at]]--;
            depth--;
        }
    }
}

static int
add_up(Tree *tree)
{
    int failed = make_tree(tree) < 0;
    for (uint32_t at = 0; !failed && at < tree->count; at++) {
        if (tree->dominators[at] == NOTHING) {
            descend(tree, at);
        }
    }
    uint32_t *all[] = {tree->starts, tree->below, tree->path, tree->group, tree->open};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        PyMem_RawFree(all[i]);
    }
    return failed ? -1 : 0;
}

static int
is_tree(const Column *columns, const Py_buffer *retained, uint32_t groups)
{
    size_t count = columns[OWN].count;
    for (size_t i = 0; i < columns[DOMINATORS].count; i++) {
        if (columns[DOMINATORS].items[i] >= count && columns[DOMINATORS].items[i] != NOTHING) {
            return 0;
        }
    }
    for (size_t i = 0; i < columns[GROUPS].count; i++) {
        if (columns[GROUPS].items[i] >= groups && columns[GROUPS].items[i] != INHERITED) {
            return 0;
        }
    }
    return count < INT32_MAX && groups > 0 && columns[DOMINATORS].count == count
           && columns[INNER].count == count && columns[GROUPS].count == count
           && (size_t)retained->len == count * sizeof(uint64_t)
           && (count == 0 || (uintptr_t)retained->buf % sizeof(uint64_t) == 0);
}

static PyObject *
totals_of(Tree *tree)
{
    Py_ssize_t size = 3 * (Py_ssize_t)tree->groups * (Py_ssize_t)sizeof(uint64_t);
    PyObject *answer = PyBytes_FromStringAndSize(NULL, size);
    if (answer == NULL) {
        return NULL;
    }
    tree->totals = (uint64_t *)PyBytes_AS_STRING(answer);
    memset(tree->totals, 0, (size_t)size);
    int failed;
    Py_BEGIN_ALLOW_THREADS
    failed = add_up(tree) < 0;
    Py_END_ALLOW_THREADS
    if (failed) {
        Py_CLEAR(answer);
        PyErr_NoMemory();
    }
    return answer;
}

static PyObject *
group_totals(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer buffers[TREE + 1] = {0};
    Column columns[TREE];
    unsigned int groups;
    PyObject *answer = NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*I", &buffers[DOMINATORS], &buffers[TREE], &buffers[OWN],
                          &buffers[INNER], &buffers[GROUPS], &groups)) {
        return NULL;
    }
    if (as_columns(buffers, columns, TREE) == 0) {
        if (is_tree(columns, &buffers[TREE], groups)) {
            Tree tree = {
                .count = (uint32_t)columns[OWN].count,
                .groups = groups,
                .dominators = columns[DOMINATORS].items,
                .sizes = columns[OWN].items,
                .atoms = columns[INNER].items,
                .group_of = columns[GROUPS].items,
                .retained = buffers[TREE].buf,
            };
            answer = totals_of(&tree);
        }
        else {
            PyErr_SetString(PyExc_ValueError, "the columns are not those of a heap");
        }
    }
    release(buffers, TREE + 1);
    return answer;
}

/* ---- the module ------------------------------------------------------------------------------- */

static PyMethodDef module_methods[] = {
    {"find_dominated", find_dominated, METH_VARARGS,
     "See `leakwatch.snapshots.retained.find_dominated`."},
    {"group_totals", group_totals, METH_VARARGS, "See `leakwatch.snapshots.grouped.group_totals`."},
    {"expand", expand, METH_VARARGS, "See `leakwatch.snapshots.walking.expand`."},
    {"inherit", inherit, METH_VARARGS, "See `leakwatch.snapshots.owners.inherit`."},
    {"link", link_below, METH_VARARGS, "See `leakwatch.snapshots.index.link`."},
    {"largest", largest, METH_O, "See `leakwatch.snapshots.bounds.largest`."},
    {"rises", rises, METH_O, "See `leakwatch.snapshots.bounds.rises`."},
    {"any_between", any_between, METH_VARARGS, "See `leakwatch.snapshots.bounds.any_between`."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot module_slots[] = {
#if PY_VERSION_HEX >= 0x030C0000
    {Py_mod_multiple_interpreters, Py_MOD_PER_INTERPRETER_GIL_SUPPORTED},
#endif
#if PY_VERSION_HEX >= 0x030D0000
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static PyModuleDef module_definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "leakwatch.snapshots._columns_native",
    .m_methods = module_methods,
    .m_slots = module_slots,
};

PyMODINIT_FUNC
PyInit__columns_native(void)
{
    return PyModuleDef_Init(&module_definition);
}
