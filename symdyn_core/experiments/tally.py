"""What is summed up over batches of forecasts, and the table that it makes."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
import xarray as xr
from torch import Tensor

from symdyn_core import metrics, spectra
from symdyn_core.datasets.rollouts import Forecasts
from symdyn_core.grid import Grid
from symdyn_core.metrics import ErrorSums

LABELS = {
    "rmse": ("root mean square error of a velocity component", "{velocity}"),
    "rmse_by_lead": ("root mean square error of a velocity component", "{velocity}"),
    "persistence_rmse": ("root mean square error of persistence", "{velocity}"),
    "persistence_rmse_by_lead": ("root mean square error of persistence", "{velocity}"),
    "correlation": ("pattern correlation with the truth", "1"),
    "ese": ("energy spectrum error, spectra compared sample by sample", "1"),
    "ese_of_mean_spectra": ("energy spectrum error, log spectra averaged over samples", "1"),
    "energy_spectrum": ("energy spectrum of the last forecast frame", "({velocity})2"),
    "truth_energy_spectrum": ("energy spectrum of the last true frame", "({velocity})2"),
    "numbers": ("valid velocity components", "1"),
    "lead_time": ("lead time", "{time}"),
    "wavenumber": ("wavenumber", "rad/({length})"),
}
"""Name -> (long name, unit)."""


class Tally:
    """Sums over forecasts, added batch by batch."""

    def __init__(self, grid: Grid, steps: int):
        # One window for both axes of a channel, so that its turned copies have the same spectra.
        both = grid.periodic_y and grid.periodic_x
        self.grid = grid.with_(periodic_y=both, periodic_x=both, water=None)
        self.steps = steps
        self.windows = 0
        zero = torch.zeros(steps, dtype=torch.float64)
        self.errors, self.persistence = ErrorSums(zero, zero), ErrorSums(zero, zero)
        self.correlation = zero
        # One row per window: small enough to keep.
        self.turbulence: list[tuple[Tensor, Tensor]] = []
        self.energy: list[tuple[Tensor, Tensor]] = []

    def add(self, batch: Forecasts) -> None:
        """Count the forecasts of some windows."""
        forecast, truth, now, water = batch
        repeated = now[:, None].expand_as(truth)
        count = forecast.shape[0]
        self.windows += count
        self.errors += metrics.squared_error_sums(forecast, truth, water).map(Tensor.cpu)
        self.persistence += metrics.squared_error_sums(repeated, truth, water).map(Tensor.cpu)
        self.correlation = self.correlation + (
            count * metrics.correlation(forecast, truth, water).cpu()
        )
        last = None if water is None else water[:, -1]
        pairs = [spectra.turbulence_spectrum(w, self.grid, water).cpu() for w in (forecast, truth)]
        self.turbulence.append((pairs[0], pairs[1]))
        pairs = [
            spectra.energy_spectrum(w[:, -1], self.grid, last).cpu() for w in (forecast, truth)
        ]
        self.energy.append((pairs[0], pairs[1]))

    def dataset(self, units: Mapping[str, Any]) -> xr.Dataset:
        """The table, with units from the attributes of a flow."""
        forecast, truth = (torch.cat(parts) for parts in zip(*self.turbulence, strict=True))
        energies = [torch.cat(parts).double().mean(0) for parts in zip(*self.energy, strict=True)]
        by_lead, by_ring = ("lead_time",), ("wavenumber",)
        table = xr.Dataset(
            {
                "rmse": self.errors.rmse(),
                "rmse_by_lead": (by_lead, self.errors.rmse_by_lead().numpy()),
                "persistence_rmse": self.persistence.rmse(),
                "persistence_rmse_by_lead": (by_lead, self.persistence.rmse_by_lead().numpy()),
                "correlation": (by_lead, (self.correlation / self.windows).numpy()),
                "ese": spectra.ese_per_sample(forecast, truth),
                "ese_of_mean_spectra": spectra.ese_of_mean_spectra(forecast, truth),
                "energy_spectrum": (by_ring, energies[0].numpy()),
                "truth_energy_spectrum": (by_ring, energies[1].numpy()),
                "numbers": (by_lead, self.errors.count.numpy().astype(np.int64)),
            },
            coords={
                "lead_time": self.grid.dt * np.arange(1, self.steps + 1),
                "wavenumber": spectra.wavenumbers(self.grid).numpy(),
            },
            attrs={"windows": self.windows},
        )
        return _labelled(table, units)


def _labelled(table: xr.Dataset, units: Mapping[str, Any]) -> xr.Dataset:
    known = {name: units.get(f"{name}_unit", "1") for name in ("velocity", "length", "time")}
    for name, (long_name, unit) in LABELS.items():
        text = unit.format(**known).replace("(1)2", "1").replace("rad/(1)", "rad")
        table[name].attrs = {"long_name": long_name, "units": text}
    return table
