"""What the hooks of a plugin take and return, in one place and under steady names.

    from leakwatch import hookimpl
    from leakwatch.extending import Judgement, Verdict

The hooks themselves are described in `leakwatch.hookspecs`.
"""

from leakwatch.command import Subcommand
from leakwatch.diagnosis.judgement import Inspector, Judgement
from leakwatch.heap.named import Named, Namer
from leakwatch.heap.question import Sizer
from leakwatch.heap.roots import HeapRoot, RootProvider, RootQuery, Wave
from leakwatch.model import KnownLeak, Verdict
from leakwatch.reports.renderer import Renderer
from leakwatch.reports.wording import counted, printable, size

__all__ = [
    "HeapRoot",
    "Inspector",
    "Judgement",
    "KnownLeak",
    "Named",
    "Namer",
    "Renderer",
    "RootProvider",
    "RootQuery",
    "Sizer",
    "Subcommand",
    "Verdict",
    "Wave",
    "counted",
    "printable",
    "size",
]
