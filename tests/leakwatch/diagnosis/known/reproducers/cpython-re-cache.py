# real
import re

from tests.known_leaks import in_scope


def work(scope):
    re.match("a[b-d]+e", "abbe")


in_scope(work, discover=True)
