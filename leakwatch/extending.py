"""What the hooks of a plugin take and return, and the words that all formats share.

    from leakwatch import hookimpl
    from leakwatch.extending import Judgement, Verdict

The hooks themselves are described in `leakwatch.hookspecs`.
"""

from leakwatch.command import Subcommand
from leakwatch.diagnosis.judgement import Inspector, Judgement
from leakwatch.heap.fields import c_field
from leakwatch.heap.objects import class_attributes, class_of, inherits, shallow_size, type_name
from leakwatch.heap.of_class import OfClass
from leakwatch.heap.roots.interpreter_tables import Recogniser
from leakwatch.heap.roots.root import HeapRoot, RootProvider, RootQuery
from leakwatch.model import KnownLeak, State, Verdict
from leakwatch.model.leaks import blocks
from leakwatch.model.root_kinds import HolderKind, RootKind, Wave
from leakwatch.paths.names.name import Named, Namer
from leakwatch.paths.question import Size, Sizer
from leakwatch.reports.formats import Renderer
from leakwatch.reports.github import workflow_command
from leakwatch.reports.jsonl import leaks_in, stream_line
from leakwatch.reports.source_locations import Place
from leakwatch.reports.text import company, holder_of, reference_to_cut, remarks, sentence, verdict
from leakwatch.reports.wording import counted, printable, size
from leakwatch.tracking.on_leak import leaks_are_logged

__all__ = [
    "HeapRoot",
    "HolderKind",
    "Inspector",
    "Judgement",
    "KnownLeak",
    "Named",
    "Namer",
    "OfClass",
    "Place",
    "Recogniser",
    "Renderer",
    "RootKind",
    "RootProvider",
    "RootQuery",
    "Size",
    "Sizer",
    "State",
    "Subcommand",
    "Verdict",
    "Wave",
    "blocks",
    "c_field",
    "class_attributes",
    "class_of",
    "company",
    "counted",
    "holder_of",
    "inherits",
    "leaks_are_logged",
    "leaks_in",
    "printable",
    "programs",
    "reference_to_cut",
    "remarks",
    "sentence",
    "shallow_size",
    "size",
    "stream_line",
    "type_name",
    "verdict",
    "workflow_command",
]


def programs(code: str) -> tuple[str, str] | None:
    """The two programs of a pattern, as `leakwatch explain` prints them.

    Args:
        code: such as `LW102`.

    Returns:
        a program that makes the mistake and the same with the fix; None for an unknown code.
    """
    # Every pattern's rule is imported with it, and only a page or an explanation needs them.
    from leakwatch.diagnosis.patterns import BY_CODE

    mistake = BY_CODE.get(code)
    return (mistake.before, mistake.after) if mistake else None
