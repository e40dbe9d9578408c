"""Which attributes are fields of C structures, and how each is read: the one place that knows.

Reading an attribute of an object or a class of the program may run code of it: a property, a
`__getattribute__`, a metaclass, a proxy. What is read may be such an object in turn: a name of a
subclass of `str`, whose `format` is the program's, or a dict with keys that compare themselves.
Everything that judges reads them here; `tests/test_user_code.py` looks for reads elsewhere.

Frames, code objects, tracebacks and other types that nobody can derive from are asked directly,
except for their texts and namespaces.
"""

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import (
    CodeType,
    FrameType,
    FunctionType,
    GetSetDescriptorType,
    MappingProxyType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any, cast

from leakwatch.interpreter import FROZEN_MAPPINGS, get_referents_unguarded

HEAP_TYPE = 1 << 9
READY = 1 << 12
STRING = 1 << 28
CLASS = 1 << 31
"""Flags of a class: made at run time; ready for use; its instances are strings, or classes."""
OPTIMIZED = 1
"""`inspect.CO_OPTIMIZED`, without the 10 ms that importing inspect costs."""

C_FIELDS = frozenset(map(id, (GetSetDescriptorType, MemberDescriptorType)))
"""How C types give access to a field; no code of Python."""


def _reader(kind: type, name: str) -> Callable[[Any], Any]:
    descriptor: Any = kind.__dict__[name]
    return descriptor.__get__  # type: ignore[no-any-return]


flags: Callable[[type], int] = _reader(type, "__flags__")
dict_offset: Callable[[type], int] = _reader(type, "__dictoffset__")
"""Where instances of a class have their dict; 0 where they have none."""
_bases_of = _reader(type, "__bases__")
_base_of = _reader(type, "__base__")
_dict_of = _reader(type, "__dict__")
_module_of = _reader(type, "__module__")
_mro_of = _reader(type, "__mro__")
_qualname_of = _reader(type, "__qualname__")
_namespace_of = _reader(ModuleType, "__dict__")

code_of: Callable[[FunctionType], CodeType] = _reader(FunctionType, "__code__")
function_of: Callable[[MethodType], Any] = _reader(MethodType, "__func__")
self_of: Callable[[MethodType], Any] = _reader(MethodType, "__self__")


# -- classes ----------------------------------------------------------------------------------


def mro(cls: type) -> tuple[type, ...]:
    """The method resolution order, past any metaclass.

    Once the collector has cleared a class it has none; one that is its own type outlives that.
    Its bases are left to it.
    """
    found: tuple[type, ...] | None = _mro_of(cls)
    if found is not None:
        return found
    upwards = [cls]
    while (base := _base_of(upwards[-1])) is not None:
        upwards.append(base)
    return tuple(upwards)


def bases(cls: type) -> tuple[type, ...]:
    """The direct bases, past any metaclass; none of a type that an extension has never made ready.

    Such a one has NULL for them, which the getter reads (CPython 3.11 to 3.13).
    """
    return (_bases_of(cls) or ()) if flags(cls) & READY else ()


def subclasses(cls: type) -> list[type]:
    """The living direct subclasses, past any metaclass."""
    return type.__subclasses__(cls)


def inherits(cls: type, base: type) -> bool:
    """Whether a class has a base, by identity: `in` and a set would ask its metaclass."""
    order = _mro_of(cls)
    for found in order if order is not None else mro(cls):  # noqa: SIM110 - any() takes thrice as long
        if found is base:
            return True
    return False


def class_attributes(cls: type) -> Mapping[str, object]:
    """The class's own attributes, read-only; to look one up, see `class_attribute`."""
    found: MappingProxyType[str, object] = _dict_of(cls)
    return found


def class_namespace(cls: type) -> dict[str, object]:
    """The dict behind a class's `__dict__` proxy, also of static types.

    The collector does not traverse static types; their dict is reachable only so.
    """
    # Not the guarded one: this is asked more than anything else, and a proxy is no module.
    found: list[Any] = get_referents_unguarded(_dict_of(cls))
    return found[0] if found else {}


def class_attribute(cls: type, name: str) -> Any:
    """One of the class's own attributes, as it stands in its dict, or None."""
    return entry(class_namespace(cls), name)


def module_name(cls: type) -> str:
    """Name of the module that a class says it was defined in; empty if it says nothing."""
    if not flags(cls) & HEAP_TYPE:
        return text(_module_of(cls)) or ""
    # Not by the getter, which looks the key up, and raises where a class has none. And in one
    # function: a judgement asks for more names of types than for anything else.
    namespaces = get_referents_unguarded(_dict_of(cls))
    name = entry(namespaces[0], "__module__") if namespaces else None
    return name if type(name) is str else text(name) or ""


def qualified_name(cls: type) -> str:
    """The class's `__qualname__`."""
    name = _qualname_of(cls)
    return name if type(name) is str else text(name) or ""


def module_namespace(module: ModuleType) -> dict[str, object]:
    """A module's dict, past any `__getattribute__` of a lazy module class.

    The collector takes the dict from a module that it clears, which is then told as empty.
    """
    found: dict[str, object] | None = _namespace_of(module)
    return found if found is not None else {}


# -- instances --------------------------------------------------------------------------------


def read(descriptor: Any, holder: object) -> Any:
    """What a descriptor of C gives, or None where there is nothing.

    A field may be empty; and a class may have a descriptor that was made for another.
    """
    try:
        return descriptor.__get__(holder)
    except (AttributeError, TypeError, ValueError, RuntimeError):
        # The last two: never opened, or taken apart; a future that was not initialized.
        return None


def c_field(subject: object, base: type, name: str) -> Any:
    """A slot or a C getter that one base has or inherits, or None if it is empty or there is none.

    Where a field stands is no promise: `asyncio.Task` inherits those of `Future` since CPython 3.14
    and had its own before.
    """
    if flags(base) & HEAP_TYPE:
        field = c_descriptor(base, name)
    else:
        # Thousands of functions are asked in one look; a static type never changes nor goes.
        known = _OF_STATIC_TYPES.get((id(base), name))
        if known is None:
            known = _OF_STATIC_TYPES[id(base), name] = (c_descriptor(base, name),)
        field = known[0]
    return None if field is None else read(field, subject)


_OF_STATIC_TYPES: dict[tuple[int, str], tuple[Any]] = {}
"""Descriptors by the id of the type and the name, each alone in a tuple; None for none."""


def c_descriptor(base: type, name: str) -> Any:
    """The descriptor of a slot or a C getter that a type has or inherits, or None."""
    for cls in mro(base):
        field = class_attribute(cls, name)
        if field is not None:
            return field if id(type(field)) in C_FIELDS else None
    return None


def slots_of(cls: type) -> Iterator[tuple[Any, Any]]:
    """The names and descriptors of a class's own slots: what is read of them is a field, no more.

    A getter may run any code, so of those only the ones are taken that stood in for a slot.
    """
    getters = SLOTS_BY_GETTER.get(f"{module_name(cls)}.{qualified_name(cls)}", ())
    for name, descriptor in entries(class_namespace(cls)):
        kind = type(descriptor)
        if kind is MemberDescriptorType or (kind is GetSetDescriptorType and name in getters):
            yield name, descriptor


SLOTS_BY_GETTER = {
    "_io.TextIOWrapper": ("buffer",),
    "sqlite3.Connection": ("row_factory", "text_factory"),
    "sqlite3.Cursor": ("row_factory",),
}
"""Fields that were slots until CPython 3.14 gave each a getter, which takes a lock and reads it."""


def own_field(subject: object, name: str) -> Any:
    """A slot or a C getter of the object's type, which should be builtin, or None."""
    return c_field(subject, type(subject), name)


def own_text(subject: object, name: str) -> str:
    """Such a field as a string, empty where it is none: a `__qualname__` may be anything."""
    return text(own_field(subject, name)) or ""


# -- code -------------------------------------------------------------------------------------


def file_of(code: CodeType) -> str:
    """The source file; `compile` and `replace` take any string for it, and for the names."""
    return text(code.co_filename) or ""


def name_of_code(code: CodeType) -> str:
    """The function's `__name__` as its code has it."""
    return text(code.co_name) or ""


def qualname_of_code(code: CodeType) -> str:
    """The function's `__qualname__` as its code has it."""
    return text(code.co_qualname) or ""


def globals_of(holder: FrameType | FunctionType) -> dict[str, object]:
    """The globals of a frame or a function; those given to `exec` may be of a subclass of dict."""
    if type(holder) is FrameType:
        return holder.f_globals
    found = own_field(holder, "__globals__")
    return found if found is not None else {}  # the collector has cleared it


def _type_of_variables() -> type:
    return type(sys._getframe().f_locals)


VARIABLES = _type_of_variables()
"""What `f_locals` of a function is: a dict, from 3.13 on a view whose items are made in C."""


def variables_of(frame: FrameType) -> Any:
    """The mapping with a frame's variables, or None where to ask for it would run code.

    The body of a class has a mapping that the metaclass gave it. Before 3.13 the interpreter
    writes cells and the variables of comprehensions into it when `f_locals` is read.
    """
    code = frame.f_code
    if code.co_flags & OPTIMIZED or sys.version_info >= (3, 13):
        return frame.f_locals
    return None if code.co_cellvars or code.co_varnames else frame.f_locals


# -- texts ------------------------------------------------------------------------------------


def text(found: object) -> str | None:
    """A string as an exact `str`; None for what is no string.

    `join` copies the characters of what has the layout of a string (`PyUnicode_Join` in
    Objects/unicodeobject.c), and asks no method of a subclass. `str(found)` calls its `__str__`,
    an f-string its `__format__`, and `str.__str__` refuses one whose metaclass hides that it is
    a string.
    """
    if type(found) is str:
        return found
    return "".join((cast(str, found),)) if flags(type(found)) & STRING else None


def texts(found: Iterable[object]) -> frozenset[str]:
    """The strings among some objects, as exact ones."""
    return frozenset(exact for one in found if (exact := text(one)) is not None)


# -- dicts ------------------------------------------------------------------------------------

MAPPINGS: tuple[Any, ...] = (dict, *FROZEN_MAPPINGS)
"""The builtin mappings that others are derived from."""


def _sizes_of_plain_tables() -> frozenset[int]:
    """Sizes that a dict has only while each of its keys is an exact `str`.

    CPython 3.11 and later leaves the hashes out of such a table. The first other key makes it one
    with hashes, for good, and by half larger. Small ones are measured. Where they are as laid out
    in Objects/dictobject.c (`new_keys_object`), large ones are computed: `sys.modules` of a large
    program is one, and is asked for each class.
    """
    word, small, sizes = tuple.__itemsize__, range(3, 9), range(3, 16)

    def measured(key: type) -> list[int]:
        return [dict.__sizeof__(dict.fromkeys(map(key, range((2 << n) // 3)))) for n in small]

    def laid_out(entry: int) -> list[int]:
        """A place in the index has two bytes where there are more than 128, else one."""
        return [10 * word + ((1 + (n > 7)) << n) + (2 << n) // 3 * entry for n in sizes]

    plain, hashed = measured(str), measured(int)
    as_known = laid_out(2 * word), laid_out(3 * word)
    if (plain, hashed) == tuple(known[: len(small)] for known in as_known):
        plain, hashed = as_known
    return frozenset(plain) - frozenset(hashed)


_PLAIN = _sizes_of_plain_tables()
# Asked ten thousand times a walk, where each look at `dict` for its method would be seen.
_size, _get = dict.__sizeof__, dict.get


def has_plain_keys(namespace: dict[Any, Any]) -> bool:
    """Whether each key is an exact `str`, so that to look one up runs no code of the program.

    A key of a subclass with the hash of the name that is looked up is asked for its `__eq__`.
    """
    return all(type(key) is str for key in list(dict.keys(namespace)))


def entry(namespace: Any, name: str) -> Any:
    """What a dict has under a name, or None; its own `get` and its keys are not asked."""
    if type(namespace) is not dict and not inherits(type(namespace), dict):
        return None
    if _size(namespace) in _PLAIN or has_plain_keys(namespace):
        return _get(namespace, name)
    return next((value for key, value in named_entries(namespace) if key == name), None)


def entries(mapping: Any) -> list[tuple[Any, Any]]:
    """The keys and values of a builtin mapping, in a copy: another thread may write meanwhile.

    By the method of the builtin type: a subclass may override `items`.
    """
    for kind in MAPPINGS:
        if inherits(type(mapping), kind):
            return list(kind.items(mapping))
    return []


def named_entries(namespace: object) -> Iterator[tuple[str, Any]]:
    """Those entries of a dict whose keys are strings, with these as exact ones."""
    return ((name, value) for key, value in entries(namespace) if (name := text(key)) is not None)


def loaded(module: str) -> Any:
    """What `sys.modules` has under a name, or None."""
    return entry(sys.modules, module)
