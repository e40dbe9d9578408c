"""Types whose instances refer to nothing, so that no walk needs to visit them."""

import types

ATOMS: frozenset[type] = frozenset(
    {
        bool,
        bytes,
        complex,
        float,
        int,
        range,
        str,
        type(None),
        type(NotImplemented),
        type(Ellipsis),
        types.CodeType,
    }
)
"""Exact types only: an instance of a subclass has a class and perhaps a `__dict__`."""
