"""One bug, one signature, whatever differs from one survivor to the next."""

from tests.heaps import run_python


def test_an_error_raised_at_different_depths_has_one_signature():
    lines = """
import leakwatch

FAILURES = []

class Request: pass

def handle():
    request = Request()
    raise ValueError("no entry")

def middleware(depth):
    return middleware(depth - 1) if depth else handle()

def serve(depth):
    try:
        middleware(depth)
    except ValueError as failure:
        FAILURES.append(failure)

for depth in (0, 1, 7):
    with leakwatch.scope("request", types=[Request]) as scope:
        serve(depth)
    (leak,) = scope.report.leaks
    print(leak.signature, sum(".tb_next" == reference.name for reference in leak.path.references))
"""
    told = [line.split() for line in run_python("-c", lines).splitlines()]
    assert len({signature for signature, _ in told}) == 1
    assert len({depth for _, depth in told}) == 3
