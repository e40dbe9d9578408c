/* Strings and bytes that are there several times: found by a hash, told equal byte by byte.

   No value and no hash leaves this file: what is given on is how many there are. */

#include "_walk_native.h"

#define LEAST_LENGTH 2 /* of shorter ones the interpreter itself keeps one each */
#define LOOKED_AT 256  /* bytes that are hashed, at either end */

typedef struct {
    const unsigned char *bytes;
    size_t count;
    int kind; /* bytes of a character; 0 of bytes */
} Content;

static int
content_of(PyObject *value, Content *content)
{
    if (PyBytes_CheckExact(value)) {
        content->bytes = (const unsigned char *)PyBytes_AS_STRING(value);
        content->count = (size_t)PyBytes_GET_SIZE(value);
        content->kind = 0;
        return content->count >= LEAST_LENGTH;
    }
    if (!PyUnicode_CheckExact(value)) {
        return 0;
    }
#if PY_VERSION_HEX < 0x030C0000
    if (!PyUnicode_IS_READY(value)) {
        return 0;
    }
#endif
    content->kind = (int)PyUnicode_KIND(value);
    content->bytes = PyUnicode_DATA(value);
    content->count = (size_t)PyUnicode_GET_LENGTH(value) * (size_t)content->kind;
    return PyUnicode_GET_LENGTH(value) >= LEAST_LENGTH;
}

static uint64_t
mixed(uint64_t hash, const unsigned char *bytes, size_t count)
{
    for (; count >= sizeof(uint64_t); bytes += sizeof(uint64_t), count -= sizeof(uint64_t)) {
        uint64_t word;
        memcpy(&word, bytes, sizeof word);
        hash = (hash ^ word) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    }
    for (; count > 0; bytes++, count--) {
        hash = (hash ^ *bytes) * 0x9E3779B97F4A7C15u;
        hash ^= hash >> 32;
    }
    return hash;
}

static uint64_t
hash_of(const Equals *equals, const Content *content)
{
    uint64_t hash = mixed(equals->seed, (const unsigned char *)&content->count, sizeof content->count);
    size_t start = Py_MIN(content->count, LOOKED_AT);
    size_t end = Py_MIN(content->count - start, LOOKED_AT);
    hash = mixed(hash ^ (uint64_t)content->kind, content->bytes, start);
    return mixed(hash, content->bytes + content->count - end, end);
}

static int
is_equal(PyObject *one, const Content *other)
{
    Content content;
    return content_of(one, &content) && content.kind == other->kind && content.count == other->count
           && memcmp(content.bytes, other->bytes, content.count) == 0;
}

int
equals_init(Equals *equals, uint64_t seed, int borrows)
{
    *equals = (Equals){.seed = seed, .borrows = borrows, .size = 1024};
    equals->places = PyMem_RawCalloc(equals->size, sizeof *equals->places);
    return equals->places == NULL ? -1 : table_init(&equals->seen, 1024);
}

void
equals_free(Equals *equals)
{
    for (uint32_t i = 0; i < equals->count && !equals->borrows; i++) {
        Py_DECREF(equals->values[i].first);
    }
    PyMem_RawFree(equals->values);
    PyMem_RawFree(equals->places);
    table_free(&equals->seen);
}

static uint32_t *
place_of(const Equals *equals, uint64_t hash, const Content *content)
{
    uint32_t at = (uint32_t)hash & (equals->size - 1);
    for (; equals->places[at] != 0; at = (at + 1) & (equals->size - 1)) {
        const Equal *value = &equals->values[equals->places[at] - 1];
        if (value->hash == hash && is_equal(value->first, content)) {
            break;
        }
    }
    return &equals->places[at];
}

static int
grow_places(Equals *equals)
{
    uint32_t size = equals->size * 2;
    uint32_t *places = size > equals->size ? PyMem_RawCalloc(size, sizeof *places) : NULL;
    if (places == NULL) {
        return -1;
    }
    PyMem_RawFree(equals->places);
    equals->places = places;
    equals->size = size;
    for (uint32_t i = 0; i < equals->count; i++) {
        uint32_t at = (uint32_t)equals->values[i].hash & (size - 1);
        while (places[at] != 0) {
            at = (at + 1) & (size - 1);
        }
        places[at] = i + 1;
    }
    return 0;
}

static int
add_value(Equals *equals, PyObject *value, uint64_t hash, uint32_t holder)
{
    if (equals->count == equals->room) {
        uint32_t room = equals->room ? equals->room + equals->room / 2 : 1024;
        void *values = room < INT32_MAX
                           ? PyMem_RawRealloc(equals->values, room * sizeof *equals->values)
                           : NULL;
        if (values == NULL) {
            return -1;
        }
        equals->values = values;
        equals->room = room;
    }
    if (!equals->borrows) {
        Py_INCREF(value);
    }
    equals->values[equals->count++] = (Equal){value, hash, holder, 1};
    return 0;
}

int
equals_note(Equals *equals, PyObject *value, uint32_t holder)
{
    Content content;
    if (!content_of(value, &content)) {
        return 0;
    }
    if (Py_REFCNT(value) > 1) { /* others may show it too */
        Slot *slot = table_slot(&equals->seen, value);
        if (slot->region != 0) {
            return 0;
        }
        if (table_put(&equals->seen, slot, value, 0) < 0) {
            return -1;
        }
    }
    uint64_t hash = hash_of(equals, &content);
    uint32_t *place = place_of(equals, hash, &content);
    if (*place != 0) {
        equals->values[*place - 1].copies++;
        return 0;
    }
    if (add_value(equals, value, hash, holder) < 0) {
        return -1;
    }
    *place = equals->count;
    return 2 * equals->count > equals->size ? grow_places(equals) : 0;
}
