"""References that a suspended function shows to the collector and does not count.

Since CPython 3.14 a variable can lie on the evaluation stack a second time without a count of its
own (`LOAD_FAST_BORROW`): in `process(cart, (yield))` the generator holds the cart once and shows it
twice. The compiler borrows only within a basic block (`optimize_load_fast` in Python/flowgraph.c):
the code between the start of the block and the place of suspension says which loads were such.
"""

import sys
from collections import Counter
from collections.abc import Sequence
from dis import findlabels
from opcode import hasjrel, opname
from types import FrameType

from leakwatch.heap.fields import own_field
from leakwatch.heap.roots.frames import FRAME_FIELDS, read_variables
from leakwatch.interpreter import count_into, get_referents

BORROWS = sys.version_info >= (3, 14)
JUMPS = frozenset(opname[number] for number in hasjrel if number < len(opname))


def counted_referents(holder: object) -> list[object]:
    """What an object refers to, each object as often as the holder counts it."""
    shown = get_referents(holder)
    field = FRAME_FIELDS.get(id(type(holder))) if BORROWS else None
    frame = own_field(holder, field) if field is not None else None
    # Most show nothing twice.
    if frame is None or len({id(found) for found in shown}) == len(shown):
        return shown
    uncounted = borrowed(frame, shown)
    counted = []
    for found in shown:
        if uncounted.get(id(found), 0) > 0:
            uncounted[id(found)] -= 1
        else:
            counted.append(found)
    shown.clear()
    return counted


def borrowed(frame: FrameType, shown: Sequence[object]) -> dict[int, int]:
    """How often each variable of a suspended function lies on its stack uncounted, by ids.

    Args:
        frame: of the function.
        shown: what the function refers to.
    """
    names, variables = frame.f_code.co_varnames, read_variables(frame)
    on_stack, held = Counter[int](), Counter[int]()
    count_into(on_stack, map(id, shown))
    count_into(held, map(id, variables.values()))
    on_stack -= held
    loads: dict[int, list[bool]] = {}
    for number, by_borrowing in loads_before(frame):
        if number < len(names) and names[number] in variables:
            loads.setdefault(id(variables[names[number]]), []).append(by_borrowing)
    # What was loaded last has not been used up yet.
    return {it: sum(kinds[-on_stack[it] :]) for it, kinds in loads.items() if on_stack[it]}


def loads_before(frame: FrameType) -> list[tuple[int, bool]]:
    """The variables that the block has loaded so far, and whether by borrowing."""
    raw, extended = frame.f_code.co_code, 0
    loads: list[tuple[int, bool]] = []
    starts = set(findlabels(raw))  # type: ignore[arg-type]  # it takes the bytes of the code
    for at in range(0, frame.f_lasti, 2):
        name, number = opname[raw[at]], raw[at + 1] | extended
        extended = number << 8 if name == "EXTENDED_ARG" else 0
        if at in starts or name in JUMPS:
            loads.clear()
        if name.startswith("LOAD_FAST"):
            pair = name.count("LOAD_FAST") == 2
            numbers = [number >> 4, number & 15] if pair else [number]
            loads += [(it, name.startswith("LOAD_FAST_BORROW")) for it in numbers]
    return loads
