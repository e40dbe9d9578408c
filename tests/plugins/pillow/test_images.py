"""An image weighs its pixels, once they are loaded."""

import io

import pytest

from leakwatch.heap.of_class import loaded_calls
from leakwatch.paths.sizes import size_of_groups
from leakwatch_pillow import leakwatch_sizeof

Image = pytest.importorskip("PIL.Image")


def size_of(image):
    return size_of_groups([[image]], loaded_calls(leakwatch_sizeof()))


@pytest.mark.parametrize(
    ("mode", "pixels"),
    [("RGB", 4_000), ("RGBA", 4_000), ("L", 1_000), ("P", 1_000), ("I;16", 2_000), ("F", 4_000)],
)
def test_an_image_weighs_its_pixels(mode, pixels):
    assert 100 * pixels <= size_of(Image.new(mode, (1_000, 100))) < 100 * pixels + 1_000


def test_an_image_that_is_not_loaded_weighs_none_yet():
    file = io.BytesIO()
    Image.new("RGB", (1_000, 100)).save(file, "png")
    image = Image.open(file)
    assert size_of(image) < 1_000
    image.load()
    assert size_of(image) > 400_000
