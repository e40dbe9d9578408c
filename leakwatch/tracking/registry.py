"""What is registered while some work runs; a scope judges it, or a test runner does."""

from leakwatch.errors import ScopeError
from leakwatch.heap.objects import full_type_name
from leakwatch.interpreter import get_frame
from leakwatch.tracking import current
from leakwatch.tracking.current import _current, entry_of, set_variable
from leakwatch.tracking.handles import Handle, Tracker, site_of
from leakwatch.tracking.overlap import Stretch


class Registry:
    """Takes what `track` and tracked classes register, from `enter` to `leave`; judges nothing.

    Attributes:
        name: of the work.
        stretch: the time from its beginning to its end, among that of others; one that has not
            begun is not counted among the work of this process.
    """

    __slots__ = ("__weakref__", "_token", "_tracker", "_untrackable", "name", "stretch")

    def __init__(self, name: str) -> None:
        self.name = name
        self.stretch = Stretch()
        self._tracker = Tracker()
        self._token: current.Set | None = None
        self._untrackable: dict[str, int] = {}

    def register(self, obj: object, reason: str, depth: int) -> None:
        """Register an object.

        Args:
            obj: any object that can be referenced weakly; it is not kept alive.
            reason: why it should be gone.
            depth: how many frames up the caller is whose line is noted.

        Raises:
            NotTrackable: the object cannot be referenced weakly.
        """
        self._tracker.track(obj, site_of(get_frame(depth), reason))

    def track_silently(self, obj: object, depth: int) -> None:
        """Register an object if that is possible; count its type if it is not."""
        try:
            if not self._tracker.knows(obj):
                self.register(obj, "", depth + 1)
        except (TypeError, ScopeError):
            name = full_type_name(type(obj))
            self._untrackable[name] = self._untrackable.get(name, 0) + 1

    def registered_alive(self) -> list[Handle]:
        """Handles of the registered objects that are still there, in order of registration."""
        return self._tracker.alive()

    def enter(self) -> None:
        """Take what is registered in the running context from now on."""
        self._token = set_variable(_current, entry_of(self))

    @property
    def is_current(self) -> bool:
        """Whether it was made current and not left; what a context has set may be stale."""
        return self._token is not None

    def leave(self) -> None:
        """Leave what is registered from now on to the scope around this one."""
        token, self._token = self._token, None
        if token is not None:
            current.leave(self, token)
