"""For integrations that judge a framework's own scopes: test runners, task queues, servers.

An ordinary plugin needs `leakwatch` and `leakwatch.extending`. An integration decides itself
when a window opens, what belongs to which scope and when it is judged; these are the parts
that it puts together, under steady names. `pytest_leakwatch` is made of them. What serves requests
or tasks only counts them: `count_here(name)`.
"""

from leakwatch.compare.adding import merged_reports, scaled, scaled_type, summed, summed_types
from leakwatch.compare.baseline import Baseline, written
from leakwatch.compare.combine import Whole
from leakwatch.diagnosis.bounded import is_bounded
from leakwatch.diagnosis.notes import ONE_VALUE
from leakwatch.errors import shortened
from leakwatch.explaining import explained_leak, explained_pattern
from leakwatch.guest.collector import collect, get_objects, youngest
from leakwatch.guest.frozen_heap import collect_rationed, is_in, left_of
from leakwatch.heap.fields import (
    class_namespace,
    code_of,
    entry,
    file_of,
    function_of,
    inherits,
    loaded,
    module_name,
    module_namespace,
    mro,
    named_entries,
    own_text,
    text,
)
from leakwatch.heap.graph import census, of_kinds, of_other_types, of_types
from leakwatch.heap.keys import masked
from leakwatch.heap.objects import PerClass, class_name, full_type_name, is_module
from leakwatch.heap.provenance import (
    asking_frame,
    is_library_file,
    is_own_module,
    is_standard_module,
)
from leakwatch.heap.roots.frames import name_of_thread
from leakwatch.interpreter import exit_callbacks, monotonic
from leakwatch.isolation.calls import add_note, described
from leakwatch.isolation.outbox import Outbox
from leakwatch.monitoring.asking import ask as ask_process
from leakwatch.paths.names.name import given
from leakwatch.plugin_manager import take_part
from leakwatch.process_monitor import MonitorOptions, count_here, monitor_here, running_here
from leakwatch.reports.baseline_file import FILE as BASELINE_FILE
from leakwatch.reports.baseline_file import current as current_baseline
from leakwatch.reports.baseline_file import read as read_baseline
from leakwatch.reports.baseline_file import write as write_baseline
from leakwatch.reports.json_ import parse as report_from_json
from leakwatch.reports.wording import counted, size
from leakwatch.session import announced, judge, ready_to_judge
from leakwatch.tracking.case import Case
from leakwatch.tracking.full_collections import FullCollections
from leakwatch.tracking.handles import Registry
from leakwatch.tracking.newborn import kinds_of, may_leak
from leakwatch.tracking.own_code import OwnCode
from leakwatch.tracking.scopes import Scope
from leakwatch.tracking.settling import settle
from leakwatch.tracking.type_filter import TypeFilter, complaints, type_filter
from leakwatch.tracking.window import Window

__all__ = [
    "BASELINE_FILE",
    "ONE_VALUE",
    "Baseline",
    "Case",
    "FullCollections",
    "MonitorOptions",
    "Outbox",
    "OwnCode",
    "PerClass",
    "Registry",
    "Scope",
    "TypeFilter",
    "Whole",
    "Window",
    "add_note",
    "announced",
    "ask_process",
    "asking_frame",
    "census",
    "class_name",
    "class_namespace",
    "code_of",
    "collect",
    "collect_rationed",
    "complaints",
    "count_here",
    "counted",
    "current_baseline",
    "described",
    "entry",
    "exit_callbacks",
    "explained_leak",
    "explained_pattern",
    "file_of",
    "full_type_name",
    "function_of",
    "get_objects",
    "given",
    "inherits",
    "is_bounded",
    "is_in",
    "is_library_file",
    "is_module",
    "is_own_module",
    "is_standard_module",
    "judge",
    "kinds_of",
    "left_of",
    "loaded",
    "masked",
    "may_leak",
    "merged_reports",
    "module_name",
    "module_namespace",
    "monitor_here",
    "monotonic",
    "mro",
    "name_of_thread",
    "named_entries",
    "of_kinds",
    "of_other_types",
    "of_types",
    "own_text",
    "read_baseline",
    "ready_to_judge",
    "report_from_json",
    "running_here",
    "scaled",
    "scaled_type",
    "settle",
    "shortened",
    "size",
    "summed",
    "summed_types",
    "take_part",
    "text",
    "type_filter",
    "write_baseline",
    "written",
    "youngest",
]
