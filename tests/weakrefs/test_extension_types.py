import gc
import importlib.util
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

import weakrefs

SOURCE = Path(__file__).with_name("extension_types.c")


@pytest.fixture(scope="module")
def types(tmp_path_factory):
    """The two types of `extension_types.c`, compiled for this interpreter."""
    compiler = shlex.split(sysconfig.get_config_var("CC") or "")
    headers = Path(sysconfig.get_path("include"))
    if not compiler or shutil.which(compiler[0]) is None:
        pytest.skip("there is no C compiler")
    if not (headers / "Python.h").exists():
        pytest.skip("the headers of this interpreter are not installed")
    suffix = sysconfig.get_config_var("EXT_SUFFIX")
    library = tmp_path_factory.mktemp("build") / f"extension_types{suffix}"
    options = ["-shared", "-fPIC", f"-I{headers}", "-o", library]
    subprocess.run([*compiler, *options, SOURCE], check=True)
    spec = importlib.util.spec_from_file_location("extension_types", library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_c_type_with_support_goes_into_every_container(types):
    obj = types.Supporting()
    assert weakrefs.is_weakrefable(obj)
    assert weakrefs.why_not(obj) is None
    containers = [
        weakrefs.WeakValueDictionary(a=obj),
        weakrefs.WeakKeyDictionary({obj: 1}),
        weakrefs.WeakIdKeyDictionary([(obj, 1)]),
        weakrefs.WeakKeyValueDictionary([(obj, obj)]),
        weakrefs.WeakSet([obj]),
        weakrefs.WeakIdSet([obj]),
        weakrefs.WeakOrderedSet([obj]),
        weakrefs.WeakList([obj]),
    ]
    seen = []
    weakrefs.finalize(obj, seen.append, "dead")
    assert [len(container) for container in containers] == [1] * 8
    del obj
    gc.collect()
    assert [len(container) for container in containers] == [0] * 8
    assert seen == ["dead"]


def test_a_c_type_without_support_is_refused_with_the_remedy(types):
    obj = types.Refusing()
    assert weakrefs.why_not(obj) == (
        "extension_types.Refusing cannot be weakly referenced: its type is written in C without "
        "weak reference support. Wrap it in an object of your own class and refer to that."
    )
    with pytest.raises(TypeError, match="Refusing cannot be weakly referenced"):
        weakrefs.WeakSet([obj])


def test_a_python_subclass_of_a_c_type_without_support_has_it(types):
    class Subclass(types.Refusing):
        pass

    obj = Subclass()
    assert weakrefs.ref(obj)() is obj


def test_neither_has_room_for_what_an_ephemeron_dictionary_attaches(types):
    with pytest.raises(TypeError, match="nothing can be attached to"):
        weakrefs.EphemeronDictionary()[types.Supporting()] = 1
