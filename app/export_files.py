"""Numbers of a view as files: NetCDF and CSV."""

import tempfile
from pathlib import Path

import numpy as np
import xarray as xr

from symdyn_core.datasets.netcdf_lock import ONE_AT_A_TIME

PACKED = {"zlib": True, "complevel": 4}


def netcdf(view: xr.Dataset) -> bytes:
    """A dataset as NetCDF-4."""
    encoding = {name: PACKED for name, array in view.data_vars.items() if array.size > 1000}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "view.nc"
        with ONE_AT_A_TIME:  # other visitors may read NetCDF files just now
            view.to_netcdf(path, engine="netcdf4", encoding=encoding)
        return path.read_bytes()


def csv(view: xr.Dataset) -> bytes:
    """The scores by lead and the spectra, one number a line: table, lead, wavenumber, value."""
    lines = [f"# {name}: {_flat(view.attrs[name])}" for name in ("title", "source", "link")]
    lines.append("quantity,unit,lead,wavenumber,value")
    for name, array in view.data_vars.items():
        unit = _flat(array.attrs.get("units", "1"))
        if array.dims == ("lead",):
            lines += [
                f"{name},{unit},{lead},,{value:.9g}"
                for lead, value in zip(view["lead"].values, array.values, strict=True)
            ]
        elif str(array.dims[-1]).endswith("_ring") and not str(name).endswith("wavenumber"):
            lines += _rings(view, str(name), unit)
    return ("\n".join(lines) + "\n").encode()


def _rings(view: xr.Dataset, name: str, unit: str) -> list[str]:
    stem = "_".join(name.split("_")[:2])
    wavenumber, values = view[f"{stem}_wavenumber"].values, view[name].values
    return [
        f"{name},{unit},{lead},{k:.9g},{value:.9g}"
        for lead, row, line in zip(view["lead"].values, wavenumber, values, strict=True)
        for k, value in zip(row, line, strict=True)
        if np.isfinite(value)
    ]


def _flat(text: object) -> str:
    return str(text).replace(",", ";").replace("\n", " ")
