"""What the top level of a program called last, with the variables of the functions in it.

Most programs end in `main()`, and when the top level gets control back, the variables of that
function are gone, with all that the program had by then. A frame keeps its variables for as long
as somebody refers to it. So the top level is compiled with a note right before each call: `main(5)`
becomes `main(noted(5))`, which notes the frame of the one function that is entered next, and gives
up the one before. Calls in loops, and all that is no code of the top level, stay as they are.

Functions further in are seen by whoever looks at the stack. What runs for a small part of the time
is a step of the work, and its variables are what is in flight.
"""

import ast
import sys
from types import CodeType, FrameType
from typing import Any, TypeVar

from leakwatch.growth.own_notes import Notes
from leakwatch.interpreter import monotonic

T = TypeVar("T")
MARK = "leakwatch.cli.top_level: whoever notes what is called"
"""A constant in the code, in the place of which the `TopLevel` is put."""


LONGEST = 1.0
"""Seconds for which the variables of a function are kept that has returned to the top level."""


LONG = 0.25
"""Of the time since the first look: a function that has run for so long has the program's state."""


class Frames(list[FrameType]):
    """Frames; a class of leakwatch, so that it is none of the newborn."""

    __slots__ = ()


class TopLevel:
    """Compiles the code of a program, and notes what it calls, until that calls something else."""

    def __init__(self) -> None:
        self._called = Frames()
        self._seen = Frames()
        self._last = Frames()
        self._since = Notes[float]()
        self._began = 0.0
        self._returned = 0.0
        self._code: CodeType | None = None

    def compiled(self, source: bytes | str, file: str) -> CodeType:
        """The code of a program with its notes; other programs have none.

        Raises:
            SyntaxError, ValueError: the source is not understood.
        """
        tree = Calls().visit(ast.parse(source, file))
        plain: CodeType = compile(ast.fix_missing_locations(tree), file, "exec", dont_inherit=True)
        constants = [self if it == MARK else it for it in plain.co_consts]
        self._code = plain.replace(co_consts=tuple(constants))
        return self._code

    def noted(self, value: T) -> T:
        """Note the frame that is entered next, and give the value back."""
        if sys.getprofile() is None:  # else the program measures itself
            sys.setprofile(self._profile)
        return value

    def _profile(self, frame: FrameType, event: str, argument: object) -> None:
        """Hears what happens until a function is entered, or one of C called from the top level."""
        if event == "call":
            sys.setprofile(None)
            if frame.f_back is not None and frame.f_back.f_code is self._code:
                self.forget()
                self._called.append(frame)
        elif event == "c_call" and frame.f_code is self._code:
            sys.setprofile(None)

    def see(self, stack: Frames) -> None:
        """Take over what is on the stack of the main thread now, and has been there for long.

        Args:
            stack: the outermost frames of the program.
        """
        if not self._called or any(it is self._called[0] for it in stack):
            now = monotonic()
            self._began = self._began or now
            # Of what was there the last time nothing has gone, so these are the same frames.
            since = Notes((id(it), self._since.get(id(it), now)) for it in stack)
            long_ago = now - LONG * (now - self._began)
            self._seen[:] = (it for it in stack if since[id(it)] < long_ago)
            self._last[:], self._since = stack, since
            self._returned = 0.0
        elif not self._returned:
            self._returned = monotonic()
        elif monotonic() - self._returned > LONGEST:
            self.forget()  # the top level goes on with something else

    def take(self) -> Frames:
        """The frames, for a judgement: what is judged must not be held by anything else of ours."""
        taken = self.frames()
        self.forget()
        return taken

    def give_back(self, taken: Frames) -> None:
        """Go on after a judgement."""
        self._called[:] = taken[:1]

    def frames(self) -> Frames:
        """The frames of the functions that run, or have ended with the last call."""
        more = Frames(it for it in self._seen if not any(it is one for one in self._called))
        return Frames([*self._called, *more])

    def forget(self) -> None:
        """Keep nothing any more."""
        self._called.clear()
        self._seen.clear()
        self._last.clear()
        self._since.clear()
        self._began = 0.0


ELSEWHERE = (
    *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda),
    *(ast.For, ast.AsyncFor, ast.While),
    *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
)
"""Parts of a program whose calls are not of the top level, or are made many times."""


class Calls(ast.NodeTransformer):
    """Puts a note in front of each call of the top level."""

    def visit(self, node: ast.AST) -> Any:
        """What becomes of a part of the tree."""
        if isinstance(node, ELSEWHERE):
            return node
        return self._noted(node) if isinstance(node, ast.Call) else self.generic_visit(node)

    def _noted(self, node: ast.Call) -> ast.Call:
        # Its arguments may have others, so the note is made when the last of them is known.
        self.generic_visit(node)
        last = node.keywords[-1] if node.keywords else node.args[-1] if node.args else None
        if last is None:
            node.func = noted(node.func)
        elif isinstance(last, ast.keyword | ast.Starred):
            last.value = noted(last.value)
        else:
            node.args[-1] = noted(last)
        return node


def noted(part: ast.expr) -> ast.expr:
    """A part of a call, in such a way that a note is made once it has its value."""
    note = ast.Attribute(ast.Constant(MARK), TopLevel.noted.__name__, ast.Load())
    return ast.copy_location(ast.Call(note, [part], []), part)
