"""Dramatiq: its own broker for tests with real threads that work."""

from tests.heaps import run_python

WORK = """
import dramatiq
from dramatiq.brokers.stub import StubBroker
from leakwatch.integration import monitor_here, running_here
from leakwatch_tasks.dramatiq import LeakwatchMiddleware
broker = StubBroker()
broker.add_middleware(LeakwatchMiddleware())
dramatiq.set_broker(broker)
class Cart: pass
CARTS = []
@dramatiq.actor
def add(): CARTS.append(Cart())
@dramatiq.actor(max_retries=0, throws=ZeroDivisionError)
def fail(): 1 / 0
worker = dramatiq.Worker(broker, worker_threads=4)
worker.start()
print(running_here())
for _ in range(20):
    for _ in range(10): add.send(); fail.send()
    broker.join("default", fail_fast=False); worker.join()
    if (report := monitor_here().look()).leaks: break
# The broker for tests keeps what has failed, which is told too.
(leak,) = (it for it in report.leaks if it.type_name == "__main__.Cart")
print(leak.type_name, leak.cause, leak.growth_per)
print(sorted(monitor_here().status["units"]))
worker.stop()
"""


def test_messages_are_counted_by_actor_and_what_they_leave_is_told():
    expected = ["None", "__main__.Cart __main__.CARTS[*] unit", "['add', 'fail']"]
    assert run_python("-c", WORK).splitlines() == expected
