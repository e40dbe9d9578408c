"""Roots that have a dotted name: modules, and classes that their own name leads to."""

import sys
from collections.abc import Iterator
from operator import itemgetter
from types import ModuleType
from typing import Any

from leakwatch.heap.fields import (
    class_namespace,
    entries,
    entry,
    globals_of,
    loaded,
    module_name,
    module_namespace,
    name_of_code,
    named_entries,
    own_field,
    qualified_name,
    subclasses,
    text,
)
from leakwatch.heap.keys import attribute_text, key_text
from leakwatch.heap.objects import identities, is_class, is_exactly, is_heap_type, is_module
from leakwatch.heap.provenance import is_library_module, is_own_module
from leakwatch.heap.roots.root import HeapRoot, RootQuery
from leakwatch.model.root_kinds import (
    CLASS_ATTRIBUTE,
    IMPORTED_MODULE,
    MODULE_GLOBAL,
    MODULE_REGISTRY,
    OWN_MODULE,
    Wave,
)

MAIN_AGAIN = "__mp_main__"
METHOD_WRAPPERS = identities((staticmethod, classmethod))


def named_modules() -> list[tuple[str, ModuleType]]:
    """The loaded modules, the latest import first.

    A module that imports a name from another was entered in `sys.modules` before it, so
    the later of two modules with the same global is the one that defines it. `multiprocessing`
    enters `__main__` a second time, which must not be its name.
    """
    main = loaded("__main__")
    return [
        (name, module)
        for name, module in reversed(list(named_entries(sys.modules)))
        if is_module(module) and not (module is main and name == MAIN_AGAIN)
    ]


def is_made_by_hand(module: Any) -> bool:
    """Whether a program has made a module itself: no import did, nor is it part of a package.

    A library that is imported may make modules for parts of itself.
    """
    namespace = module_namespace(module)
    if entry(namespace, "__spec__") is not None or entry(namespace, "__file__") is not None:
        return False
    package, dot, _ = (text(entry(namespace, "__name__")) or "").partition(".")
    parent = loaded(package) if dot else None
    return not is_module(parent) or is_made_by_hand(parent)


def made_by_the_work(modules: list[tuple[str, ModuleType]], query: RootQuery) -> frozenset[int]:
    """Ids of the surviving modules that no import brought once and for all.

    A program has made them itself, or has loaded one file again and again under other names.
    """
    found = [module for _, module in modules if id(module) in query.survivors]
    files = [text(entry(module_namespace(module), "__file__")) for module in found]
    # By hand, for a `Counter` asks classes of the program whether they are a `Mapping`.
    times: dict[str | None, int] = {}
    for file in files:
        times[file] = times.get(file, 0) + 1
    return frozenset(
        id(module)
        for module, file in zip(found, files, strict=True)
        if is_made_by_hand(module) or (file is not None and times[file] > 1)
    )


def module_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """Each loaded module's globals; leakwatch's own are searched after everything else.

    They hold no survivor, or leakwatch is broken; a report that names this root says so. What a
    module keeps that an import made is held by that; one that the work itself has made is an object
    like others, with all that is in it.
    """
    # Whatever is imported, or only looked for, leaves a finder for its folder there.
    finders = sys.path_importer_cache
    yield HeapRoot(IMPORTED_MODULE, "sys.path_importer_cache", finders, barrier=True)
    running = {
        id(globals_of(frame))
        for frame in query.asking_frames()
        if name_of_code(frame.f_code) == "<module>"
    }
    modules = named_modules()
    made = made_by_the_work(modules, query)
    for name, module in modules:
        namespace = module_namespace(module)
        if is_own_module(name):
            yield HeapRoot(OWN_MODULE, name, namespace, "", "module", Wave.OWN, True, module)
            continue
        wave = Wave.LIBRARY if is_library_module(name, module) else Wave.PROGRAM
        if id(namespace) in running:
            yield from _running_module(name, namespace, module, query)
        elif id(module) in made:
            label = f"sys.modules[{key_text(name)}]"
            yield HeapRoot(MODULE_REGISTRY, label, module, wave=wave, barrier=True)
        elif name in query.imported:
            yield HeapRoot(IMPORTED_MODULE, name, namespace, barrier=True)
        elif id(module) in query.survivors:
            label = f"sys.modules[{key_text(name)}]"
            yield HeapRoot(MODULE_GLOBAL, name, namespace, "", "module", wave, True)
            yield HeapRoot(MODULE_REGISTRY, label, module, wave=wave, barrier=True)
        else:
            yield HeapRoot(MODULE_GLOBAL, name, namespace, "", "module", wave, True, module)


def _running_module(
    name: str, namespace: dict[str, object], module: ModuleType, query: RootQuery
) -> Iterator[HeapRoot]:
    """A module whose top level is still running and has called leakwatch.

    A global that *is* a survivor is then a variable of the caller, and in use. What
    the globals hold indirectly, in a registry say, is held by the module all the same.
    """
    for key, value in entries(namespace):
        in_use = id(value) in query.survivors and id(value) not in query.lasting
        wave = Wave.IN_USE if in_use else Wave.PROGRAM
        yield HeapRoot(MODULE_GLOBAL, name, value, attribute_text(key), "module", wave)
    yield HeapRoot(MODULE_GLOBAL, name, namespace, "", "module", Wave.IN_USE, True, module)


def class_roots(query: RootQuery) -> Iterator[HeapRoot]:
    """The attributes of every class that its own qualified name leads to.

    A class made at run time, inside a function, is not a root: what matters is who holds
    the class. Static types are always roots, for the collector does not traverse them, and so are
    leakwatch's own classes, which are searched after everything else.
    """
    loaded_modules = named_modules()
    made = made_by_the_work(loaded_modules, query)
    modules = {name: module for name, module in loaded_modules if id(module) not in made}
    libraries = {name for name, module in modules.items() if is_library_module(name, module)}
    named = [(module_name(cls), qualified_name(cls), cls) for cls in all_classes()]
    named.sort(key=itemgetter(0, 1))  # the classes would be asked by their metaclass
    for home, path, cls in named:
        module, own = modules.get(home), is_own_module(home)
        if home == MAIN_AGAIN or not (own or is_permanent_in(module, path, cls)):
            continue
        kind, wave = CLASS_ATTRIBUTE, Wave.PROGRAM
        if own:
            kind, wave = OWN_MODULE, Wave.OWN
        elif home in query.imported:
            kind, wave = IMPORTED_MODULE, Wave.IMPORTED
        elif module is None or home in libraries:
            wave = Wave.LIBRARY
        yield HeapRoot(kind, f"{home}.{path}", class_namespace(cls), "", "type", wave, True, cls)


def is_permanent(cls: Any) -> bool:
    """Whether a class lives as long as its module: static, or what its own name leads to."""
    return is_permanent_in(loaded(module_name(cls)), qualified_name(cls), cls)


def is_permanent_in(module: Any, path: str, cls: Any) -> bool:
    """The same, where the module of the class and its qualified name are known."""
    return not is_heap_type(cls) or found_in(module, path) is cls


def found_at(module: str, path: str) -> object:
    """What a qualified name leads to from its module, or None if it leads nowhere."""
    return found_in(loaded(module), path)


def found_in(module: Any, path: str) -> object:
    """What a qualified name leads to from a module, or None if it leads nowhere."""
    if not is_module(module):
        return None
    namespace, found = module_namespace(module), None
    for part in path.split("."):
        found = entry(namespace, part)
        namespace = class_namespace(found) if is_class(found) else {}
    return own_field(found, "__func__") if is_exactly(found, METHOD_WRAPPERS) else found


def all_classes(base: type = object) -> list[type]:
    """A class and every living class that is derived from it, by the subclass tables."""
    found = [base]
    seen = {id(base)}
    for cls in found:
        for child in subclasses(cls):
            if id(child) not in seen:
                seen.add(id(child))
                found.append(child)
    return found
