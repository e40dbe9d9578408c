# stand-in: opentelemetry-instrumentation-sqlalchemy 0.41b0
from tests.known_leaks import in_scope, module

ENGINE = module(
    "opentelemetry.instrumentation.sqlalchemy.engine",
    """
    import weakref

    class EngineTracer:
        _remove_event_listener_params = []

        def __init__(self, engine):
            self._register_event_listener(engine, "before_cursor_execute", self._before_cur_exec)

        @classmethod
        def _register_event_listener(cls, target, identifier, func):
            cls._remove_event_listener_params.append((weakref.ref(target), identifier, func))

        def _before_cur_exec(self):
            pass
    """,
)


class Engine:
    pass


def work(scope):
    scope.track(ENGINE.EngineTracer(Engine()))


in_scope(work)
