"""Pillow's images: the bytes of their pixels.

PYTEST_DONT_REWRITE: imported before pytest or after, this package is the same.
"""

from collections.abc import Iterable
from gc import get_referents

from leakwatch import hookimpl
from leakwatch.extending import Buffer, OfClass, SharedSize, Size, c_field, shallow_size, type_name

__all__ = ["leakwatch_sizeof"]

CORE = "ImagingCore"
BYTES_OF_A_PIXEL = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
"""By mode; all others take four, with padding where they have three bands."""
ROWS_END_AT = 4
"""A row has a multiple of so many bytes."""


@hookimpl
def leakwatch_sizeof() -> Iterable[OfClass[Size]]:
    """Images with their pixels, once they are loaded."""
    return [OfClass("PIL.Image", "Image", size_with_pixels)]


def size_with_pixels(image: object) -> SharedSize:
    """Bytes of an image and of the pixels that it refers to, which another may share."""
    cores = [found for found in get_referents(image) if type_name(type(found)) == CORE]
    return SharedSize(shallow_size(image), [pixels(core) for core in cores])


def pixels(core: object) -> Buffer:
    """The memory of the pixels behind an image."""
    size = c_field(core, type(core), "size")
    width, height = size if type(size) is tuple else (0, 0)
    row = width * BYTES_OF_A_PIXEL.get(c_field(core, type(core), "mode"), 4)
    return Buffer(id(core), height * (-(-row // ROWS_END_AT) * ROWS_END_AT))
