"""Leaks of known makers in a generated suite: how many are given to the test that made them."""

import json
import random
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

COUNT = 1000
PER_MODULE = 50
CLEAN = 1
"""Clean tests for each leaking one."""

HEAD = """
import asyncio, functools, threading, weakref
from concurrent.futures import ThreadPoolExecutor
import pytest
from shop import Thing, Hub, HUB, LISTS, TABLES, CACHE, remember

async def later(work, thing):
    await asyncio.sleep(0)
    work(thing)
    await asyncio.sleep(0)

"""
SHOP = """
import functools

class Thing:
    def __init__(self, name):
        self.name, self.me = name, self

class Hub:
    def __init__(self):
        self.handlers, self.table = [], {}

HUB, LISTS, TABLES, CACHE = Hub(), [], {}, {}

@functools.lru_cache(maxsize=None)
def remember(thing):
    return thing.name
"""
HOLDERS = (
    "LISTS.append({thing})",
    "TABLES['{name}'] = {thing}",
    "HUB.handlers.append(lambda thing={thing}: thing)",
    "HUB.table.setdefault('{name}', []).append({thing})",
    "remember({thing})",
    "CACHE['{name}'] = functools.partial(print, {thing})",
)
SCOPES = ("function", "class", "module", "session")


def run() -> list[dict[str, Any]]:
    """One row a way to run it."""
    return [row(COUNT, workers) for workers in (0, 2)]


def row(count: int, workers: int, seed: int = 1) -> dict[str, Any]:
    """Generate, run, and compare what is told with what was seeded."""
    with tempfile.TemporaryDirectory() as folder:
        seeded = generate(Path(folder), count, seed)
        found = told(Path(folder), workers)
    right = sum((seeded & found).values())
    return {
        "leaks": count,
        "workers": workers,
        "right": right,
        "share": round(right / count, 4),
        "innocent": sum((found - seeded).values()),
    }


def generate(folder: Path, count: int, seed: int) -> Counter[str]:
    """Write the suite; gives how many objects each test and fixture leaks."""
    chance = random.Random(seed)
    (folder / "shop.py").write_text(SHOP)
    (folder / "pytest.ini").write_text("[pytest]\n")
    seeded: Counter[str] = Counter()
    for start in range(0, count, PER_MODULE):
        name = f"test_{start // PER_MODULE:03}"
        numbers = range(start, min(count, start + PER_MODULE))
        parts = [part(chance, number, f"{name}.py", seeded) for number in numbers]
        parts += [f"def test_clean_{number}():\n    Thing('clean')\n" for number in numbers]
        chance.shuffle(parts)
        (folder / f"{name}.py").write_text(HEAD + "\n".join(parts))
    return seeded


def part(chance: random.Random, number: int, file: str, seeded: Counter[str]) -> str:
    """The source of one leak, which is noted under the node id of its maker."""
    hold = chance.choice(HOLDERS).format(thing="thing", name=f"k{number}")
    kind = chance.choice(("plain", "fixture", "teardown", "thread", "pool", "tasks"))
    if kind in {"fixture", "teardown"}:
        return fixture(chance.choice(SCOPES), number, file, hold, seeded, late=kind == "teardown")
    seeded[f"{file}::test_{number}"] += 1
    body = {
        "plain": ["work(Thing('x'))"],
        "thread": [
            "threads = [threading.Thread(target=lambda: work(Thing('x')))]",
            "threads += [threading.Thread(target=lambda: Thing('clean')) for _ in range(3)]",
            "[thread.start() for thread in threads]",
            "[thread.join() for thread in threads]",
        ],
        "pool": [
            "with ThreadPoolExecutor(2) as pool:",
            "    pool.submit(lambda: work(Thing('x'))).result()",
        ],
        "tasks": [
            "async def main():",
            "    await asyncio.gather(later(work, Thing('x')),",
            "        *(later(str, Thing('clean')) for _ in range(5)))",
            "asyncio.run(main())",
        ],
    }[kind]
    lines = [f"def test_{number}():", "    def work(thing):", f"        {hold}"]
    return "\n".join([*lines, *(f"    {line}" for line in body), ""])


def fixture(
    scope: str, number: int, file: str, hold: str, seeded: Counter[str], *, late: bool
) -> str:
    """A fixture that leaks in its setup or teardown, and two tests that use it."""
    maker = f"{file}::test_{number}" if scope == "function" else f"{file}::made_{number}"
    if scope == "class":
        maker = f"{file}::TestClass{number}::made_{number}"
    seeded[maker] += 1
    leak = ["    thing = Thing('x')", f"    {hold}"]
    body = [*["    yield"] * late, *leak, *["    yield"] * (not late)]
    head = [f"@pytest.fixture(scope={scope!r})", f"def made_{number}():", *body, ""]
    tests = [f"    def test_{number}(self, made_{number}):", "        Thing('clean')"]
    more = [f"    def test_more_{number}(self, made_{number}):", "        Thing('clean')"]
    if scope == "function":
        plain = [line[4:].replace("self, ", "") for line in tests]
        return "\n".join([*head, *plain, ""])
    if scope == "class":
        return "\n".join([*head, f"class TestClass{number}:", *tests, *more, ""])
    plain = [line[4:].replace("self, ", "") for line in (*tests, *more)]
    return "\n".join([*head, *plain, ""])


def told(folder: Path, workers: int) -> Counter[str]:
    """How many objects of the seeded class the run gives to each test and fixture."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
    command += ["--leakwatch=report", "-o", "verbosity_leakwatch=2", "-n", str(workers)]
    # Tests of one module stay together, so that each of its fixtures is set up once.
    command += ["--dist", "loadfile"] if workers else []
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found: Counter[str] = Counter()
    for line in done.stdout.splitlines():
        if match := re.fullmatch(r"     (\S+) \(([\d,]+)\)", line):
            found[match[1]] += int(match[2].replace(",", ""))
    return found


if __name__ == "__main__":
    print(json.dumps(row(int(sys.argv[1]), int(sys.argv[2]))))
