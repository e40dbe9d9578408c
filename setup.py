"""The native parts; everything else about the project is in pyproject.toml.

Each extension is optional: where it cannot be compiled, the build says so and goes on, and a
twin in Python does the same work. A wheel for others must not lack them without a word, so
`NATIVE_PARTS=required` in the environment makes that end the build.
"""

import os
import sysconfig
from glob import glob

from setuptools import Extension, setup

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))
OPTIONAL = os.environ.get("NATIVE_PARTS") != "required"

EXTENSIONS = [
    Extension(
        "leakwatch.guest._guarded_native",
        ["leakwatch/guest/_guarded_native.c"],
        optional=OPTIONAL,
    ),
    Extension(
        "leakwatch.heap._walk_native",
        sorted(glob("leakwatch/heap/*.c")),
        depends=sorted(glob("leakwatch/heap/*.h")),
        optional=OPTIONAL,
    ),
    Extension(
        "leakwatch.snapshots._columns_native",
        sorted(glob("leakwatch/snapshots/*.c")),
        depends=["leakwatch/snapshots/_columns_native.h"],
        optional=OPTIONAL,
    ),
    Extension(
        "weakrefs._native",
        sorted(glob("weakrefs/native/*.c")),
        depends=["weakrefs/native/native.h"],
        optional=OPTIONAL,
    ),
]

# The others rely on the interpreter's lock. See docs/decisions/free-threaded-weakrefs.md.
WITHOUT_LOCK = {"leakwatch.snapshots._columns_native", "weakrefs._native"}

setup(ext_modules=[e for e in EXTENSIONS if not FREE_THREADED or e.name in WITHOUT_LOCK])
