"""The native parts; everything else about the project is in pyproject.toml.

Each extension is optional: where it cannot be compiled, the build says so and goes on, and a
twin in Python does the same work.
"""

import sysconfig
from glob import glob

from setuptools import Extension, setup

FREE_THREADED = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

EXTENSIONS = [
    Extension(
        "leakwatch.guest._guarded_native",
        ["leakwatch/guest/_guarded_native.c"],
        optional=True,
    ),
    Extension(
        "leakwatch.heap._walk_native",
        sorted(glob("leakwatch/heap/*.c")),
        depends=["leakwatch/heap/_walk_native.h"],
        optional=True,
    ),
    Extension(
        "weakrefs._native",
        sorted(glob("weakrefs/native/*.c")),
        depends=["weakrefs/native/native.h"],
        optional=True,
    ),
]

setup(ext_modules=[] if FREE_THREADED else EXTENSIONS)
