"""Make `weakref` mean another package in this process and in the children that tests start."""

import importlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["bind", "bind_children"]

_HERE = str(Path(__file__).resolve().parent)


def bind(package_name: str) -> ModuleType:
    """Put `package_name` in the place of `weakref` and `_weakrefset` for all later imports.

    What was imported before keeps the standard module: the standard library goes on working
    with its own, and only what comes after is under test.

    Returns:
        The package.
    """
    package = importlib.import_module(package_name)
    weak_set_module: Any = ModuleType("_weakrefset")
    weak_set_module.WeakSet = package.WeakSet
    sys.modules["weakref"] = package
    sys.modules["_weakrefset"] = weak_set_module
    return package


def bind_children(package_name: str, path: Sequence[str]) -> None:
    """Have the children of `test.support.script_helper` bind `package_name` too.

    They are started in isolated mode, which ignores PYTHONPATH: so the program text after ``-c``
    gets a line in front.

    Arguments:
        package_name: as in `bind`.
        path: folders that the child needs on its `sys.path`.
    """
    from test.support import script_helper

    folders = [*path, _HERE]
    prologue = (
        f"import sys; sys.path[:0] = {folders!r}; "
        f"import binding; binding.bind({package_name!r}); del sys.path[:{len(folders)}]\n"
    )
    run: Callable[..., Any] = script_helper.run_python_until_end
    script_helper.run_python_until_end = lambda *args, **env: run(*_with(prologue, args), **env)


def _with(prologue: str, args: Sequence[str]) -> list[str]:
    changed = list(args)
    if "-c" in changed:
        program = changed.index("-c") + 1
        changed[program] = prologue + changed[program]
    return changed
