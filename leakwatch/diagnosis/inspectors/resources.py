"""What is opened and closed or cleaned up: files, sockets, databases, processes, finalizers."""

import io
from types import FunctionType
from typing import Any

from leakwatch.diagnosis.judgement import Inspector, Judgement, attribute, base_of, dead, undecided
from leakwatch.heap.fields import (
    C_FIELDS,
    c_field,
    class_attribute,
    entries,
    inherits,
    module_name,
    mro,
)
from leakwatch.heap.objects import class_of, is_exactly
from leakwatch.model import State
from weakrefs import ReferenceType

FILES = (io.FileIO, io.BytesIO, io.StringIO)
"""Files that know by themselves whether they are closed."""


def closed_or_open(state: object) -> Judgement | None:
    """Closed is dead by contract; open is a fact; no answer is none."""
    if type(state) is not bool:
        return None
    return dead("closed") if state else undecided("never closed", State.OPEN)


def closed_file_is_dead(subject: object) -> Judgement | None:
    """A closed file's use is over, by its contract."""
    innermost = subject
    for layer in ("buffer", "raw"):
        inner = _io_field(innermost, layer)
        innermost = inner if inner is not None else innermost
    # A buffer's own `closed` asks the raw file, which may be a class of the program.
    kinds = [base for base in mro(type(innermost)) for cls in FILES if base is cls]
    if not kinds:
        return None
    answer = closed_or_open(_io_field(innermost, "closed"))
    in_memory = kinds[0] is not io.FileIO
    return None if in_memory and answer and answer.state == State.OPEN else answer


def _io_field(subject: object, name: str) -> object:
    """A C field of a class of `_io`, or None where there is none or it is empty."""
    for cls in mro(type(subject)):
        if module_name(cls) == "_io" and is_exactly(class_attribute(cls, name), C_FIELDS):
            return c_field(subject, cls, name)
    return None


def closed_socket_is_dead(subject: object) -> Judgement | None:
    """A socket cannot be opened again; a slot of `socket.socket` says whether it is closed."""
    base = base_of(subject, "socket", "socket")
    return closed_or_open(c_field(subject, base, "_closed")) if base is not None else None


def closed_mapping_is_dead(subject: object) -> Judgement | None:
    """A closed `mmap` cannot be opened again."""
    base = base_of(subject, "mmap", "mmap")
    return closed_or_open(c_field(subject, base, "closed")) if base is not None else None


def closed_database_is_dead(subject: object) -> Judgement | None:
    """A closed connection to SQLite cannot be opened again."""
    base = base_of(subject, "_sqlite3", "Connection") or base_of(subject, "sqlite3", "Connection")
    refused: Any = class_of("sqlite3", "ProgrammingError")
    if base is None or refused is None:
        return None
    try:
        # The C getter refuses when the connection is closed, and also before `__init__`.
        class_attribute(base, "total_changes").__get__(subject)
    except refused as error:
        return dead("closed") if "closed database" in str(error) else None
    return closed_or_open(False)


def closed_selector_is_dead(subject: object) -> Judgement | None:
    """A closed selector has let go of its map."""
    if base_of(subject, "selectors", "_BaseSelectorImpl") is None:
        return None
    return closed_or_open(attribute(subject, "_map") is None)


def closed_temporary_file_is_dead(subject: object) -> Judgement | None:
    """The wrapper of a temporary file is as dead as the file in it."""
    if base_of(subject, "tempfile", "_TemporaryFileWrapper", "SpooledTemporaryFile") is None:
        return None
    file = attribute(subject, "file")
    return closed_file_is_dead(file if file is not None else attribute(subject, "_file"))


def removed_folder_is_dead(subject: object) -> Judgement | None:
    """A temporary folder whose finalizer has run, or was detached, has been cleaned up."""
    if base_of(subject, "tempfile", "TemporaryDirectory") is None:
        return None
    finalizer = attribute(subject, "_finalizer")
    kind = class_of("weakref", "finalize")
    if kind is None or type(finalizer) is not kind:
        return None
    if _is_pending(finalizer, kind):
        return undecided("not cleaned up", State.OPEN)
    return dead("cleaned up")


def _is_pending(finalizer: object, kind: type) -> bool:
    return any(known is finalizer for known, _ in entries(class_attribute(kind, "_registry")))


def finished_process_is_told(subject: object) -> Judgement | None:
    """A process that has ended; it may be kept for its return code."""
    if base_of(subject, "subprocess", "Popen") is None:
        return None
    if type(attribute(subject, "returncode")) is int:
        return undecided("the process has ended")
    return undecided("the process runs, or was never waited for")


def closed_handler_is_dead(subject: object) -> Judgement | None:
    """A log handler that was closed has given its stream away."""
    if base_of(subject, "logging", "Handler") is None:
        return None
    return dead("closed") if attribute(subject, "_closed") is True else None


def cleared_reference_is_dead(subject: object) -> Judgement | None:
    """A weak reference whose object is gone is of no use to anybody."""
    if not inherits(type(subject), ReferenceType):
        return None
    reference: Any = subject
    return dead("its object is gone") if ReferenceType.__call__(reference) is None else None


def finalizer_is_told(subject: object) -> Judgement | None:
    """An object whose class has a `__del__` written in Python."""
    for cls in mro(type(subject)):
        if type(class_attribute(cls, "__del__")) is FunctionType:
            return undecided("its class has `__del__`", State.FINALIZER)
    return None


INSPECTORS: dict[str, Inspector] = {
    "_io._IOBase": closed_file_is_dead,
    "socket.socket": closed_socket_is_dead,
    "mmap.mmap": closed_mapping_is_dead,
    "sqlite3.Connection": closed_database_is_dead,
    "selectors._BaseSelectorImpl": closed_selector_is_dead,
    "tempfile._TemporaryFileWrapper": closed_temporary_file_is_dead,
    "tempfile.SpooledTemporaryFile": closed_temporary_file_is_dead,
    "tempfile.TemporaryDirectory": removed_folder_is_dead,
    "subprocess.Popen": finished_process_is_told,
    "logging.Handler": closed_handler_is_dead,
    "weakref.ReferenceType": cleared_reference_is_dead,
    "builtins.object": finalizer_is_told,
}
"""By the name of the class that they judge instances of."""
