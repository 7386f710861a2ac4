"""How much memory a training step needs at its peak.

On a GPU the allocator keeps the record. A processor has none that is comparable, so the bytes of
all living tensors are counted after every operation of the forward and the backward pass: what
autograd saves counts as long as it is saved, views count once, the scratch memory inside an
operation does not count. The number is the same at every run and on every machine.
"""

import weakref
from collections.abc import Callable, Iterable

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class LiveTensors(TorchDispatchMode):
    """Counts the bytes of tensors made while it is active, now and at the peak.

    Attributes:
        live: bytes of the tensors made so far that are still alive.
        peak: the largest ``live`` so far.
    """

    def __init__(self) -> None:
        super().__init__()
        self.live = self.peak = 0
        self._seen: dict[int, weakref.ref] = {}

    def __torch_dispatch__(self, function, types, arguments=(), keywords=None):
        given = {id(s) for s in _storages((arguments, keywords))}
        result = function(*arguments, **(keywords or {}))
        for storage in _storages(result):
            if id(storage) not in given and id(storage) not in self._seen:
                self._add(storage)
        return result

    def _add(self, storage: torch.UntypedStorage) -> None:
        key, size = id(storage), storage.nbytes()

        def freed(_: weakref.ref) -> None:
            del self._seen[key]
            self.live -= size

        self._seen[key] = weakref.ref(storage, freed)
        self.live += size
        self.peak = max(self.peak, self.live)


def peak_bytes(step: Callable[[], object], resident: Iterable[Tensor]) -> int:
    """Bytes in use at the peak of ``step``, with those of ``resident`` tensors that it works on.

    Args:
        step: the work, for instance a forward and a backward pass.
        resident: tensors that exist before: parameters, buffers, inputs.
    """
    tensors = list(resident)
    held = sum(storage.nbytes() for storage in _storages(tensors))
    device = tensors[0].device if tensors else torch.device("cpu")
    if device.type == "cuda":
        torch.cuda.synchronize(device)
        torch.cuda.reset_peak_memory_stats(device)
        before = torch.cuda.memory_allocated(device)
        step()
        torch.cuda.synchronize(device)
        return held + torch.cuda.max_memory_allocated(device) - before
    with LiveTensors() as counter:
        step()
    return held + counter.peak


def saved_bytes(forward: Callable[[], object], resident: Iterable[Tensor]) -> int:
    """Bytes of the tensors that autograd keeps for the backward pass, without ``resident`` ones."""
    excluded = {storage.data_ptr() for storage in _storages(list(resident))}
    saved: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in excluded:
            saved[storage.data_ptr()] = storage.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        outcome = forward()
    del outcome
    return sum(saved.values())


def _storages(values: object) -> list[torch.UntypedStorage]:
    """The storages behind all tensors in nested ``values``, each once."""
    found = {}
    for leaf in tree_leaves(values):
        if isinstance(leaf, Tensor) and leaf.layout == torch.strided:
            storage = leaf.untyped_storage()
            found[id(storage)] = storage
    return list(found.values())
