"""A burst that is over: all is freed, and the allocator keeps the memory for the next one.

`leakwatch run --trim allocator_slack.py` in this folder: the verdict is *allocator keeps freed
memory*, and with `--trim` that is proved.
"""

KEPT = []


def burst():
    """Load a lot, keep a line of it that lies behind all the rest, and drop the rest."""
    loaded = [bytes(4_000) for _ in range(10_000)]
    KEPT.append(bytes(4_000))
    loaded.clear()


if __name__ == "__main__":
    burst()
