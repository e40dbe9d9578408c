/* Two types for test_extension_types.py: one that can be weakly referenced, and one that cannot. */

#include <Python.h>
#include <structmember.h>

typedef struct {
    PyObject_HEAD
    PyObject *weakrefs;
} Supporting;

static void
supporting_dealloc(Supporting *self)
{
    /* First of all: callbacks must see a whole object, and find it dead. */
    if (self->weakrefs != NULL) {
        PyObject_ClearWeakRefs((PyObject *)self);
    }
    PyTypeObject *type = Py_TYPE(self);
    type->tp_free((PyObject *)self);
    Py_DECREF(type);
}

static PyMemberDef supporting_members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Supporting, weakrefs), READONLY, NULL},
    {NULL},
};

static PyType_Slot supporting_slots[] = {
    {Py_tp_dealloc, supporting_dealloc},
    {Py_tp_members, supporting_members},
    {0, NULL},
};

static PyType_Spec supporting_spec = {
    .name = "extension_types.Supporting",
    .basicsize = sizeof(Supporting),
    .flags = Py_TPFLAGS_DEFAULT,
    .slots = supporting_slots,
};

static PyType_Slot refusing_slots[] = {
    {0, NULL},
};

static PyType_Spec refusing_spec = {
    .name = "extension_types.Refusing",
    .basicsize = sizeof(PyObject),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .slots = refusing_slots,
};

static int
add_type(PyObject *module, PyType_Spec *spec, const char *name)
{
    PyObject *type = PyType_FromSpec(spec);
    if (type == NULL) {
        return -1;
    }
    int result = PyModule_AddObjectRef(module, name, type);
    Py_DECREF(type);
    return result;
}

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "extension_types",
    .m_size = -1,
};

PyMODINIT_FUNC
PyInit_extension_types(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL) {
        return NULL;
    }
    if (add_type(module, &supporting_spec, "Supporting") < 0 ||
        add_type(module, &refusing_spec, "Refusing") < 0) {
        Py_DECREF(module);
        return NULL;
    }
#ifdef Py_GIL_DISABLED
    PyUnstable_Module_SetGIL(module, Py_MOD_GIL_NOT_USED);
#endif
    return module;
}
