"""Steerable layers of e2cnn and escnn, where they are installed: peers to be measured against.

e2cnn comes with the extra ``bench``; escnn needs a Fortran compiler and an environment of its own.
Source: Weiler & Cesa, General E(2)-Equivariant Steerable CNNs (2019); Cesa, Lang & Weiler (2022).
"""

import importlib
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType

import numpy
from torch import Tensor, nn

from symdyn_core.layers.convolution import activate
from symdyn_core.layers.planar_groups import PlanarGroup

LIBRARIES = ("e2cnn", "escnn")


@dataclass(frozen=True)
class Peer:
    """A library of steerable convolutions.

    Attributes:
        name: e2cnn or escnn.
        spaces, layers: its modules ``gspaces`` and ``nn``.
    """

    name: str
    spaces: ModuleType
    layers: ModuleType

    def space(self, group: PlanarGroup):
        """The plane with a group, mirrored as (x, y) -> (x, -y)."""
        turned = "Rot2dOnR2" if self.name == "e2cnn" else "rot2dOnR2"
        mirrored = "FlipRot2dOnR2" if self.name == "e2cnn" else "flipRot2dOnR2"
        with quiet():
            if group.mirrored:
                return getattr(self.spaces, mirrored)(group.order, axis=0.0)
            return getattr(self.spaces, turned)(group.order)

    def functions(self, group: PlanarGroup, width: int):
        """The type of ``width`` functions on the group."""
        space = self.space(group)
        return self.layers.FieldType(space, width * [space.regular_repr])

    def vectors(self, group: PlanarGroup):
        """The type of one vector (u, v)."""
        space = self.space(group)
        return self.layers.FieldType(
            space, [space.irrep(1, 1) if group.mirrored else space.irrep(1)]
        )

    def convolution(self, source, target, kernel_size: int, **options) -> nn.Module:
        """Its convolution between two types, at equal resolution with replicated edges."""
        with quiet():
            return self.layers.R2Conv(
                source,
                target,
                kernel_size,
                padding=kernel_size // 2,
                padding_mode="replicate",
                **options,
            )

    def layer(self, group: PlanarGroup, width: int, kernel_size: int) -> nn.Module:
        """Its counterpart of the rotation kit's ``convolve``: plain tensors in and out."""
        functions = self.functions(group, width)
        return PeerLayer(
            self.convolution(functions, functions, kernel_size),
            lambda h: self.layers.GeometricTensor(h, functions),
        )


class PeerLayer(nn.Module):
    """A convolution of another library with our activation.

    Args:
        convolution: acts on the library's labelled tensors.
        label: makes a labelled tensor of a plain one.
    """

    def __init__(self, convolution: nn.Module, label: Callable[[Tensor], object]):
        super().__init__()
        self.convolution, self.label = convolution, label

    def forward(self, h: Tensor) -> Tensor:
        return activate(self.convolution(self.label(h)).tensor)


def peers() -> tuple[list[Peer], list[dict]]:
    """The libraries that can be imported, and for the others the reason why not."""
    found, skipped = [], []
    for name in LIBRARIES:
        try:
            with quiet():
                parts = [importlib.import_module(f"{name}.{part}") for part in ("gspaces", "nn")]
                if name == "e2cnn":
                    _bring_to_numpy_two()
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
            skipped.append({"what": name, "reason": " ".join(reason.split())})
        else:
            found.append(Peer(name, *parts))
    return found, skipped


class NumpyOne:
    """numpy as e2cnn 0.2.3 knows it: ``array(copy=False)`` copies where it has to."""

    def __getattr__(self, name: str):
        return getattr(numpy, name)

    @staticmethod
    def array(values, copy: bool = True, **options) -> numpy.ndarray:
        return numpy.array(values, **options) if copy else numpy.asarray(values, **options)


def _bring_to_numpy_two() -> None:
    """Let e2cnn 0.2.3 build kernels of D_n, which numpy 2 would refuse twice."""
    vars(importlib.import_module("e2cnn.kernels.utils"))["np"] = NumpyOne()
    solution = importlib.import_module(
        "e2cnn.kernels.irreps_basis"
    ).R2FlipsDiscreteRotationsSolution
    solution.__hash__ = lambda self: hash((self.in_irrep, self.out_irrep, self.mu.tobytes()))


@contextmanager
def quiet() -> Iterator[None]:
    """Leave out warnings of libraries that are older than the torch and scipy beneath them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
