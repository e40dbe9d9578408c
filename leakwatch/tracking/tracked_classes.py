"""Classes whose instances register themselves when they are constructed."""

from functools import wraps
from typing import Any, TypeVar

from leakwatch.tracking.open_scopes import current_scope

C = TypeVar("C", bound=type)


def tracked(cls: C) -> C:
    """Class decorator: instances register themselves with the open scope when constructed.

    Outside of any scope nothing is registered. Instances that cannot be referenced weakly
    are constructed all the same, and the scope's report counts them.

    Args:
        cls: the class; it is changed in place and keeps its signature.

    Returns:
        the class.
    """
    inherited: Any = type.__getattribute__(cls, "__init__")
    takes_no_arguments = inherited is object.__init__ and overrides_new(cls)

    @wraps(inherited)
    def construct(self: object, *args: Any, **kwargs: Any) -> None:
        if takes_no_arguments:
            # Such a class takes its arguments in __new__; object.__init__ refuses any.
            inherited(self)
        else:
            inherited(self, *args, **kwargs)
        scope = current_scope()
        if scope is not None:
            scope.track_silently(self, 2)

    type.__setattr__(cls, "__init__", construct)
    return cls


def overrides_new(cls: type) -> bool:
    """Whether the class or a base of it has a `__new__` of its own."""
    new: object = type.__getattribute__(cls, "__new__")
    return new is not object.__new__
