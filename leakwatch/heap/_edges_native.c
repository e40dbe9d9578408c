/* A whole graph as flat arrays: `_edges_pure.py` in C.

   What an object refers to is listed first, by a tp_traverse during which nothing else happens;
   then it is named; and only then is Python asked, for what has no name yet. A key that Python is
   asked about is held to the end, for its address stands for it. */

#include "_walk_native.h"

#include <structmember.h>

/* The numbers of `leakwatch.heap.edges`. */
enum { UNNAMED, KEY, MEMBER, CLASS, NAMESPACE, SELF, FUNCTION, CONTENTS, GLOBALS, BUILTINS,
       CLOSURE, DEFAULTS, KWDEFAULTS, DOC, MODULE, ANNOTATIONS };
enum { ASK = 0, DICT = 1, SEQUENCE = 2, SET = 4, HAS_DICT = 8, OF_FUNCTION = 16, OF_METHOD = 32,
       OF_CELL = 64 };
#define INDEX (1u << 31) /* in a name: the number of an item */
#define MOST (INDEX - 1)
#define NO_LENGTH UINT32_MAX
#define MOST_FIELDS 256

typedef struct {
    Py_ssize_t offset;
    uint32_t name;
} Field;

enum { BY_CALL, BY_LAYOUT, BY_LIST };

typedef struct {
    uint32_t number;
    int kind;
    int asked; /* its instances' references are named in Python */
    int sizing; /* for most it is known what `__sizeof__` would say */
    PyObject *sizeof_;
    Py_ssize_t header;
    Field *fields;
    Py_ssize_t field_count;
} Plan;

/* A column; what is written is given on without a copy. */
typedef struct {
    PyObject *bytes;
    uint32_t *items; /* in there */
    size_t count, room;
} Numbers;

typedef struct {
    PyObject *found;
    uint32_t name;
} Candidate;

typedef struct {
    PyObject *key;
    size_t edge;
    int attribute;
} Pending;

typedef struct {
    PyObject *graph;
    Reached reached;
    uint32_t first;
    PyObject *planner, *namer, *key_name; /* borrowed */
    uint32_t any_key;                     /* the name of all keys; 0 where each has its own */
    PyObject *by_layout, *by_list;        /* the `__sizeof__` of object and of list */
    Table types, keys, attributes;
    Plan *plans;
    size_t plan_count, plan_room;
    char *namespaces;
    char *shown; /* whether the reference that first led to an object is among the written ones */
    Numbers offset, target, name, type, size, atoms, length;
    PyObject **children; /* borrowed, of the object at hand */
    size_t child_count, child_room;
    Candidate fields[MOST_FIELDS];
    int field_count;
    Pending *pending;
    size_t pending_count, pending_room;
    PyObject *kept;
    Equals equals;
    int failed;
} Edges;

static int
no_memory(Edges *self)
{
    self->failed = 1;
    PyErr_NoMemory();
    return -1;
}

static int
set_room(Edges *self, Numbers *numbers, size_t room)
{
    Py_ssize_t size = (Py_ssize_t)(room * sizeof *numbers->items);
    if (numbers->bytes == NULL) {
        numbers->bytes = PyBytes_FromStringAndSize(NULL, size);
    }
    else {
        (void)_PyBytes_Resize(&numbers->bytes, size);
    }
    if (numbers->bytes == NULL) {
        *numbers = (Numbers){0};
        self->failed = 1;
        return -1;
    }
    numbers->items = (uint32_t *)PyBytes_AS_STRING(numbers->bytes);
    numbers->room = room;
    return 0;
}

static inline int
push(Edges *self, Numbers *numbers, uint32_t number)
{
    if (numbers->count == numbers->room
        && set_room(self, numbers, numbers->room ? numbers->room + numbers->room / 2 : 4096) < 0) {
        return -1;
    }
    numbers->items[numbers->count++] = number;
    return 0;
}

/* ---- types ---- */

static int
take_fields(Plan *plan, PyObject *fields)
{
    plan->fields = PyMem_RawCalloc((size_t)PyTuple_GET_SIZE(fields) + 1, sizeof *plan->fields);
    if (plan->fields == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(fields); i++) {
        PyObject *descriptor;
        unsigned int name;
        if (!PyArg_ParseTuple(PyTuple_GET_ITEM(fields, i), "OI", &descriptor, &name)) {
            return -1;
        }
        if (Py_IS_TYPE(descriptor, &PyMemberDescr_Type)) {
            PyMemberDef *member = ((PyMemberDescrObject *)descriptor)->d_member;
            if (member->type == T_OBJECT || member->type == T_OBJECT_EX) {
                plan->fields[plan->field_count++] = (Field){member->offset, name};
            }
        }
    }
    return 0;
}

static Plan *
new_plan(Edges *self, Slot *slot, PyTypeObject *type)
{
    if (self->plan_count == self->plan_room) {
        size_t room = self->plan_room ? self->plan_room * 2 : 256;
        void *plans = PyMem_RawRealloc(self->plans, room * sizeof *self->plans);
        if (plans == NULL) {
            no_memory(self);
            return NULL;
        }
        self->plans = plans;
        self->plan_room = room;
    }
    PyObject *answer = PyObject_CallOneArg(self->planner, (PyObject *)type);
    if (answer == NULL) {
        return NULL;
    }
    Plan *plan = &self->plans[self->plan_count];
    *plan = (Plan){0};
    PyObject *fields;
    if (!PyArg_ParseTuple(answer, "IipOnO!", &plan->number, &plan->kind, &plan->asked,
                          &plan->sizeof_, &plan->header, &PyTuple_Type, &fields)) {
        Py_DECREF(answer);
        return NULL;
    }
    Py_INCREF(plan->sizeof_);
    plan->sizing = plan->sizeof_ == self->by_layout ? BY_LAYOUT
                   : plan->sizeof_ == self->by_list ? BY_LIST
                                                    : BY_CALL;
    self->plan_count++;
    int failed = take_fields(plan, fields) < 0;
    Py_DECREF(answer);
    if (!failed && table_put(&self->types, slot, (PyObject *)type, (uint32_t)self->plan_count - 1) < 0) {
        failed = no_memory(self);
    }
    return failed ? NULL : plan;
}

static Plan *
plan_of(Edges *self, PyObject *holder)
{
    PyTypeObject *type = Py_TYPE(holder);
    Slot *slot = table_slot(&self->types, (PyObject *)type);
    return slot->region != 0 ? &self->plans[slot->value] : new_plan(self, slot, type);
}

/* ---- sizes ---- */

static int
size_of(const Plan *plan, PyObject *subject, uint64_t *size)
{
    const PyTypeObject *type = Py_TYPE(subject);
    Py_ssize_t items = plan->sizing == BY_LIST ? ((PyListObject *)subject)->allocated
                       : type->tp_itemsize > 0 ? Py_SIZE(subject)
                                               : 0;
    if (plan->sizing != BY_CALL) {
        Py_ssize_t of_each = plan->sizing == BY_LIST ? (Py_ssize_t)sizeof(PyObject *) : type->tp_itemsize;
        *size += (uint64_t)(type->tp_basicsize + Py_ABS(items) * of_each + plan->header);
        return 0;
    }
    PyObject *answer = PyObject_CallOneArg(plan->sizeof_, subject);
    if (answer == NULL) {
        return -1;
    }
    long long bytes = PyLong_AsLongLong(answer);
    Py_DECREF(answer);
    if (bytes == -1 && PyErr_Occurred()) {
        return -1;
    }
    *size += (uint64_t)Py_MAX(bytes, 0) + (uint64_t)plan->header;
    return 0;
}

static uint32_t
capped(uint64_t size)
{
    return size < UINT32_MAX ? (uint32_t)size : UINT32_MAX;
}

static uint32_t
length_of(const Plan *plan, PyObject *subject)
{
    Py_ssize_t length = -1;
    if (plan->kind & DICT) {
        length = PyDict_GET_SIZE(subject);
    }
    else if (plan->kind & SET) {
        length = PySet_GET_SIZE(subject);
    }
    else if (plan->kind & SEQUENCE) {
        length = Py_SIZE(subject);
    }
    return length < 0 ? NO_LENGTH : capped((uint64_t)length);
}

/* ---- names ---- */

static int
note_child(PyObject *child, void *argument)
{
    Edges *self = argument;
    if (self->child_count == self->child_room) {
        size_t room = self->child_room ? self->child_room * 2 : 256;
        void *children = PyMem_RawRealloc(self->children, room * sizeof *self->children);
        if (children == NULL) {
            self->failed = 1;
            return -1;
        }
        self->children = children;
        self->child_room = room;
    }
    self->children[self->child_count++] = child;
    return 0;
}

/* The name of a key, or UNNAMED and a note to ask for it. */
static uint32_t
name_by_key(Edges *self, PyObject *key, int attribute)
{
    if (!attribute && self->any_key != 0) {
        return self->any_key;
    }
    if (!attribute && Py_IS_TYPE(key, &PyLong_Type)) {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(key, &overflow);
        if (!overflow && number >= 0 && number < 100000000) {
            return INDEX | (uint32_t)number;
        }
    }
    const Slot *slot = table_slot(attribute ? &self->attributes : &self->keys, key);
    if (slot->region != 0) {
        return slot->value;
    }
    if (self->pending_count == self->pending_room) {
        size_t room = self->pending_room ? self->pending_room * 2 : 64;
        void *pending = PyMem_RawRealloc(self->pending, room * sizeof *self->pending);
        if (pending == NULL) {
            self->failed = 1;
            return UNNAMED;
        }
        self->pending = pending;
        self->pending_room = room;
    }
    self->pending[self->pending_count++] = (Pending){Py_NewRef(key), self->name.count, attribute};
    return UNNAMED;
}

typedef struct {
    Py_ssize_t at;  /* where the search goes on; what a traversal shows comes in some order */
    PyObject *left; /* the key of the entry whose value was the last, and which comes next */
} Place;

static int
in_dict(Edges *self, PyObject *holder, int attribute, PyObject *child, Place *place, uint32_t *name)
{
    PyObject *key, *value, *left = place->left;
    place->left = NULL;
    if (left == child) {
        *name = KEY;
        return 1;
    }
    for (int round = 0; round < 2; round++) {
        while (PyDict_Next(holder, &place->at, &key, &value)) {
            if (value == child) {
                *name = name_by_key(self, key, attribute);
                place->left = key;
                return 1;
            }
            if (key == child) {
                *name = KEY;
                return 1;
            }
        }
        place->at = 0;
    }
    return 0;
}

static int
in_sequence(PyObject *holder, PyObject *child, Place *place, uint32_t *name)
{
    PyObject **items = PyList_Check(holder) ? ((PyListObject *)holder)->ob_item
                                            : ((PyTupleObject *)holder)->ob_item;
    Py_ssize_t size = Py_SIZE(holder);
    for (Py_ssize_t looked = 0; looked < size; looked++) {
        /* They are shown from the last to the first. */
        place->at = place->at > 0 ? place->at - 1 : size - 1;
        if (items[place->at] == child) {
            *name = INDEX | (uint32_t)place->at;
            return 1;
        }
    }
    return 0;
}

static void
note_attribute(PyObject *key, PyObject *value, void *argument)
{
    Edges *self = argument;
    const Slot *slot = table_slot(&self->attributes, key);
    if (self->field_count < MOST_FIELDS) {
        /* Python is asked about the key only where the value is an object of the graph. */
        uint32_t name = slot->region != 0 ? slot->value : UNNAMED;
        self->fields[self->field_count++] = (Candidate){value, name};
    }
}

typedef struct {
    PyObject *wanted, *key;
} Search;

static void
find_key(PyObject *key, PyObject *value, void *argument)
{
    Search *search = argument;
    if (value == search->wanted && search->key == NULL) {
        search->key = key;
    }
}

static void
list_fields(Edges *self, const Plan *plan, PyObject *holder)
{
    self->fields[0] = (Candidate){(PyObject *)Py_TYPE(holder), CLASS};
    self->field_count = 1;
    inline_attributes(holder, note_attribute, self);
    for (Py_ssize_t i = 0; i < plan->field_count && self->field_count < MOST_FIELDS; i++) {
        PyObject *value = *(PyObject **)((char *)holder + plan->fields[i].offset);
        if (value != NULL) {
            self->fields[self->field_count++] = (Candidate){value, plan->fields[i].name};
        }
    }
}

static int
in_fields(Edges *self, PyObject *holder, PyObject *child, uint32_t *name)
{
    for (int i = 0; i < self->field_count; i++) {
        if (self->fields[i].found != child) {
            continue;
        }
        *name = self->fields[i].name;
        if (*name == UNNAMED) {
            Search search = {child, NULL};
            inline_attributes(holder, find_key, &search);
            if (search.key != NULL) {
                *name = name_by_key(self, search.key, 1);
            }
        }
        return 1;
    }
    return 0;
}

static uint32_t
of_function(PyObject *holder, PyObject *child)
{
    const PyFunctionObject *it = (const PyFunctionObject *)holder;
    const Candidate fields[] = {
        {it->func_closure, CLOSURE},       {it->func_globals, GLOBALS},
        {it->func_builtins, BUILTINS},     {it->func_defaults, DEFAULTS},
        {it->func_kwdefaults, KWDEFAULTS}, {it->func_dict, NAMESPACE},
        {it->func_annotations, ANNOTATIONS}, {it->func_doc, DOC},
        {it->func_module, MODULE},
    };
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].found == child) {
            return fields[i].name;
        }
    }
    return UNNAMED;
}

/* In the order of `leakwatch.paths.names`: what a container holds comes before attributes. */
static uint32_t
name_of(Edges *self, const Plan *plan, PyObject *holder, PyObject *child, int attribute, Place *place)
{
    uint32_t name = UNNAMED;
    if (plan->kind & OF_FUNCTION) {
        return of_function(holder, child);
    }
    if (plan->kind & OF_METHOD) {
        return child == PyMethod_GET_SELF(holder) ? SELF : FUNCTION;
    }
    if (plan->kind & OF_CELL) {
        return CONTENTS;
    }
    if (self->field_count && child == self->fields[0].found) {
        return CLASS;
    }
    if (plan->kind & DICT && in_dict(self, holder, attribute, child, place, &name)) {
        return name;
    }
    if (plan->kind & SEQUENCE && in_sequence(holder, child, place, &name)) {
        return name;
    }
    if (in_fields(self, holder, child, &name)) {
        return name;
    }
    if (plan->kind & SET) {
        return MEMBER;
    }
    return plan->kind & HAS_DICT && PyDict_CheckExact(child) ? NAMESPACE : UNNAMED;
}

/* ---- one object ---- */

static int
add_edge(Edges *self, uint32_t holder, int64_t position, uint32_t name)
{
    uint32_t target = (uint32_t)position - self->first;
    if (self->reached.parents[position] == (int32_t)holder) {
        self->shown[target] = 1;
    }
    if (name == NAMESPACE) {
        self->namespaces[target] = 1;
    }
    return push(self, &self->target, target) < 0 || push(self, &self->name, name) < 0 ? -1 : 0;
}

static int
resolve(Edges *self)
{
    for (size_t i = 0; i < self->pending_count; i++) {
        Pending *it = &self->pending[i];
        Table *table = it->attribute ? &self->attributes : &self->keys;
        Slot *slot = table_slot(table, it->key);
        if (slot->region == 0) {
            PyObject *answer = PyObject_CallFunction(self->key_name, "Oi", it->key, it->attribute);
            unsigned long name = answer != NULL ? PyLong_AsUnsignedLong(answer) : 0;
            Py_XDECREF(answer);
            if (PyErr_Occurred() || PyList_Append(self->kept, it->key) < 0) {
                return -1;
            }
            if (table_put(table, slot, it->key, (uint32_t)name) < 0) {
                return no_memory(self);
            }
            slot = table_slot(table, it->key);
        }
        self->name.items[it->edge] = slot->value;
    }
    return 0;
}

static void
forget_pending(Edges *self)
{
    for (size_t i = 0; i < self->pending_count; i++) {
        Py_DECREF(self->pending[i].key);
    }
    self->pending_count = 0;
}

/* Ask Python for the names of the references that the last object has, from an edge on. */
static int
ask_names(Edges *self, PyObject *holder, size_t from)
{
    size_t count = self->target.count - from;
    PyObject *children = count ? PyList_New((Py_ssize_t)count) : NULL;
    if (children == NULL) {
        return count ? -1 : 0;
    }
    for (size_t i = 0; i < count; i++) {
        PyObject *child = self->reached.objects[self->first + self->target.items[from + i]];
        PyList_SET_ITEM(children, (Py_ssize_t)i, Py_NewRef(child));
    }
    PyObject *names = PyObject_CallFunctionObjArgs(self->namer, holder, children, NULL);
    Py_DECREF(children);
    if (names == NULL || !PyList_Check(names) || (size_t)PyList_GET_SIZE(names) != count) {
        Py_XDECREF(names);
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t name = (uint32_t)PyLong_AsUnsignedLong(PyList_GET_ITEM(names, (Py_ssize_t)i));
        self->name.items[from + i] = name;
        if (name == NAMESPACE) {
            self->namespaces[self->target.items[from + i]] = 1;
        }
    }
    Py_DECREF(names);
    return PyErr_Occurred() ? -1 : 0;
}

/* The position of a child, if it is what was noted next; -1 if it is something else. */
static inline int64_t
as_noted(const Reached *reached, size_t *hint, PyObject *child)
{
    if (*hint >= reached->target_count || reached->objects[reached->targets[*hint]] != child) {
        return -1;
    }
    return reached->targets[(*hint)++];
}

/* Of the children the atoms stay. */
static int
add_references(Edges *self, const Plan *plan, PyObject *holder, uint32_t position)
{
    Place place = {0};
    int attribute = plan->kind & DICT && self->namespaces[position - self->first];
    int plain = Py_IS_TYPE(holder, &PyDict_Type) || Py_IS_TYPE(holder, &PyList_Type)
                || Py_IS_TYPE(holder, &PyTuple_Type);
    self->field_count = 0;
    if (!plain && !plan->asked) {
        list_fields(self, plan, holder);
    }
    size_t hint = self->reached.target_count ? self->reached.firsts[position] : SIZE_MAX, atoms = 0;
    for (size_t i = 0; i < self->child_count && !self->failed; i++) {
        PyObject *child = self->children[i];
        int64_t found = as_noted(&self->reached, &hint, child);
        if (found < 0 && graph_is_atom(self->graph, child)) {
            self->children[atoms++] = child;
            continue;
        }
        found = found < 0 ? graph_find(self->graph, child) : found;
        if (found >= self->first) {
            uint32_t name = plan->asked ? UNNAMED
                                        : name_of(self, plan, holder, child, attribute, &place);
            if (add_edge(self, position, found, name) < 0) {
                return -1;
            }
        }
    }
    self->child_count = atoms;
    return self->failed ? no_memory(self) : 0;
}

/* Bytes of the atoms that nothing else holds; and those that are there several times. */
static int
add_atoms(Edges *self, uint32_t holder)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < self->child_count; i++) {
        PyObject *child = self->children[i];
        if (Py_REFCNT(child) == 1) {
            Plan *plan = plan_of(self, child);
            if (plan == NULL || size_of(plan, child, &bytes) < 0) {
                return -1;
            }
        }
        if (equals_note(&self->equals, child, holder) < 0) { /* it may hold the child from now on */
            return no_memory(self);
        }
    }
    return push(self, &self->atoms, capped(bytes));
}

static int
add_object(Edges *self, uint32_t position)
{
    PyObject *holder = self->reached.objects[position];
    Plan *found = plan_of(self, holder);
    if (found == NULL) {
        return -1;
    }
    Plan plan = *found; /* others may be added meanwhile */
    uint64_t size = 0;
    if (size_of(&plan, holder, &size) < 0) {
        return -1;
    }
    self->child_count = 0;
    traverse(holder, note_child, self);
    size_t from = self->target.count;
    if (from > MOST) {
        PyErr_SetString(PyExc_OverflowError, "too many references for one file");
        return -1;
    }
    int failed = self->failed ? no_memory(self) : add_references(self, &plan, holder, position);
    failed = failed || add_atoms(self, position - self->first) < 0 || resolve(self) < 0;
    forget_pending(self);
    if (!failed && plan.asked) {
        failed = ask_names(self, holder, from);
    }
    failed = failed || push(self, &self->type, plan.number) || push(self, &self->size, capped(size))
             || push(self, &self->length, length_of(&plan, holder))
             || push(self, &self->offset, (uint32_t)self->target.count);
    return failed ? -1 : 0;
}

static int
add_all(Edges *self, PyObject *namespaces)
{
    self->namespaces = PyMem_RawCalloc((size_t)self->reached.count + 1, 1);
    self->shown = PyMem_RawCalloc((size_t)self->reached.count + 1, 1);
    if (self->namespaces == NULL || self->shown == NULL) {
        return no_memory(self);
    }
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(namespaces); i++) {
        unsigned long at = PyLong_AsUnsignedLong(PyList_GET_ITEM(namespaces, i));
        if (PyErr_Occurred() || at < self->first || at >= self->reached.count) {
            PyErr_SetString(PyExc_IndexError, "no such position");
            return -1;
        }
        self->namespaces[at - self->first] = 1;
    }
    if (push(self, &self->offset, 0) < 0) {
        return -1;
    }
    for (uint32_t at = self->first; at < self->reached.count; at++) {
        if (at + AHEAD < self->reached.count) {
            PREFETCH(self->reached.objects[at + AHEAD]);
        }
        if (add_object(self, at) < 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- the answer ---- */

static int
give(Edges *self, PyObject *answer, const char *name, Numbers *numbers)
{
    int failed = set_room(self, numbers, numbers->count) < 0
                 || PyDict_SetItemString(answer, name, numbers->bytes) < 0;
    Py_CLEAR(numbers->bytes);
    *numbers = (Numbers){0};
    return failed ? -1 : 0;
}

/* Holder and target of the references by which the walk went on and that nothing shows. */
static int
give_hidden(Edges *self, PyObject *answer)
{
    Numbers holder = {0}, target = {0};
    for (uint32_t at = self->first; at < self->reached.count; at++) {
        int32_t parent = self->reached.parents[at];
        if (parent >= (int32_t)self->first && !self->shown[at - self->first]) {
            if (push(self, &holder, (uint32_t)parent - self->first) < 0
                || push(self, &target, at - self->first) < 0) {
                break;
            }
        }
    }
    int failed = self->failed || give(self, answer, "hidden.holder", &holder) < 0
                 || give(self, answer, "hidden.target", &target) < 0;
    Py_XDECREF(holder.bytes);
    Py_XDECREF(target.bytes);
    return failed ? -1 : 0;
}

/* The values that are there several times: type, copies, bytes of each, the first that holds one. */
static int
give_equals(Edges *self, PyObject *answer)
{
    Numbers type = {0}, copies = {0}, size = {0}, holder = {0};
    for (uint32_t i = 0; i < self->equals.count && !PyErr_Occurred(); i++) {
        const Equal *it = &self->equals.values[i];
        uint64_t bytes = 0;
        Plan *plan = it->copies > 1 ? plan_of(self, it->first) : NULL;
        if (plan != NULL && size_of(plan, it->first, &bytes) == 0) {
            (void)(push(self, &type, plan->number) || push(self, &copies, it->copies)
                   || push(self, &size, capped(bytes)) || push(self, &holder, it->holder));
        }
    }
    int failed = PyErr_Occurred() || give(self, answer, "equal.type", &type) < 0
                 || give(self, answer, "equal.copies", &copies) < 0
                 || give(self, answer, "equal.bytes", &size) < 0
                 || give(self, answer, "equal.holder", &holder) < 0;
    Py_XDECREF(type.bytes);
    Py_XDECREF(copies.bytes);
    Py_XDECREF(size.bytes);
    Py_XDECREF(holder.bytes);
    return failed ? -1 : 0;
}

static PyObject *
answer_of(Edges *self)
{
    PyObject *answer = PyDict_New();
    if (answer != NULL
        && (give(self, answer, "objects.type", &self->type) < 0
            || give(self, answer, "objects.size", &self->size) < 0
            || give(self, answer, "objects.atoms", &self->atoms) < 0
            || give(self, answer, "objects.length", &self->length) < 0
            || give(self, answer, "edges.offset", &self->offset) < 0
            || give(self, answer, "edges.target", &self->target) < 0
            || give(self, answer, "edges.name", &self->name) < 0
            || give_hidden(self, answer) < 0 || give_equals(self, answer) < 0)) {
        Py_CLEAR(answer);
    }
    return answer;
}

static void
free_edges(Edges *self)
{
    Numbers *all[] = {&self->type, &self->size, &self->atoms, &self->length, &self->offset,
                      &self->target, &self->name};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        Py_XDECREF(all[i]->bytes);
    }
    for (size_t i = 0; i < self->plan_count; i++) {
        Py_XDECREF(self->plans[i].sizeof_);
        PyMem_RawFree(self->plans[i].fields);
    }
    PyMem_RawFree(self->plans);
    PyMem_RawFree(self->children);
    PyMem_RawFree(self->pending);
    PyMem_RawFree(self->namespaces);
    PyMem_RawFree(self->shown);
    equals_free(&self->equals);
    table_free(&self->types);
    table_free(&self->keys);
    table_free(&self->attributes);
    Py_XDECREF(self->kept);
    Py_XDECREF(self->by_layout);
    Py_XDECREF(self->by_list);
}

PyObject *
edges_of(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *namespaces, *answer = NULL;
    Edges self = {0};
    unsigned long long seed;
    if (!PyArg_ParseTuple(args, "OIO!(OOOIK)", &self.graph, &self.first, &PyList_Type, &namespaces,
                          &self.planner, &self.namer, &self.key_name, &self.any_key, &seed)
        || graph_reached(self.graph, &self.reached) < 0) {
        return NULL;
    }
    self.kept = PyList_New(0);
    self.by_layout = PyObject_GetAttrString((PyObject *)&PyBaseObject_Type, "__sizeof__");
    self.by_list = PyObject_GetAttrString((PyObject *)&PyList_Type, "__sizeof__");
    if (self.by_layout == NULL || self.by_list == NULL) {
        free_edges(&self);
        return NULL;
    }
    if (equals_init(&self.equals, seed, self.reached.borrows) < 0 || self.kept == NULL || table_init(&self.types, 256) < 0 || table_init(&self.keys, 1024) < 0
        || table_init(&self.attributes, 1024) < 0) {
        PyErr_NoMemory();
    }
    else if (add_all(&self, namespaces) == 0) {
        answer = answer_of(&self);
    }
    free_edges(&self);
    return answer;
}
