"""What the hooks of a plugin take and return, and the words that all formats share.

    from leakwatch import hookimpl
    from leakwatch.extending import Judgement, Verdict

The hooks themselves are described in `leakwatch.hookspecs`.
"""

from typing import TYPE_CHECKING

from leakwatch.guest.importing import names_from

if TYPE_CHECKING:
    from leakwatch.command import Subcommand
    from leakwatch.compare.tally import Find, Tally, is_news, outcome
    from leakwatch.diagnosis.judgement import Inspector, Judgement
    from leakwatch.guest.budget import Budget
    from leakwatch.heap.fields import c_field
    from leakwatch.heap.objects import class_attributes, class_of, inherits, shallow_size, type_name
    from leakwatch.heap.of_class import OfClass
    from leakwatch.heap.roots.interpreter_tables import Recogniser
    from leakwatch.heap.roots.root import HeapRoot, RootProvider, RootQuery
    from leakwatch.model import KnownLeak, LookTaken, Place, State, Verdict
    from leakwatch.model.leaks import blocks
    from leakwatch.model.root_kinds import HolderKind, RootKind, Wave
    from leakwatch.paths.names.name import Named, Namer
    from leakwatch.paths.sizes import Buffer, SharedSize, Size, Sizer
    from leakwatch.reports.github import workflow_command
    from leakwatch.reports.heap_format import HeapColumn, HeapFormat, HeapTables
    from leakwatch.reports.jsonl import leaks_in, stream_line
    from leakwatch.reports.renderer import Renderer
    from leakwatch.reports.text import (
        facts,
        holder_of,
        next_steps,
        other_types,
        reference_to_cut,
        remarks,
        retained,
        sentence,
        summary,
        verdict,
    )
    from leakwatch.reports.wording import counted, printable, signed, size
    from leakwatch.tracking.on_leak import leaks_are_logged

__all__ = [
    "Budget",
    "Buffer",
    "Find",
    "HeapColumn",
    "HeapFormat",
    "HeapRoot",
    "HeapTables",
    "HolderKind",
    "Inspector",
    "Judgement",
    "KnownLeak",
    "LookTaken",
    "Named",
    "Namer",
    "OfClass",
    "Place",
    "Recogniser",
    "Renderer",
    "RootKind",
    "RootProvider",
    "RootQuery",
    "SharedSize",
    "Size",
    "Sizer",
    "State",
    "Subcommand",
    "Tally",
    "Verdict",
    "Wave",
    "blocks",
    "c_field",
    "class_attributes",
    "class_of",
    "counted",
    "facts",
    "holder_of",
    "inherits",
    "is_news",
    "leaks_are_logged",
    "leaks_in",
    "names_from",
    "next_steps",
    "other_types",
    "outcome",
    "printable",
    "programs",
    "reference_to_cut",
    "remarks",
    "retained",
    "sentence",
    "shallow_size",
    "signed",
    "size",
    "stream_line",
    "summary",
    "type_name",
    "verdict",
    "workflow_command",
]

HOMES = {
    "Budget": "guest.budget",
    "Buffer": "paths.sizes",
    "Find": "compare.tally",
    "HeapColumn": "reports.heap_format",
    "HeapFormat": "reports.heap_format",
    "HeapRoot": "heap.roots.root",
    "HeapTables": "reports.heap_format",
    "HolderKind": "model.root_kinds",
    "Inspector": "diagnosis.judgement",
    "Judgement": "diagnosis.judgement",
    "KnownLeak": "model",
    "LookTaken": "model",
    "Named": "paths.names.name",
    "Namer": "paths.names.name",
    "OfClass": "heap.of_class",
    "Place": "model",
    "Recogniser": "heap.roots.interpreter_tables",
    "Renderer": "reports.renderer",
    "RootKind": "model.root_kinds",
    "RootProvider": "heap.roots.root",
    "RootQuery": "heap.roots.root",
    "SharedSize": "paths.sizes",
    "Size": "paths.sizes",
    "Sizer": "paths.sizes",
    "State": "model",
    "Subcommand": "command",
    "Tally": "compare.tally",
    "Verdict": "model",
    "Wave": "model.root_kinds",
    "blocks": "model.leaks",
    "c_field": "heap.fields",
    "class_attributes": "heap.objects",
    "class_of": "heap.objects",
    "counted": "reports.wording",
    "facts": "reports.text",
    "holder_of": "reports.text",
    "inherits": "heap.objects",
    "is_news": "compare.tally",
    "leaks_are_logged": "tracking.on_leak",
    "leaks_in": "reports.jsonl",
    "next_steps": "reports.text",
    "other_types": "reports.text",
    "outcome": "compare.tally",
    "printable": "reports.wording",
    "reference_to_cut": "reports.text",
    "remarks": "reports.text",
    "retained": "reports.text",
    "sentence": "reports.text",
    "shallow_size": "heap.objects",
    "signed": "reports.wording",
    "size": "reports.wording",
    "stream_line": "reports.jsonl",
    "summary": "reports.text",
    "type_name": "heap.objects",
    "verdict": "reports.text",
    "workflow_command": "reports.github",
}
"""Module of each name, imported when the name is first asked for: a plugin uses a few of them."""

if not TYPE_CHECKING:  # a type checker would take any misspelt name for one of these
    __getattr__ = names_from(HOMES, globals())


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
    return (mistake.pattern.before, mistake.pattern.after) if mistake else None
