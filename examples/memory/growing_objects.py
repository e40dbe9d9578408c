"""Objects that pile up: each request leaves its answer in a module's dict.

`leakwatch hunt growing_objects:work` in this folder: the verdict is *objects*.
"""

from itertools import count

NUMBERS = count()
ANSWERS = {}


class Answer:
    """A page as it was sent."""

    def __init__(self, number):
        self.title = f"answer {number}"
        self.body = bytes(b"x" * 20_000)
        self.lines = [f"line {line} of answer {number}" for line in range(100)]


def work():
    """Serve one request; its answer is never forgotten: this is the leak."""
    number = next(NUMBERS)
    ANSWERS[number] = Answer(number)
