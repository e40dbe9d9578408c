"""Types whose instances refer to nothing, so that no walk needs to visit them."""

import types

from leakwatch.heap.objects import identities

ATOMS = identities(
    (
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
    )
)
"""Ids of exact types: an instance of a subclass has a class and perhaps a `__dict__`."""
