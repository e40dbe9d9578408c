"""Dramatiq: by a middleware of its broker."""

from typing import TYPE_CHECKING, Any, Unpack

from dramatiq import Broker, Middleware
from dramatiq.broker import MessageProxy

from leakwatch_tasks import count_task

if TYPE_CHECKING:
    from leakwatch.integration import MonitorOptions


class LeakwatchMiddleware(Middleware):
    """Counts each message that was processed, by the name of its actor.

    Args:
        options: of `leakwatch.monitor`.
    """

    def __init__(self, **options: "Unpack[MonitorOptions]") -> None:
        self._options = options

    def after_process_message(self, broker: Broker, message: MessageProxy, **outcome: Any) -> None:
        """A message was processed, or has failed."""
        count_task(message.actor_name, **self._options)
