"""A stand-in for the client of Copernicus Marine: the same signature, archives made on the spot."""

import inspect
from dataclasses import dataclass, field

import dask.array
import numpy as np
import pandas as pd
import xarray as xr

from symdyn_core.datasets import copernicus

ANALYSIS, REANALYSIS, INTERIM = copernicus.SURFACE_CURRENTS
SPANS = {
    ANALYSIS: ("2022-06-01", "2022-12-31"),
    REANALYSIS: ("2015-12-01", "2021-06-30"),
    INTERIM: ("2021-07-01", "2022-08-31"),
}
DEPTHS = np.array([0.494, 1.54, 2.65])
USED = (
    *("dataset_id", "variables", "start_datetime", "end_datetime"),
    *("minimum_longitude", "maximum_longitude", "minimum_latitude", "maximum_latitude"),
)
"""Arguments of ``open_dataset`` that the package passes."""


class DatasetNotFound(Exception):
    """The client's own error, of no common base."""


def velocity(days: np.ndarray, depth: np.ndarray, latitude: np.ndarray, longitude: np.ndarray):
    """(u, v) ``time depth latitude longitude``; land where 3 divides row plus column."""
    t, z, y, x = np.meshgrid(days, depth, latitude, longitude % 360, indexing="ij")
    land = (np.round(y * 4) + np.round(x * 4)) % 3 == 0
    u = np.where(land, np.nan, np.sin(y / 3 + x / 5 + t / 7) + z)
    return u, np.where(land, np.nan, 0.5 * np.cos(x / 2 - y + t / 9) - z)


@dataclass
class Client:
    """The module ``copernicusmarine``, with failures to order.

    Attributes:
        failures: errors that are raised, one for each further read of values.
        holes: times of reads (counted from 0) that come back without numbers in half the field.
        reads: (first frame, frames) of every read so far.
        step: degrees between two cells.
        chunk: frames that are stored together.
    """

    failures: list[Exception] = field(default_factory=list)
    holes: set[int] = field(default_factory=set)
    reads: list[tuple[int, int]] = field(default_factory=list)
    requests: list[dict] = field(default_factory=list)
    spans: dict[str, tuple[str, str]] = field(default_factory=lambda: dict(SPANS))
    step: float = 0.25
    chunk: int = 8
    logged_in: bool = True
    __version__: str = "2.5.0"

    def open_dataset(
        self,
        dataset_id: str,
        *,
        variables: list[str] | None = None,
        minimum_longitude: float | None = None,
        maximum_longitude: float | None = None,
        minimum_latitude: float | None = None,
        maximum_latitude: float | None = None,
        start_datetime: str | None = None,
        end_datetime: str | None = None,
    ) -> xr.Dataset | None:
        """A lazy subset, as the client gives it: nearest cells where none are inside."""
        self.requests.append({"dataset_id": dataset_id, "variables": variables})
        if not self.logged_in:
            print("Abort")
            return None
        if dataset_id not in self.spans:
            raise DatasetNotFound(f"{dataset_id} was not found")
        days = pd.date_range(*self.spans[dataset_id])
        kept = days[(days >= pd.Timestamp(start_datetime)) & (days <= pd.Timestamp(end_datetime))]
        days = kept if len(kept) else days[:1]
        latitude = np.arange(-60.0, 60.0, self.step)
        latitude = latitude[(latitude >= minimum_latitude) & (latitude <= maximum_latitude)]
        longitude = np.arange(minimum_longitude, maximum_longitude + 1e-9, self.step)
        return self._lazy(dataset_id, days, latitude, longitude, variables or ["uo", "vo", "wo"])

    def _lazy(self, dataset_id, days, latitude, longitude, names) -> xr.Dataset:
        since = (days - pd.Timestamp("2016-01-01")).days.to_numpy(np.float64)
        shape = (len(days), len(DEPTHS), len(latitude), len(longitude))
        coords = {
            "time": days,
            "depth": ("depth", DEPTHS, {"units": "m", "positive": "down"}),
            "latitude": ("latitude", latitude, {"units": "degrees_north"}),
            "longitude": ("longitude", longitude, {"units": "degrees_east"}),
        }
        dataset = xr.Dataset(coords=coords, attrs={"copernicusmarine_version": self.__version__})
        for component, name in enumerate(names):
            values = _Stored(self, since, latitude, longitude, component % 2, shape)
            lazy = dask.array.from_array(
                values,
                chunks=(self.chunk, 1, -1, -1),
                asarray=False,
                meta=np.empty((0,) * 4, np.float32),
            )
            dataset[name] = (tuple(coords), lazy, {"units": "m s-1"})
            dataset[name].encoding = {
                "preferred_chunks": dict(zip(coords, (self.chunk, 1, 512, 512), strict=True)),
                "dtype": np.dtype(np.int16),
            }
        return dataset


class _Stored:
    """What Dask takes for an array; counts what is read of it."""

    def __init__(self, client, since, latitude, longitude, component, shape):
        self.client, self.since, self.component = client, since, component
        self.latitude, self.longitude, self.shape = latitude, longitude, shape
        self.dtype, self.ndim = np.dtype(np.float32), 4

    def __getitem__(self, index):
        times, depths, rows, columns = index
        client, start = self.client, times.indices(self.shape[0])
        if client.failures:
            raise client.failures.pop(0)
        client.reads.append((start[0], start[1] - start[0]))
        fields = velocity(
            self.since[times], DEPTHS[depths], self.latitude[rows], self.longitude[columns]
        )
        found = fields[self.component].astype(np.float32)
        if len(client.reads) - 1 in client.holes:
            found[..., : found.shape[-1] // 2] = np.nan
        return found


def missing_arguments(function) -> set[str]:
    """Arguments that the package passes and ``function`` does not take."""
    return set(USED) - set(inspect.signature(function).parameters)
