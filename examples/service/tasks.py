"""Celery with Redis. Payments that were refused are kept for a summary, as exceptions.

    celery -A tasks worker --concurrency 2
    python tasks.py

The second command sends payments until it is interrupted. With FIXED=1 in the environment of the
worker nothing leaks.
"""

import os
import time

from celery import Celery

import leakwatch_tasks.celery

FIXED = os.environ.get("FIXED") == "1"
REFUSED = []
app = Celery("tasks", broker=os.environ.get("REDIS", "redis://127.0.0.1:6379/0"))
app.conf.task_ignore_result = True
leakwatch_tasks.celery.count_tasks()


class PaymentRefused(Exception):
    pass


class Order:
    def __init__(self, number):
        self.number = number
        self.lines = [{"article": article} for article in range(20)]


def charge(order):
    raise PaymentRefused(f"order {order.number}: the card has expired")


@app.task(name="pay")
def pay(number):
    order = Order(number)
    try:
        charge(order)
    except PaymentRefused as error:
        REFUSED.append(error)
        if FIXED:
            REFUSED[:] = [str(error)]


if __name__ == "__main__":
    number = 0
    while True:
        pay.delay(number)
        number += 1
        time.sleep(0.01)
