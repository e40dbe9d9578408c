/* `weakrefs._native`: the bases of containers, methods and finalizers, for `weakrefs.core` to choose. */

#include "native.h"

/* The native base whose layout the instances of a class have, or NULL with an exception. */
static PyTypeObject *native_base(PyObject *cls)
{
    PyTypeObject *bases[] = {&ValueOperations_Type, &KeyOperations_Type, &SetOperations_Type,
                             &FinalizerOperations_Type};
    for (size_t n = 0; PyType_Check(cls) && n < Py_ARRAY_LENGTH(bases); n++)
        if (PyType_IsSubtype((PyTypeObject *)cls, bases[n]))
            return bases[n];
    PyErr_Format(PyExc_TypeError,
                 "own_methods: expected a class derived from ValueOperations, KeyOperations, "
                 "SetOperations or FinalizerOperations of weakrefs._native, got an object of type "
                 "%.200s",
                 Py_TYPE(cls)->tp_name);
    return NULL;
}

/* Give `cls` the methods of its native base as its own. The interpreter specialises the call of a C
   method only where the object is of the very type that the method belongs to (3.11 to 3.13), so
   an inherited one is 20 ns slower. */
static PyObject *own_methods(PyObject *module, PyObject *cls)
{
    PyTypeObject *type = (PyTypeObject *)cls;
    (void)module;
    PyTypeObject *base = native_base(cls);
    if (base == NULL)
        return NULL;
    for (PyMethodDef *method = base->tp_methods; method->ml_name != NULL; method++) {
        PyObject *own = PyDescr_NewMethod(type, method);
        int failed = own == NULL || PyObject_SetAttrString(cls, method->ml_name, own) < 0;
        Py_XDECREF(own);
        if (failed)
            return NULL;
    }
    return Py_NewRef(cls);
}

static PyMethodDef functions[] = {
    METHOD("own_methods", own_methods, METH_O, "Give a class the native methods as its own."),
    METHOD("keep_finalizers", keep_finalizers, METH_VARARGS,
           "Say where finalizers are kept, and the process we are in."),
    METHOD("finalizers_made", finalizers_made, METH_NOARGS, "Return how many were made."),
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "weakrefs._native",
    .m_doc = "The hot operations of weak containers, methods and finalizers, in C.",
    .m_size = -1,
    .m_methods = functions,
};

static int add_types(PyObject *module)
{
    if (PyType_Ready(&Remover_Type) < 0 || PyType_Ready(&Living_Type) < 0 || methods_ready() < 0 ||
        finalizers_ready() < 0)
        return -1;
    PyTypeObject *types[] = {&ValueOperations_Type, &KeyOperations_Type, &SetOperations_Type,
                             &FinalizerOperations_Type, &MethodOperations_Type};
    for (size_t n = 0; n < Py_ARRAY_LENGTH(types); n++)
        if (PyModule_AddType(module, types[n]) < 0)
            return -1;
    return 0;
}

PyMODINIT_FUNC PyInit__native(void)
{
    if (calls_import() < 0 || entries_import() < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && add_types(module) < 0)
        Py_CLEAR(module);
#ifdef Py_GIL_DISABLED
    if (module != NULL && PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED) < 0)
        Py_CLEAR(module);
#endif
    return module;
}
