"""Each worker has a monitor, and leaves a report in this folder when it ends."""

from leakwatch_workers import Workers

_workers = Workers("leaks-{pid}.json")
post_worker_init, worker_exit = _workers.post_worker_init, _workers.worker_exit
