"""What a copy or a pickle of a container carries besides its entries: attributes of the user."""

from typing import Any

__all__ = ["own_state"]

# Bound to one container: what it is made of, its callbacks, its lock.
_INTERNAL = frozenset(
    {"data", "_remove", "_remove_value", "_token", "_writing", "_note_death", "_some_died"}
)


def own_state(container: Any) -> Any:
    """Return the state of `container` for ``__reduce__``, without what belongs to the container.

    The shape is that of `object.__getstate__`: None, a dict of attributes, or a pair of the two
    dicts for attributes and slots.
    """
    state = container.__getstate__()
    if isinstance(state, tuple):
        return (_without_internals(state[0]) or None, *state[1:])
    return _without_internals(state) or None


def _without_internals(attributes: Any) -> Any:
    if not isinstance(attributes, dict):
        return attributes
    return {name: value for name, value in attributes.items() if name not in _INTERNAL}
