"""The options of commands that write a heap to a file."""

import argparse
import re

from leakwatch.snapshots.contents import KEYS, MASKED, Contents

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}
BYTES = re.compile(r"(\d{1,15})\s*(?:([KMGT]?)(?:iB|B)?)", re.ASCII | re.IGNORECASE)


def add_heap_options(parser: argparse.ArgumentParser, prefix: str = "--") -> None:
    """Add what is to be in the file.

    Args:
        parser: of the command.
        prefix: of the flags, where `--keys` alone would not tell what they are of.
    """
    parser.add_argument(
        f"{prefix}keys",
        dest="heap_keys",
        choices=KEYS,
        default=MASKED,
        help="keys of dicts in the heap: masked as in reports, or none (default: %(default)s)",
    )
    parser.add_argument(
        f"{prefix}max-bytes",
        dest="heap_max_bytes",
        metavar="SIZE",
        type=number_of_bytes,
        help="write no heap that would be larger: 500M, 2G, or bytes",
    )


def contents_of(arguments: argparse.Namespace) -> Contents:
    """What was asked for."""
    return Contents(arguments.heap_keys, arguments.heap_max_bytes)


def number_of_bytes(text: str) -> int:
    """`500M` as a number; K, M, G and T are powers of 1,024."""
    found = BYTES.fullmatch(text)
    number = int(found[1]) * UNITS[found[2].upper()] if found else 0
    if number < 1:
        raise argparse.ArgumentTypeError("expected a size such as 500M or 2G")
    return number
