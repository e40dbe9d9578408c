"""Puts every question about what each hostile holder keeps, and prints what went wrong as JSON.

It runs in a process of its own, as the walk is chosen when leakwatch is imported. A question costs
about 0.1 s, so it is put about many holders at a time; where the answer is wrong, about each alone.
"""

import gc
import json
import random
import sys
import types
import weakref

import leakwatch
from leakwatch.growth import rounds
from leakwatch.heap.graph import IMPLEMENTATION
from tests.leakwatch.guest.hostile import ASKED, arm, disarm
from tests.leakwatch.holders import UNDO, Suspect, callables, classes, containers, registries

HERE = (classes, containers, callables, registries)
HUNTED = ("hostile_dict",)
AT_A_TIME = 20
rounds.MOST_RUNS = 200  # as for the tests in our own process
SHELF = sys.modules["shelf"] = types.ModuleType("shelf")


def holders():
    """Every holder, in the order in which they are written: the functions of one `held`."""
    return [
        found
        for module in HERE
        for found in vars(module).values()
        if type(found) is types.FunctionType and found.__code__.co_varnames[:1] == ("held",)
    ]


def fill(chain):
    """Make an object and let each holder keep what the one before made."""
    made = Suspect()
    handle = weakref.ref(made)
    for holder in chain:
        made = holder(made)
    vars(SHELF)[f"held_{len(vars(SHELF))}"] = made
    return handle


def empty():
    disarm()
    for name in [name for name in vars(SHELF) if name.startswith("held_")]:
        del vars(SHELF)[name]
    UNDO.close()
    gc.collect()


def filled(chains):
    with leakwatch.scope("by class", types=[Suspect]) as scope:
        handles = [fill(chain) for chain in chains]
        arm()
    return scope.report, handles


def registered(handles):
    with leakwatch.scope("registered") as scope:
        for handle in handles:
            scope.track(handle())
    return scope.report


def watched(handles):
    for handle in handles:
        leakwatch.watch(handle(), within=0)
    return leakwatch.check()


QUESTIONS = {
    "registered": registered,
    "watched": watched,
    "why of the class": lambda handles: leakwatch.why(Suspect),
}


def answers(chains, questions):
    """The reports by question, as what is wrong about them."""
    report, handles = filled(chains)
    yield "by class", fault_of(report, len(chains))
    arm()
    yield "why of the object", fault_of(leakwatch.why(handles[0]()), 1)
    for question, ask in questions.items():
        arm()
        yield question, fault_of(ask(handles), len(chains))


def fault_of(report, count):
    """What is wrong about a report that should find so many objects, or nothing."""
    printed = str(report)
    json.dumps(report.to_dict())
    disarm()
    found = sum(leak.count for leak in (*report.leaks, *report.in_use))
    if ASKED:
        return f"called {sorted(set(ASKED))}"
    if report.not_judged or report.partial:
        return f"not judged: {report.not_judged or report.partial}"
    named = all(leak.type_name.endswith(".Suspect") for leak in (*report.leaks, *report.in_use))
    return "" if found == count and named else f"{found} of {count} found: {printed}"


def faults(chains, questions):
    """What went wrong, as lines of text; none where nothing did."""
    found = []
    try:
        found += [(asked, fault) for asked, fault in answers(chains, questions) if fault]
    except BaseException as error:
        found.append(("raised", f"{type(error).__name__}: {error} {sorted(set(ASKED))}"))
    finally:
        empty()
    if found and len(chains) > 1:
        alone = [fault for chain in chains for fault in faults([chain], questions)]
        return alone or [f"together, {asked}: {fault}" for asked, fault in found]
    name = " in ".join(holder.__name__ for holder in chains[0])
    return [f"{name}, {asked}: {fault}" for asked, fault in found]


def growing(holder):
    """What is wrong about the hunt for what a holder leaves each time."""

    vars(SHELF)["held_list"] = []

    def work():
        disarm()
        vars(SHELF)["held_list"].append(holder(Suspect()))
        arm()

    try:
        report = leakwatch.hunt(work, runs=5, warmup=1)
        printed = str(report)
        good = ".Suspect" in printed and not report.not_judged and not ASKED
        return [] if good else [f"{holder.__name__}, hunted: {sorted(set(ASKED))} {printed}"]
    finally:
        empty()


def batched_pairs(drawn):
    return [drawn[index : index + 2] for index in range(0, len(drawn), 2)]


def main(pairs):
    table = holders()
    chosen = random.Random(13)
    chains = [[holder] for holder in table]
    # None is drawn twice at a time: a slot of the process is taken once.
    drawn = [
        pair
        for _ in range(pairs // AT_A_TIME)
        for pair in batched_pairs(chosen.sample(table, 2 * AT_A_TIME))
    ]
    # What leakwatch and the library import at first use is imported before a trap is armed.
    found = faults([[lambda held: [held]]], QUESTIONS)
    for questions, kind in ((QUESTIONS, chains), ({}, drawn)):
        for start in range(0, len(kind), AT_A_TIME):
            found += faults(kind[start : start + AT_A_TIME], questions)
    found += [line for holder in table if holder.__name__ in HUNTED for line in growing(holder)]
    print(json.dumps({"walk": IMPLEMENTATION, "holders": len(table), "faults": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
