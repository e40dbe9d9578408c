"""What a type checker has to understand of `weakrefs`; checked by `test_typing.py`, never run."""

from typing import assert_type

from weakrefs import (
    EphemeronDictionary,
    KeyedRef,
    WeakDefaultDictionary,
    WeakIdKeyDictionary,
    WeakIdSet,
    WeakKeyDictionary,
    WeakKeyValueDictionary,
    WeakList,
    WeakMethod,
    WeakOrderedSet,
    WeakRegistry,
    WeakSet,
    WeakValueDictionary,
    finalize,
    ref,
    weak_cached_method,
    weak_callback,
    weak_lru_cache,
)


class Image:
    def scale(self, factor: int) -> str:
        return ""

    @weak_cached_method
    def area(self, unit: int) -> float:
        return 1.0

    @weak_cached_method(maxsize=3)
    def length(self, unit: int) -> float:
        return 1.0


@weak_lru_cache
def size(image: Image) -> int:
    return 1


image = Image()

by_name: WeakValueDictionary[str, Image] = WeakValueDictionary()
by_name["a"] = image
by_name |= {"b": image}
assert_type(by_name["a"], Image)
assert_type(by_name.get("a"), Image | None)
assert_type(by_name.pop("a", None), Image | None)
assert_type(by_name.setdefault("a", image), Image)
assert_type(list(by_name.items()), list[tuple[str, Image]])
assert_type(by_name.valuerefs(), list[KeyedRef[str, Image]])
assert_type(WeakDefaultDictionary[str, Image](Image)["a"], Image)

notes = WeakKeyDictionary({image: 1})
assert_type(notes, WeakKeyDictionary[Image, int])
assert_type(notes.get(image, int("3")), int)
assert_type(notes.setdefault(image, int("3")), int)
assert_type(notes.keyrefs(), list[ref[Image]])
assert_type(WeakIdKeyDictionary([(image, int("1"))])[image], int)
assert_type(EphemeronDictionary([(image, str(image))])[image], str)
assert_type(WeakKeyValueDictionary([(image, image)])[image], Image)

images = WeakSet([image])
images |= {image}
assert_type(images | {image}, WeakSet[Image])
assert_type(WeakIdSet([image]), WeakIdSet[Image])
assert_type(WeakOrderedSet([image]).pop(), Image)
assert_type(WeakList([image])[0], Image)
assert_type(WeakList([image])[:1], list[Image])

method = WeakMethod(image.scale)()
if method is not None:
    assert_type(method(1), str)
assert_type(weak_callback(image.scale)(1), str | None)
registry = WeakRegistry[[int], str]()
registry.add(image.scale)
assert_type(registry(1), list[str])
finalize(image, print, 1, end="")

assert_type(image.area(1), float)
assert_type(image.length(1), float)
assert_type(size(image), int)
