"""A tensor weighs the storage that it shows, which views share; a device's memory counts apart."""

import sys

import pytest

import leakwatch
from leakwatch import session
from leakwatch.heap.of_class import OfClass, loaded_calls
from leakwatch.paths.sizes import Buffer, SharedBuffers, SharedSize, bytes_of_groups
from leakwatch_torch import leakwatch_sizeof, storages

torch = pytest.importorskip("torch")

STORAGE = 4 * 1_000


def bytes_of(*tensors):
    groups = [[tensor] for tensor in tensors]
    return bytes_of_groups(groups, loaded_calls(leakwatch_sizeof()), SharedBuffers())


def test_views_weigh_their_storage_once_and_fully():
    whole = torch.ones(1_000)
    view, other = whole[:3], whole[5:]
    assert STORAGE <= bytes_of(view).process < STORAGE + 500
    assert STORAGE <= bytes_of(view, other).process < STORAGE + 1_000
    assert bytes_of(torch.ones(1_000), torch.ones(1_000)).process > 2 * STORAGE


def test_a_parameter_weighs_its_gradient_too():
    layer = torch.nn.Linear(1_000, 1, bias=False)
    assert bytes_of(layer.weight).process < 2 * STORAGE
    layer(torch.ones(1, 1_000)).sum().backward()
    assert bytes_of(layer.weight).process > 2 * STORAGE


def test_what_has_no_storage_weighs_itself():
    for tensor in (torch.eye(3).to_sparse(), torch.ones(1_000, device="meta")):
        assert bytes_of(tensor).process < 500


def test_a_subclass_runs_no_code_of_its_own():
    class Trap(torch.Tensor):
        @classmethod
        def __torch_function__(cls, function, types, args=(), kwargs=None):
            if sys._getframe(1).f_globals["__name__"].startswith("leakwatch"):
                raise AssertionError("user code ran")
            return super().__torch_function__(function, types, args, kwargs)

    assert bytes_of(torch.ones(1_000).as_subclass(Trap)).process >= STORAGE


class OnDevice:
    """Stands for a storage on a device, of which there is none here."""

    _cdata = 7
    device = type("device", (), {"type": "cuda"})

    @staticmethod
    def nbytes():
        return STORAGE


class Base:
    """Stands for the class of tensors."""

    class _grad:
        __get__ = staticmethod(lambda tensor: None)

    @staticmethod
    def untyped_storage(tensor):
        return OnDevice


def test_memory_of_a_device_is_no_memory_of_the_process():
    (buffer,) = storages(object(), Base)
    assert buffer == Buffer(7, STORAGE, on_device=True)


class Tensor:
    """Stands for a tensor on a device."""


KEPT = []


def on_a_device(tensor):
    return SharedSize(64, [Buffer(id(tensor), 1 << 20, on_device=True)])


def test_a_leak_tells_what_it_retains_on_devices_apart(monkeypatch):
    def calls(offered):
        sizers = any(it.module == "torch" for it in offered if type(it) is OfClass)
        return [(id(Tensor), on_a_device)] if sizers else []

    monkeypatch.setattr(session, "loaded_calls", calls)
    with leakwatch.scope("step", types=[Tensor], on_leak="log") as scope:
        KEPT.extend(Tensor() for _ in range(3))
    (leak,) = scope.report.leaks
    assert (leak.retained_bytes, leak.device_bytes) == (192, 3 << 20)
    assert "3 objects, 192 B retained, 3.0 MiB on devices\n" in str(scope.report)
    assert "192 B retained, 3.0 MiB on devices, signature" in str(scope.report)
