/* What the files of `weakrefs._native` share.

   The Python files are the definition of correct: those of `weakrefs` with the same names. What two threads may do at once is guarded by the interpreter's lock, and where
   it has none (PEP 703), by that of the object: so no borrowed reference is taken out of anything
   that another thread can change. */

#ifndef WEAKREFS_NATIVE_H
#define WEAKREFS_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structmember.h>

/* Part of the interface since 3.13, and empty where the interpreter has a lock. */
#ifndef Py_BEGIN_CRITICAL_SECTION
#define Py_BEGIN_CRITICAL_SECTION(op) {
#define Py_END_CRITICAL_SECTION() }
#endif

/* The base of a weak container. `data` is an exact dict or set; `remove` is the callback of the
   references in it. Both are NULL until `_start`, and again once the collector has cleared it. */
typedef struct {
    PyObject_HEAD
    PyObject *data;
    PyObject *remove;
} Container;

/* container.c: what the containers have in common. */
extern PyMemberDef container_members[];
int container_traverse(PyObject *self, visitproc visit, void *arg);
int container_clear(PyObject *self);
void container_dealloc(PyObject *self);
PyObject *container_data(Container *self);
PyObject *container_remove(Container *self);
Py_ssize_t container_length(PyObject *self);
PyObject *container_start(Container *self, PyObject *data, vectorcallfunc remove);

/* remover.c: callbacks that take a dead reference out of its container. */
extern PyTypeObject Remover_Type;
PyObject *remover_new(PyObject *container, vectorcallfunc remove);
PyObject *remover_data(PyObject *self);

/* living.c: iteration over a snapshot, leaving out what is dead. The last two shapes take it from
   `dict_flat`. */
typedef enum { REFERENT, KEY, KEY_AND_REFERENT, VALUE, REFERENT_AND_VALUE } Shape;
extern PyTypeObject Living_Type;
PyObject *living_new(Container *container, PyObject *(*snapshot)(PyObject *), Shape shape);

/* entries.c: references, the keys they carry, and what is said when one cannot be made. */
PyObject *import_from(const char *module, const char *name);
int entries_import(void);
PyObject *living(PyObject *ref);
int look_up_ref(PyObject *obj, PyObject **ref);
PyObject *own_ref(Container *container, PyObject *obj);
PyObject *keyed_ref(Container *container, PyObject *key, PyObject *value);
PyObject *entry_key(PyObject *entry);
int entry_set_key(PyObject *entry, PyObject *key);
int remove_if_dead(PyObject *dict, PyObject *key);
void explain_type_error(PyObject *obj);

/* calls.c: arguments, pairs, and dictionaries. */
int calls_import(void);
int key_and_default(const char *function, int required, PyObject *const *args, Py_ssize_t count,
                    PyObject *names, PyObject **key, PyObject **fallback);
int for_each(PyObject *items, int (*work)(Container *, PyObject *), Container *self);
int unpack_pair(PyObject *pair, PyObject **key, PyObject **value);
int dict_get(PyObject *dict, PyObject *key, PyObject **item);
int dict_pop(PyObject *dict, PyObject *key, PyObject **item);
PyObject *dict_flat(PyObject *dict);
PyObject *dict_set_default(PyObject *dict, PyObject *key, PyObject *item);
PyObject *pop_living_pair(PyObject *self, Py_ssize_t n);
void set_key_error(PyObject *key);

/* method_operations.c and finalizer_operations.c. */
int methods_ready(void);
int finalizers_ready(void);
PyObject *keep_finalizers(PyObject *module, PyObject *args);
PyObject *finalizers_made(PyObject *module, PyObject *unused);

/* The bases that `weakrefs.core` offers. */
extern PyTypeObject FinalizerOperations_Type;
extern PyTypeObject MethodOperations_Type;
extern PyTypeObject ValueOperations_Type;
extern PyTypeObject KeyOperations_Type;
extern PyTypeObject SetOperations_Type;

#define METHOD(name, function, flags, doc) {name, (PyCFunction)(void (*)(void))(function), flags, doc}
#define WITH_KEYWORDS (METH_FASTCALL | METH_KEYWORDS)

/* What the bases of containers have in common; a base adds its methods. */
#define CONTAINER_TYPE(name) \
    PyVarObject_HEAD_INIT(NULL, 0) \
    .tp_name = "weakrefs._native." name, \
    .tp_basicsize = sizeof(Container), \
    .tp_dealloc = container_dealloc, \
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, \
    .tp_traverse = container_traverse, \
    .tp_clear = container_clear, \
    .tp_members = container_members, \
    .tp_new = PyType_GenericNew

#endif
