"""How much of a real process the named roots explain."""

import importlib.util

import pytest

from tests.heaps import PLUGINS, run_python

SUITE = """
import asyncio, gc
import numpy, pydantic, sqlalchemy
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
import leakwatch

class Base(DeclarativeBase): pass

class User(Base):
    __tablename__ = "users"
    number: Mapped[int] = mapped_column(primary_key=True)

class Order(pydantic.BaseModel):
    number: int
    lines: list["Order"] = []

KEPT = []

def test_a_day():
    engine = sqlalchemy.create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add(User(number=1))
        session.commit()
        assert session.get(User, 1).number == 1
    KEPT.append(Order(number=1, lines=[Order(number=2)]))
    assert numpy.ones(3).sum() == 3
    asyncio.run(judged())

async def judged():
    async with leakwatch.scope("work") as scope:
        KEPT.append(scope.track(Order(number=3)))
    print("share", scope.report.explained_share)
"""


def share_in(output: str) -> float:
    return float(output.partition("share ")[2].split()[0])


@pytest.mark.usefixtures("each_walk")
def test_named_roots_explain_a_pytest_process_full_of_libraries(tmp_path, monkeypatch):
    monkeypatch.setenv(PLUGINS, "numpy")
    for name in ("numpy", "pydantic", "sqlalchemy"):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    suite = tmp_path / "test_suite.py"
    suite.write_text(SUITE, encoding="utf-8")
    output = run_python("-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", str(suite))
    assert share_in(output) >= 0.995, output


@pytest.mark.usefixtures("each_walk")
def test_named_roots_explain_a_bare_process():
    lines = """
import leakwatch
class Cart: pass
KEPT = []
with leakwatch.scope("work") as scope:
    KEPT.append(scope.track(Cart()))
print("share", scope.report.explained_share)
"""
    assert share_in(run_python("-c", lines)) >= 0.99


def test_a_tuple_that_is_not_filled_yet_is_not_gone_through():
    lines = """
import gc
from leakwatch.paths.search import is_about_to_be_untracked
def parts():
    yield "one"
    tuples = [it for it in gc.get_objects() if type(it) is tuple]
    unfilled = [it for it in tuples if gc.get_referents(it) == ["one"]]
    yield [is_about_to_be_untracked(it) for it in unfilled]
print(tuple(parts())[1])
"""
    assert "False" not in run_python("-c", lines)


def test_garbage_counts_as_unexplained():
    lines = """
import gc, leakwatch
gc.disable()
class Cart: pass
KEPT = [Cart()]
def share():
    return leakwatch.why(KEPT[0]).explained_share
share()
gc.collect()
before = share()
for _ in range(20_000):
    cart = Cart(); cart.me = cart
del cart
print("share", share() / before)
"""
    assert share_in(run_python("-c", lines)) < 0.7
