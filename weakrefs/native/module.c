/* `weakrefs._native`: the bases of the weak containers, for `weakrefs.core` to choose. */

#include "native.h"

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "weakrefs._native",
    .m_doc = "The hot operations of the weak containers, in C.",
    .m_size = -1,
};

static int add_types(PyObject *module)
{
    if (PyType_Ready(&Remover_Type) < 0 || PyType_Ready(&Living_Type) < 0)
        return -1;
    PyTypeObject *types[] = {&ValueOperations_Type, &KeyOperations_Type, &SetOperations_Type};
    for (size_t n = 0; n < Py_ARRAY_LENGTH(types); n++)
        if (PyModule_AddType(module, types[n]) < 0)
            return -1;
    return 0;
}

PyMODINIT_FUNC PyInit__native(void)
{
    if (entries_import() < 0)
        return NULL;
    PyObject *module = PyModule_Create(&definition);
    if (module != NULL && add_types(module) < 0)
        Py_CLEAR(module);
    return module;
}
