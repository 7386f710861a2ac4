"""Transformed test sets: the same windows, each moved by a random element of a symmetry."""

import numpy as np
import torch
from torch import Tensor

from symdyn_core.datasets.batches import Batch, Indices, WindowSource
from symdyn_core.grid import Element
from symdyn_core.symmetries import Symmetry


class Transformed:
    """Windows under a symmetry, made when they are asked for.

    The element of a window depends on (seed, index) only: not on the order, the batch size or the
    machine, so that a test set needs no files. Input and target frames move together (Wang et al.
    2021, Sec. 4: one draw for each sample).

    Args:
        windows: the windows to move.
        symmetry: the group; measure velocities in its elements with
            ``symmetry.in_units_of(schema.rms(flow))``.
        seed: another seed gives another test set.

    Raises:
        ValueError: windows with scalars, whose law of transformation no file tells: buoyancy
            grows with the square of a velocity, a dye does not.
    """

    def __init__(self, windows: WindowSource, symmetry: Symmetry, seed: int = 0):
        if getattr(windows, "scalars", ()):
            raise ValueError(
                "Expected windows of velocities alone, got scalars beside them, of which a "
                "symmetry does not tell how they change. Leave the scalars out of the windows."
            )
        self.windows, self.symmetry, self.seed = windows, symmetry, seed
        self.past, self.future, self.members = windows.past, windows.future, windows.members
        self.grid, self.grids = windows.grid, windows.grids

    def __len__(self) -> int:
        return len(self.windows)

    def start_of(self, index: int) -> tuple[int, int]:
        """(member, index of the first frame) of a window."""
        return self.windows.start_of(index)

    def element(self, index: int) -> Element:
        """The element that moves window ``index``."""
        state = np.random.SeedSequence((self.seed, index)).generate_state(1, np.uint64)[0]
        # Torch takes seeds as signed 64-bit integers.
        generator = torch.Generator().manual_seed(int(state >> np.uint64(1)))
        return self.symmetry.random_element(generator)

    def batch(self, indices: Indices) -> Batch:
        """Gather windows by index and move each by its own element."""
        return self.moved(self.windows.batch(indices), indices)

    def moved(self, batch: Batch, indices: Indices) -> Batch:
        """The windows ``indices`` of what lies beneath, gathered already, each moved.

        Args:
            batch: what ``windows.batch(indices)`` gave, on any device; it is moved there.
            indices: which windows they are; they decide the elements.
        """
        w, water = batch.w, batch.water
        moved, masks = [], []
        for sample, index in enumerate(torch.as_tensor(indices).reshape(-1).tolist()):
            member, _ = self.start_of(index)
            window, valid = self._moved(w[sample], self.element(index), member)
            moved.append(window)
            masks.append(valid)
        _check_shapes(moved, self.symmetry)
        return Batch(torch.stack(moved), _merged(masks, land=water is not None))

    def _moved(self, w: Tensor, element: Element, member: int) -> tuple[Tensor, Tensor]:
        grid = self.grids[member]
        moved, valid = self.symmetry.act_on_field(element, w, grid, self.future)
        if grid.water is not None:
            # Land is 0 in every window, also where the symmetry adds a velocity. A frame that is
            # unknown altogether (from beyond the window) has no land to mark.
            moved = torch.where(valid | ~valid.any((-1, -2), keepdim=True), moved, 0.0)
        return moved, valid


def _check_shapes(windows: list[Tensor], symmetry: Symmetry) -> None:
    shapes = {tuple(window.shape[-2:]) for window in windows}
    if len(shapes) > 1:
        raise ValueError(
            f"The symmetry {symmetry.name} changes the shape of these windows to "
            f"{sorted(shapes)}, which fit into no batch. Cut the flow into squares first: "
            "schema.cut_squares(flow, size)."
        )


def _merged(masks: list[Tensor], land: bool) -> Tensor | None:
    """The masks of all samples; one time for all if they do not change, None if all is valid."""
    water = torch.stack(masks)
    if not land and bool(water.all()):
        return None
    if bool((water == water[:, :1]).all()):
        return water[:, :1].contiguous()
    return water
