"""The background sampler: what a sample costs, and what a program loses by being sampled."""

from benchmarks.timing import best_of, microseconds

INTERVALS = (1.0, 0.1, 0.01)
BALLAST = 300
"""MiB of small objects, as a service of some size has them."""


def busy() -> None:
    """Work of Python's, which wants the interpreter's lock all the time."""
    for _ in range(60):
        sorted(range(50_000), key=lambda number: -number)


def run() -> list[dict[str, object]]:
    """Microseconds of processor time a sample, the share of the time, and the work slowed."""
    from leakwatch_memory import Sampler, sample

    rows: list[dict[str, object]] = []
    for resident, ballast in (("small process", 0), (f"{BALLAST} MiB resident", BALLAST)):
        kept = [str(number) * 10 for number in range(ballast * 8_000)]
        (thorough,) = best_of([lambda: sample(thorough=True)], 5)
        for interval in INTERVALS:

            def sampled(interval: float = interval) -> None:
                nonlocal sampler
                with Sampler(interval) as sampler:
                    busy()

            sampler = Sampler(interval)
            plain, watched = best_of([busy, sampled], 3)
            rows.append(
                {
                    "operation": f"every {interval:g} s, {resident}",
                    "samples": len(sampler.samples),
                    "sample_us": microseconds(sampler.spent, len(sampler.samples)),
                    "thorough_us": microseconds(thorough),
                    "share": round(sampler.spent / sampler.samples[-1].at, 4),
                    "ratio": round(watched / plain, 3),
                }
            )
        kept.clear()
    return rows
