# real
import codecs
import itertools

from tests.known_leaks import repeated

NUMBERS = itertools.count()


def work():
    try:
        codecs.lookup(f"no-such-{next(NUMBERS)}")
    except LookupError:
        return


repeated(work)
