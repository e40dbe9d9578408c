# leaks with celery==5.7.0
from celery import Celery

from tests.known_leaks import in_scope

APP = Celery("shop", backend="rpc://", broker="memory://")


class Result(dict):
    pass


def work(scope):
    APP.backend.result_consumer.on_state_change(
        scope.track(Result(task_id="3f9c", status="SUCCESS", result=1)), None
    )


in_scope(work)
