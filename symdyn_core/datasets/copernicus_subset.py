"""Which currents of the Copernicus Marine Service to fetch: products, regions, dates, depth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from symdyn_core.datasets.positions import Region

SURFACE_CURRENTS = {
    "cmems_mod_glo_phy-cur_anfc_0.083deg_P1D-m": (
        "GLOBAL_ANALYSISFORECAST_PHY_001_024",
        "analysis and forecast, an archive of some recent years that moves on",
        "https://doi.org/10.48670/moi-00016",
    ),
    "cmems_mod_glo_phy_my_0.083deg_P1D-m": (
        "GLOBAL_MULTIYEAR_PHY_001_030",
        "multi-year reanalysis, from 1993",
        "https://doi.org/10.48670/moi-00021",
    ),
    "cmems_mod_glo_phy_myint_0.083deg_P1D-m": (
        "GLOBAL_MULTIYEAR_PHY_001_030",
        "interim extension of the reanalysis",
        "https://doi.org/10.48670/moi-00021",
    ),
}
"""Daily means of currents on the whole ocean at 1/12 degree, in the order in which they are tried:
dataset, (product, what it is, where it is described)."""

LICENCE = "Copernicus Marine Service licence: cite the product and its DOI"


@dataclass(frozen=True)
class OceanSubset:
    """Which currents to fetch.

    Attributes:
        region: (west, south, east, north) in degrees; it may cross any meridian.
        period: first and last date, both included.
        depth: depth [m]; the nearest level is taken.
        dataset_id: of Copernicus Marine; None: the first of SURFACE_CURRENTS that holds the period.
        variables: eastward and northward velocity, where they are not recognised.
    """

    region: Region
    period: tuple[str, str]
    depth: float | int = 0.0
    dataset_id: str | None = None
    variables: tuple[str, str] | None = None

    def __post_init__(self) -> None:
        west, south, east, north = self.region
        if not -90 <= south < north <= 90 or west == east or not np.isfinite(west + east):
            raise ValueError(
                f"Expected a region (west, south, east, north) in degrees, got {self.region}. "
                "South is less than north, and both lie between -90 and 90."
            )
        first, last = self.bounds
        if first > last:
            raise ValueError(f"Expected the first date before the last, got {self.period}.")

    @property
    def bounds(self) -> tuple[pd.Timestamp, pd.Timestamp]:
        """The first and the last moment of the period; a day or a month counts as a whole.

        Raises:
            ValueError: no dates.
        """
        try:
            return pd.Period(self.period[0]).start_time, pd.Period(self.period[1]).end_time
        except ValueError:
            raise ValueError(
                f"Expected two dates such as 2016-01-01 and 2017-08-18, got {self.period}."
            ) from None


TRAINING_PERIOD = ("2016-01-01", "2017-08-18")

PRESETS = {
    "atlantic": OceanSubset((-44.0, 25.0, -23.0, 46.0), TRAINING_PERIOD),
    "indian": OceanSubset((55.0, -39.0, 76.0, -18.0), TRAINING_PERIOD),
    "north_pacific": OceanSubset((-174.0, 5.0, -153.0, 26.0), TRAINING_PERIOD),
    "south_pacific": OceanSubset((-180.0, -59.0, -159.0, -40.0), ("2016-01-01", "2016-12-15")),
}
"""Regions and dates of Wang, Walters & Yu (ICLR 2021): three oceans to train, a fourth to test."""


def description_of(dataset_id: str) -> dict[str, str]:
    """Product, description and licence of a dataset, for the provenance of its data."""
    product, what, doi = SURFACE_CURRENTS.get(dataset_id, ("", "", ""))
    known = {"product": product, "about": what, "doi": doi} if product else {}
    return {"service": "Copernicus Marine", "dataset": dataset_id, **known, "licence": LICENCE}
