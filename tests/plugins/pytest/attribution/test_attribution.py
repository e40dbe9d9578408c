"""Each leak of a generated suite is given to the test or fixture that made it, and to no other."""

import pytest

from benchmarks.attribution import row


@pytest.mark.parametrize("workers", [0, 2], ids=["plain", "xdist"])
def test_every_seeded_leak_is_given_to_its_maker(workers, monkeypatch):
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    result = row(60, workers, seed=7)
    assert (result["right"], result["innocent"]) == (60, 0)
